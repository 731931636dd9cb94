"""Of whom an agent may know the health or the quotient: those whom her grants of these rights reach, nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from marelle.domain.families.rules.profile import FIELDS, Subject
from marelle.domain.reservations.queries.families import children_enrolled, enrollments_of, families_within
from marelle.web.office.surroundings import ROLES, reach

if TYPE_CHECKING:
    from collections.abc import Collection

    from marelle.web.doors import OfficeVisit


def health_products(visit: OfficeVisit) -> frozenset[int]:
    """Will return the products (keys) of which the agent knows the health of the children who come."""
    return reach(visit, ROLES.SEE_HEALTH).product_keys if visit.may(ROLES.SEE_HEALTH) else frozenset()


def whose_health(visit: OfficeVisit, children: Collection[int]) -> frozenset[int]:
    """Will return those of these children (keys) whose health the agent may know: enrolled within her reach."""
    if not children or not visit.may(ROLES.SEE_HEALTH):
        return frozenset()
    within = reach(visit, ROLES.SEE_HEALTH)
    if within.is_whole:
        return frozenset(children)
    enrolled = enrollments_of(children, on=visit.today).filter(activity__in=within.activity_keys)
    return frozenset(enrolled.values_list("child_id", flat=True))


def changes_known(visit: OfficeVisit) -> Q:
    """Will return what keeps, of the changes that families ask for, those that the agent may read.

    Those of what is known of the health of a child are for who may know it.
    """
    health = Q(field__in=[code for code, one in FIELDS.items() if one.subject is Subject.HEALTH])
    if not visit.may(ROLES.SEE_HEALTH):
        return ~health
    within = reach(visit, ROLES.SEE_HEALTH)
    if within.is_whole:
        return Q()
    return ~health | Q(child__in=children_enrolled(within.activity_keys, on=visit.today))


def whose_quotient(visit: OfficeVisit, families: Collection[int]) -> frozenset[int]:
    """Will return those of these families (keys) whose quotient the agent may know: with a child within her reach."""
    if not families or not visit.may(ROLES.SEE_QUOTIENT):
        return frozenset()
    within = reach(visit, ROLES.SEE_QUOTIENT)
    if within.is_whole:
        return frozenset(families)
    return frozenset(families_within(within).filter(pk__in=list(families)).values_list("pk", flat=True))


def knows_quotient(visit: OfficeVisit, family: int | None) -> bool:
    """Will tell whether the agent may know the quotient of a family (key)."""
    return family is not None and bool(whose_quotient(visit, [family]))


def knows_every_quotient(visit: OfficeVisit) -> bool:
    """Will tell whether the agent may know the quotient of whatever family: for what is about all of them at once."""
    return visit.may(ROLES.SEE_QUOTIENT) and reach(visit, ROLES.SEE_QUOTIENT).is_whole
