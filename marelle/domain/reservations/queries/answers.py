"""What a family asked and what was answered, as the family sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.reservations.models import CancellationRequest

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet


def cancellations_asked_by(family: int) -> QuerySet[CancellationRequest]:
    """Will return the cancellation requests of a family (key), the latest first, with child, product and service."""
    return (
        CancellationRequest.objects.filter(reservation__family=family)
        .select_related("reservation__child", "reservation__product__activity__service")
        .order_by("-asked_at", "-pk")
    )


def cancellations_waiting(families: Collection[int]) -> QuerySet[CancellationRequest]:
    """Will return what `families` (keys) asked to cancel and nobody answered yet, the soonest day first."""
    return (
        CancellationRequest.objects.filter(reservation__family__in=families, state=CancellationRequest.State.PENDING)
        .select_related("reservation__child", "reservation__product")
        .order_by("reservation__date", "asked_at", "pk")
    )
