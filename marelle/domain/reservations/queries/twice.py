"""Days that two children who are one both have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.reservations.models import Reservation

if TYPE_CHECKING:
    from datetime import datetime


def reserved_twice(ended: int, kept: int) -> dict[int, int]:
    """Will return the reservations (keys) that are too many when two children (keys) are one, each with what stays.

    Of the two of a day and product, the one that is recorded for good stays, then the one that was asked first.
    """
    there = {(one.product_id, one.date): one for one in Reservation.objects.filter(child=kept).active().order_by("pk")}
    found = {}
    for one in Reservation.objects.filter(child=ended).active().order_by("pk"):
        other = there.get((one.product_id, one.date))
        if other is not None:
            stays, lost = sorted((one, other), key=_first_recorded)
            found[lost.pk] = stays.pk
    return found


def _first_recorded(one: Reservation) -> tuple[bool, datetime, int]:
    return one.state != Reservation.State.RESERVED, one.reserved_at, one.pk
