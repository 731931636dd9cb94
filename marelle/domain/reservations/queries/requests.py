"""Cancellations that families asked for, as the agents see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.accounts.queries import agent_names as names_of
from marelle.domain.reservations.models import CancellationRequest

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.catalog.rules.days import DayRule


def requests_for(products: Collection[int]) -> QuerySet[CancellationRequest]:
    """Will return the requests on these products (keys), with reservation, child, class and family."""
    return CancellationRequest.objects.filter(reservation__product__in=list(products)).select_related(
        "reservation__child__school_class", "reservation__family"
    )


def pending_requests(products: Collection[int]) -> QuerySet[CancellationRequest]:
    """Will return those that wait for an answer, the oldest first."""
    return requests_for(products).filter(state=CancellationRequest.State.PENDING).order_by("asked_at", "pk")


def answered_requests(products: Collection[int]) -> QuerySet[CancellationRequest]:
    """Will return those that were answered, the latest first."""
    return requests_for(products).exclude(state=CancellationRequest.State.PENDING).order_by("-decided_at", "-pk")


def pending_count(products: Collection[int]) -> int:
    """Will return how many requests on these products (keys) wait for an answer."""
    return CancellationRequest.objects.filter(
        reservation__product__in=list(products), state=CancellationRequest.State.PENDING
    ).count()


def agent_names(users: Collection[int | None]) -> dict[int, str]:
    """Will return the names of the agents whose accounts (keys) these are."""
    return names_of({user for user in users if user})


def is_late_for(request: CancellationRequest, offer: Offer) -> bool:
    """Will tell whether the family asked too late, as `offer` rules the day; the request comes with its reservation."""
    product = offer.product_by_pk.get(request.reservation.product_id)
    if product is None:
        return request.deadline_at is not None and request.asked_at >= request.deadline_at
    return was_late(request, offer.day(product, request.reservation.date))


def left_due(request: CancellationRequest, *, is_refunded: bool) -> int:
    """Will return what the day still costs once accepted so, in cents; the request comes with its reservation."""
    return (request.due_cents or 0) if is_refunded else (request.reservation.price_cents or 0)


def was_late(request: CancellationRequest, rule: DayRule) -> bool:
    """Will tell whether the family asked after the limit that was stored with the request.

    The rule of the day says which side of the limit its very moment is on, as long as it still gives that limit.
    """
    if request.deadline_at is None:
        return False
    if rule.cancel_by is not None and rule.cancel_by.moment == request.deadline_at:
        return rule.cancel_by.is_past(request.asked_at)
    return request.asked_at >= request.deadline_at
