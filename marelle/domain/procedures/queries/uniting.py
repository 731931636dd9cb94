"""What stands against uniting two files, over all the rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.billing.queries.uniting import accounts_that_meet, is_being_billed
from marelle.domain.families.queries.doubles import health_of_pairs, homes_after, shared_accounts
from marelle.domain.families.rules.merging import (
    Obstacle,
    has_too_many_homes,
    health_differs,
    joined_health,
)
from marelle.domain.payments.queries.uniting import is_debited, is_paying, is_refunded

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from marelle.domain.families.rules.merging import Side


def against_families(
    ended: int,
    kept: int,
    *,
    authority: int,
    guardians: Mapping[int, int],
    children: Mapping[int, int],
    health: Mapping[int, Side],
) -> tuple[Obstacle, ...]:
    """Will return all that stands against ending a family (key) in another, in a stable order."""
    found = []
    if any(guardians.get(one, one) != other for one, other in shared_accounts(ended, kept)):
        found.append(Obstacle.TWO_PEOPLE)
    found += _of_children(children, health=health, united={ended: kept})
    meeting = [one.pk for one, _other in accounts_that_meet(ended, kept)]
    found += _of_money({ended, kept}, authority=authority)
    if is_debited(meeting):
        found.append(Obstacle.DEBITING)
    if is_refunded(meeting):
        found.append(Obstacle.REFUNDING)
    return tuple(found)


def against_children(
    children: Mapping[int, int], homes: Collection[int], *, health: Mapping[int, Side], authority: int
) -> tuple[Obstacle, ...]:
    """Will return all that stands against making children (keys) one, whose families are `homes` (keys)."""
    return (*_of_children(children, health=health, united={}), *_of_money(homes, authority=authority))


def _of_money(homes: Collection[int], *, authority: int) -> list[Obstacle]:
    found = []
    if is_paying(homes):
        found.append(Obstacle.PAYING)
    if is_being_billed(homes, authority=authority):
        found.append(Obstacle.BILLING)
    return found


def _of_children(
    children: Mapping[int, int], *, health: Mapping[int, Side], united: Mapping[int, int]
) -> list[Obstacle]:
    found = []
    records = health_of_pairs(children)
    differing = {one for one, (kept, ended) in records.items() if health_differs(kept, ended)}
    if differing - health.keys():
        found.append(Obstacle.HEALTH_TO_CHOOSE)
    if any(joined_health(*records[one], health[one]) is None for one in differing & health.keys()):
        found.append(Obstacle.HEALTH_TOO_LONG)
    if any(has_too_many_homes(stays) for stays in homes_after(children, united=united)):
        found.append(Obstacle.TOO_MANY_HOMES)
    return found
