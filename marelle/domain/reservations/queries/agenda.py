"""The days of a family as an agenda keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Max, Min

from marelle.domain.families.models import Custody
from marelle.domain.reservations.models import Reservation

if TYPE_CHECKING:
    from datetime import date, datetime, time


@dataclass(frozen=True, slots=True)
class AgendaDay:
    """A child comes somewhere on a day; from when to when where the place says it, in the time over there."""

    key: int
    child: str
    product: str
    activity: str
    place: str
    address: str
    date: date
    starts_at: time | None
    ends_at: time | None
    is_held: bool
    reserved_at: datetime


def agenda_of(family: int, *, first: date, last: date) -> list[AgendaDay]:
    """Will return what a family (key) has reserved between two days, in their order; of no other home. One statement.

    What is cancelled is not there; a place that is held is.
    """
    rows = (
        Reservation.objects.active()
        # By its children, now or before, whose days are indexed: those of a family are not.
        .filter(family=family, child__in=Custody.objects.filter(family=family).values("child"))
        .filter(date__range=(first, last))
        .annotate(starts_at=Min("places__slot__template__starts_at"), ends_at=Max("places__slot__template__ends_at"))
        .order_by("date", "starts_at", "pk")
        .select_related("child", "product__activity__service", "product__activity__facility")
    )
    return [
        AgendaDay(
            key=one.pk,
            child=one.child.first_name,
            product=one.product.name,
            activity=one.product.activity.service.name,
            place=one.product.activity.facility.name,
            address=one.product.activity.facility.address,
            date=one.date,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            is_held=one.state == Reservation.State.HELD,
            reserved_at=one.reserved_at,
        )
        for one in rows
    ]
