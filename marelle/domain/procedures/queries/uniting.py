"""What stands against uniting two files, over all the rooms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marelle.domain.billing.models import Invoice
from marelle.domain.billing.queries.uniting import accounts_that_meet, is_being_billed
from marelle.domain.families.models import (
    Consent,
    Invitation,
    Membership,
    MembershipCode,
    PickupPerson,
    SupportingDocument,
)
from marelle.domain.families.queries.doubles import (
    health_of_pairs,
    homes_after,
    homes_of_children,
    people_of_file,
    shared_accounts,
)
from marelle.domain.families.queries.joining import LIVE_CODE, LIVE_LINK
from marelle.domain.families.queries.removals import whom_children_may_not_join
from marelle.domain.families.rules.merging import (
    Obstacle,
    has_too_many_homes,
    health_differs,
    joined_health,
)
from marelle.domain.payments.queries.uniting import is_debited, is_paying, is_refunded
from marelle.domain.procedures.models import Application
from marelle.domain.reservations.models import BasketLine, Enrollment, Reservation, WaitingListEntry
from marelle.domain.reservations.queries.twice import reserved_twice

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from marelle.domain.families.models import Family
    from marelle.domain.families.rules.merging import Side


def against_families(
    ended: int,
    kept: int,
    *,
    authority: int,
    guardians: Mapping[int, int],
    children: Mapping[int, int],
    health: Mapping[int, Side],
    on: date,
) -> tuple[Obstacle, ...]:
    """Will return all that stands on a day (local) against ending a family (key) in another, in a stable order."""
    found = []
    if any(guardians.get(one, one) != other for one, other in shared_accounts(ended, kept)):
        found.append(Obstacle.TWO_PEOPLE)
    found += _of_children(children, health=health, united={ended: kept})
    found += _of_removals(children, united={ended, kept}, authority=authority, on=on)
    meeting = [one.pk for one, _other in accounts_that_meet(ended, kept)]
    found += _of_money({ended, kept}, authority=authority)
    if is_debited(meeting):
        found.append(Obstacle.DEBITING)
    if is_refunded(meeting):
        found.append(Obstacle.REFUNDING)
    return tuple(found)


def against_children(
    children: Mapping[int, int], homes: Collection[int], *, health: Mapping[int, Side], authority: int, on: date
) -> tuple[Obstacle, ...]:
    """Will return all that stands on a day (local) against making children (keys) one, of families `homes` (keys)."""
    return (
        *_of_children(children, health=health, united={}),
        *_of_removals(children, united=(), authority=authority, on=on),
        *_of_money(homes, authority=authority),
    )


def _of_removals(children: Mapping[int, int], *, united: Collection[int], authority: int, on: date) -> list[Obstacle]:
    """Will look whether one of two cards brings the other's child to somebody who is kept out of it (decision 49).

    Of the files that are `united` (keys), whoever is kept out of one is kept out of both: nothing stands against it.
    """
    both = [pair for ended, kept in children.items() for pair in ((ended, kept), (kept, ended))]
    pairs = [(child, home) for child, other in both for home in homes_of_children([other]) - set(united)]
    return [Obstacle.REMOVED] if whom_children_may_not_join(pairs, authority=authority, on=on) else []


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


def obstacles_seen(
    ended: Family, kept: Family, *, children: Mapping[int, int], health: Mapping[int, Side], on: date
) -> tuple[Obstacle, ...]:
    """Will return what an agent is told before she answers: not what her answers may settle, as who is whom."""
    if ended.pk == kept.pk:
        return against_children(children, [kept.pk], health=health, authority=kept.authority_id, on=on)
    shared = {one: other for one, other in shared_accounts(ended.pk, kept.pk) if one != other}
    return against_families(
        ended.pk, kept.pk, authority=kept.authority_id, guardians=shared, children=children, health=health, on=on
    )


@dataclass(frozen=True, slots=True)
class Passing:
    """What a union makes of the file that ends: counts of what moves, and of what dies; days that are there twice.

    `regies` are those where both files have an account, by name.
    """

    moves: Mapping[str, int]
    goes: Mapping[str, int]
    twice: int
    regies: tuple[str, ...]


def what_passes(ended: int, kept: int, children: Mapping[int, int]) -> Passing:
    """Will return what becomes of all that is of a family (key) when it ends in another one."""
    own = [one.pk for one in people_of_file(ended).children]
    links = Invitation.objects.filter(LIVE_LINK, family=ended).count()
    codes = MembershipCode.objects.filter(LIVE_CODE, family=ended).count()
    return Passing(
        moves={
            "memberships": Membership.objects.filter(family=ended).count(),
            "enrollments": Enrollment.objects.filter(child__in=own).count(),
            "reservations": Reservation.objects.filter(family=ended).active().count(),
            "waiting": WaitingListEntry.objects.filter(family=ended, left_at__isnull=True).count(),
            "documents": SupportingDocument.objects.filter(family=ended, is_health=False)
            .exclude(kind="quotient")
            .count(),
            "applications": Application.objects.filter(family=ended).count(),
            "invoices": Invoice.objects.issued().filter(family=ended).count(),
            "pickups": PickupPerson.objects.filter(family=ended, ended_at__isnull=True).count(),
            "consents": Consent.objects.filter(family=ended).count(),
        },
        goes={
            "baskets": BasketLine.objects.filter(basket__family=ended).values("basket").distinct().count(),
            "ways_in": links + codes,
        },
        twice=sum(len(reserved_twice(one, other)) for one, other in children.items()),
        regies=tuple(one.regie.name for one, _other in accounts_that_meet(ended, kept)),
    )
