"""Named reads of families, by idea."""

from marelle.domain.families.queries.homes import (
    blocks_of,
    children_of,
    children_of_each,
    documents_of,
    health_documents_of,
    memberships_of,
    quotient_history,
    quotients_of,
)

__all__ = (
    "blocks_of",
    "children_of",
    "children_of_each",
    "documents_of",
    "health_documents_of",
    "memberships_of",
    "quotient_history",
    "quotients_of",
)
