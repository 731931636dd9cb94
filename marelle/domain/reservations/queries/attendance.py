"""The sheets of attendance that are not done: who was expected and was seen neither there nor absent."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q

from marelle.domain.reservations.models import Absence, Attendance, Reservation

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date


class UnfinishedSheet(NamedTuple):
    """A day at a facility and a service (keys): how many children were expected, and of how many all is ticked."""

    date: date
    facility_pk: int
    service_pk: int
    expected: int
    seen: int


def unfinished_sheets(products: Collection[int], first: date, last: date) -> list[UnfinishedSheet]:
    """Will return the sheets of these products (keys) that are not done, both days included, the oldest first.

    Whoever the family told absent is not expected. One statement.
    """
    told = Absence.objects.filter(reservation=OuterRef("pk"), withdrawn_at__isnull=True)
    ticked = Attendance.objects.filter(child=OuterRef("child"), product=OuterRef("product"), date=OuterRef("date"))
    rows = (
        Reservation.objects.filter(
            ~Exists(told), product__in=list(products), date__range=(first, last), state=Reservation.State.RESERVED
        )
        .annotate(
            is_ticked=Exists(ticked), facility=F("product__activity__facility"), service=F("product__activity__service")
        )
        .values("date", "facility", "service")
        .annotate(expected=Count("child", distinct=True), left=Count("child", distinct=True, filter=Q(is_ticked=False)))
        .filter(left__gt=0)
        .order_by("date", "facility", "service")
    )
    return [
        UnfinishedSheet(row["date"], row["facility"], row["service"], row["expected"], row["expected"] - row["left"])
        for row in rows
    ]
