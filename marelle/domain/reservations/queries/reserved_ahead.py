"""What is reserved ahead, counted by activity and day: asked before any day is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count

from marelle.domain.reservations.models import Reservation

if TYPE_CHECKING:
    from datetime import date


def reserved_ahead(today: date) -> dict[tuple[int, date], int]:
    """Will count the reservations that hold a place from `today` on, by (activity, day). One statement."""
    rows = (
        Reservation.objects.active()
        .filter(date__gte=today)
        .order_by()
        .values_list("product__activity", "date")
        .annotate(count=Count("pk"))
    )
    return {(activity, day): count for activity, day, count in rows}
