"""What is known of what the Trésor received, and where it says otherwise. Amounts in cents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, Sum

from marelle.domain.billing.models import CollectionEvent, CollectionOrder, LedgerEntry, PaidBeforeTitle, Posting
from marelle.domain.billing.rules.returns import undone

if TYPE_CHECKING:
    from django.db.models import QuerySet


def received_at_treasury(order: CollectionOrder, *, is_money: bool = False) -> int:
    """Will return what the ledger says that the Trésor received for an order, or wrote off; what was paid alone."""
    rows = LedgerEntry.objects.filter(
        Q(posting__collection_event__order=order) | Q(posting__reverses__collection_event__order=order),
        account=LedgerEntry.Account.TREASURY,
    )
    if is_money:
        rows = rows.filter(code=Posting.Kind.RECOVERY)
    return rows.aggregate(sum=Sum("cents"))["sum"] or 0


def cancelled_at_treasury(order: CollectionOrder) -> list[Posting]:
    """Will return the payments of an order that the Trésor no longer counts: those that come to what it lacks."""
    missing = received_at_treasury(order) - (order.told_cents or 0)
    if order.told_cents is None or missing <= 0:
        return []
    rows = CollectionEvent.objects.filter(order=order, posting__kind=Posting.Kind.RECOVERY)
    rows = rows.filter(posting__reversed_by__isnull=True).select_related("posting").order_by("date", "pk")
    postings = [one.posting for one in rows if one.posting is not None]
    sums: dict[int, int] = dict(
        LedgerEntry.objects.filter(posting__in=postings, account=LedgerEntry.Account.TREASURY).values_list(
            "posting", "cents"
        )
    )
    return [postings[place] for place in undone([sums[one.pk] for one in postings], missing)]


def orders_that_differ() -> list[CollectionOrder]:
    """Will return the orders for which the Trésor says another sum than what is known here, by debtor."""
    rows = CollectionOrder.objects.filter(told_cents__isnull=False).exclude(state=CollectionOrder.State.REJECTED)
    return list(rows.select_related("invoice", "payer", "batch").order_by("payer__name", "pk"))


def before_titles() -> QuerySet[PaidBeforeTitle]:
    """Will return what the Trésor received before any title was made, and nobody dealt with, the oldest first."""
    rows: QuerySet[PaidBeforeTitle] = PaidBeforeTitle.objects.filter(dealt_at__isnull=True)
    return rows.order_by("date", "pk")
