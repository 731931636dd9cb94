"""What a family asked and what was answered, as the family sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.reservations.models import CancellationRequest

if TYPE_CHECKING:
    from django.db.models import QuerySet


def cancellations_asked_by(family: int) -> QuerySet[CancellationRequest]:
    """Will return the cancellation requests of a family (key), the latest first, with child, product and service."""
    return (
        CancellationRequest.objects.filter(reservation__family=family)
        .select_related("reservation__child", "reservation__product__activity__service")
        .order_by("-asked_at", "-pk")
    )
