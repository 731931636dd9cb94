"""The days that a home reserved for a child, with what was told and seen of them: what a certificate will touch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from marelle.domain.reservations.models import Absence, Attendance, Reservation
from marelle.domain.reservations.queries.weeks import ORDER

if TYPE_CHECKING:
    from datetime import date, datetime

    from marelle.domain.families.models import Child, Family


@dataclass(frozen=True, slots=True)
class ReservedDay:
    """A reservation (key) that holds a place. `seen` is what an agent noted that day: Attendance.State, or empty."""

    reservation: int
    date: date
    product: int
    product_name: str
    service_name: str
    is_held: bool
    told_at: datetime | None
    certificate_at: datetime | None
    seen: str


def reserved_days(child: Child, family: Family, first_day: date, last_day: date) -> tuple[ReservedDay, ...]:
    """Will return what `family` reserved for `child` from a day to a day, both included, in order. One statement."""
    told = Absence.objects.filter(reservation=OuterRef("pk"), withdrawn_at__isnull=True)
    seen = Attendance.objects.filter(child=OuterRef("child"), product=OuterRef("product"), date=OuterRef("date"))
    rows = (
        Reservation.objects.active()
        .filter(child=child, family=family, date__range=(first_day, last_day))
        .annotate(
            told_at=Subquery(told.values("told_at")[:1]),
            certificate_at=Subquery(told.values("certificate_at")[:1]),
            seen=Coalesce(Subquery(seen.values("state")[:1]), Value("")),
            product_name=F("product__name"),
            service_name=F("product__activity__service__name"),
        )
        .order_by("date", *ORDER)
        .values(
            "pk", "date", "product_id", "product_name", "service_name", "state", "told_at", "certificate_at", "seen"
        )
    )
    return tuple(
        ReservedDay(
            reservation=row["pk"],
            date=row["date"],
            product=row["product_id"],
            product_name=row["product_name"],
            service_name=row["service_name"],
            is_held=row["state"] == Reservation.State.HELD,
            told_at=row["told_at"],
            certificate_at=row["certificate_at"],
            seen=row["seen"],
        )
        for row in rows
    )
