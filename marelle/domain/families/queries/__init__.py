"""Named reads of families, by idea."""

from marelle.domain.families.queries.homes import (
    blocks_of,
    children_of,
    children_of_each,
    days_in_two_homes,
    documents_of,
    health_documents_of,
    lives_with,
    memberships_of,
    quotient_history,
    quotients_of,
)

__all__ = (
    "blocks_of",
    "children_of",
    "children_of_each",
    "days_in_two_homes",
    "documents_of",
    "health_documents_of",
    "lives_with",
    "memberships_of",
    "quotient_history",
    "quotients_of",
)
