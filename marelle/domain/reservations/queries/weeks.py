"""Who comes when, for a parent who wants to know it at a glance: children of any number of families and authorities.

What may be reserved, and until when, is the planning's (`planning`); here is only what is recorded.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Exists, OuterRef

from marelle.domain.reservations.models import Absence, CancellationRequest, Reservation, WaitingListEntry

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date


class How(StrEnum):
    """Where the coming of a child stands."""

    RESERVED = "reserved"
    HELD = "held"
    ASKED = "asked"  # to be cancelled: the town hall has not answered
    ABSENT = "absent"  # told; the place stays taken
    WAITING = "waiting"  # for a place


class Coming(NamedTuple):
    """A child (key) is expected on a day for a product, or waits to be."""

    child: int
    date: date
    product: str
    how: How


ORDER = ("product__activity__service__position", "product__activity__position", "product__position", "product_id")


def comings_of(children: Collection[int], *, first: date, last: date) -> list[Coming]:
    """Will return what is recorded for `children` (keys) on those days, in the order of the day's products.

    Two statements, whatever the number of children, families and authorities in scope.
    """
    where = {"child__in": children, "date__range": (first, last)}
    pending = CancellationRequest.objects.filter(reservation=OuterRef("pk"), state=CancellationRequest.State.PENDING)
    told = Absence.objects.filter(reservation=OuterRef("pk"), withdrawn_at__isnull=True)
    reserved = (
        Reservation.objects.active()
        .filter(**where)
        .annotate(is_asked=Exists(pending), is_told=Exists(told))
        .order_by("date", *ORDER)
        .values_list("child_id", "date", "product__name", "state", "is_asked", "is_told")
    )
    waiting = (
        WaitingListEntry.objects.filter(left_at__isnull=True, **where)
        .order_by("date", *ORDER)
        .values_list("child_id", "date", "product__name")
    )
    return [
        *(
            Coming(child, day, product, _how(state, is_asked=is_asked, is_told=is_told))
            for child, day, product, state, is_asked, is_told in reserved
        ),
        *(Coming(child, day, product, How.WAITING) for child, day, product in waiting),
    ]


def _how(state: str, *, is_asked: bool, is_told: bool) -> How:
    if state == Reservation.State.HELD:
        return How.HELD
    if is_asked:
        return How.ASKED
    return How.ABSENT if is_told else How.RESERVED
