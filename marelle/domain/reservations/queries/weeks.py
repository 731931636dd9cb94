"""Who comes when, for a parent who wants to know it at a glance: children of any number of families and authorities.

What may be reserved, and until when, is the planning's (`planning`); here is only what is recorded.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Exists, OuterRef

from marelle.domain.reservations.models import Absence, CancellationRequest, Reservation, WaitingListEntry

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date


class How(StrEnum):
    """Where the coming of a child stands."""

    RESERVED = "reserved"
    HELD = "held"
    ASKED = "asked"  # to be cancelled: the town hall has not answered
    ABSENT = "absent"  # told; the place stays taken
    WAITING = "waiting"  # for a place
    OTHER_HOME = "other_home"  # reserved by the other home, whose affair the rest is (decision 51)


class Coming(NamedTuple):
    """A child (key) is expected on a day for a product, or waits to be, as a home (key of the family) is told."""

    family: int
    child: int
    date: date
    product: str
    how: How


ORDER = ("product__activity__service__position", "product__activity__position", "product__position", "product_id")


def comings_of(homes: Mapping[int, Collection[int]], *, first: date, last: date) -> list[Coming]:
    """Will return what each home is told of its children on those days, in the order of the day's products.

    `homes` are the children (keys) by family (key). Of what another home reserved, only that it did. Two statements,
    whatever the number of children, families and authorities in scope.
    """
    where = {"child__in": {child for each in homes.values() for child in each}, "date__range": (first, last)}
    pending = CancellationRequest.objects.filter(reservation=OuterRef("pk"), state=CancellationRequest.State.PENDING)
    told = Absence.objects.filter(reservation=OuterRef("pk"), withdrawn_at__isnull=True)
    reserved = (
        Reservation.objects.active()
        .filter(**where)
        .annotate(is_asked=Exists(pending), is_told=Exists(told))
        .order_by("date", *ORDER)
        .values_list("child_id", "family_id", "date", "product__name", "state", "is_asked", "is_told")
    )
    waiting = (
        WaitingListEntry.objects.filter(left_at__isnull=True, family__in=homes, **where)
        .order_by("date", *ORDER)
        .values_list("child_id", "family_id", "date", "product__name")
    )
    return [
        *(
            Coming(
                home,
                child,
                day,
                product,
                _how(state, is_asked=is_asked, is_told=is_told) if home == family else How.OTHER_HOME,
            )
            for child, family, day, product, state, is_asked, is_told in reserved
            for home, children in homes.items()
            if child in children
        ),
        *(
            Coming(family, child, day, product, How.WAITING)
            for child, family, day, product in waiting
            if child in homes[family]
        ),
    ]


def _how(state: str, *, is_asked: bool, is_told: bool) -> How:
    if state == Reservation.State.HELD:
        return How.HELD
    if is_asked:
        return How.ASKED
    return How.ABSENT if is_told else How.RESERVED
