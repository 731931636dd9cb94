"""What is known of refunds: what a wallet could give back, what is asked, what waits for a file. Amounts in cents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F

from marelle.domain.billing.models import PayerAccount
from marelle.domain.billing.queries.ledger import balances_of
from marelle.domain.payments.models import RefundRequest

if TYPE_CHECKING:
    from django.db.models import QuerySet


def refundable(family: int) -> list[tuple[PayerAccount, int]]:
    """Will return the payer accounts of a family (key) whose wallet holds something, with the cents."""
    payers = list(
        PayerAccount.objects.current().filter(family=family).select_related("regie").order_by("regie__name", "pk")
    )
    balances = balances_of([payer.pk for payer in payers])
    return [(payer, balances[payer.pk].wallet) for payer in payers if balances[payer.pk].wallet > 0]


def refunds_of_family(family: int) -> QuerySet[RefundRequest]:
    """Will return what a family (key) asked, the latest first."""
    rows: QuerySet[RefundRequest] = RefundRequest.objects.filter(family=family).select_related("payer__regie")
    return rows.order_by("-asked_at", "-pk")


def open_refunds() -> QuerySet[RefundRequest]:
    """Will return what waits in the authority, for an answer or for a file, the oldest first."""
    rows: QuerySet[RefundRequest] = RefundRequest.objects.filter(state__in=RefundRequest.OPEN)
    return rows.select_related("payer__regie", "family", "batch").order_by("asked_at", "pk")


def closed_refunds(*, most: int = 24) -> QuerySet[RefundRequest]:
    """Will return the last ones that were answered."""
    rows: QuerySet[RefundRequest] = RefundRequest.objects.exclude(state__in=RefundRequest.OPEN)
    rows = rows.select_related("payer__regie", "family", "batch")
    return rows.order_by(F("decided_at").desc(nulls_last=True), "-pk")[:most]
