"""The software that issued an invoice takes it back: only while nobody paid it, nor is paying it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from marelle.domain.billing.models import Invoice, PayerAccount
from marelle.domain.billing.operations.ledger import record_withdrawal
from marelle.domain.billing.queries.accounts import left_of
from marelle.domain.payments.models import PaymentAttempt
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from marelle.foundation.actors import Actor


class WhyNotWithdrawn(StrEnum):
    """Why an invoice stays, in words."""

    NOT_IMPORTED = "Cette facture est émise par Marelle : elle se corrige par une autre."
    PAID = "Cette facture est payée, en tout ou en partie : elle ne se retire plus."
    BEING_PAID = "Quelqu’un est en train de payer cette facture. Réessayez dans une heure."


class UnableToWithdrawError(Exception):
    """The invoice stays: `why`. Nothing was written."""

    def __init__(self, why: WhyNotWithdrawn) -> None:
        """Will keep why."""
        super().__init__(why.name)
        self.why = why


@operation
def withdraw_invoice(invoice: Invoice, *, on: date, by: Actor, at: datetime) -> Invoice:
    """Will withdraw an imported invoice on a day: nobody finds it, nor pays it, any more. A repeat does nothing.

    Raises UnableToWithdrawError.
    """
    PayerAccount.objects.select_for_update(no_key=True).get(pk=invoice.payer_id)
    invoice = Invoice.objects.select_for_update(no_key=True, of=("self",)).select_related("payer").get(pk=invoice.pk)
    if not invoice.is_imported or invoice.state != Invoice.State.ISSUED:
        raise UnableToWithdrawError(WhyNotWithdrawn.NOT_IMPORTED)
    if invoice.withdrawn_at is not None:
        return invoice
    if left_of([invoice.pk]).get(invoice.pk, 0) != invoice.total_cents:
        raise UnableToWithdrawError(WhyNotWithdrawn.PAID)
    if PaymentAttempt.objects.open().filter(lines__invoice=invoice).exists():
        raise UnableToWithdrawError(WhyNotWithdrawn.BEING_PAID)
    record_withdrawal(invoice, date=on, by=by, at=at)
    invoice.withdrawn_at = at
    invoice.save(update_fields=["withdrawn_at"])
    audit.record("withdraw_invoice", authority=invoice.authority_id, of="invoice", key=invoice.pk, by=by, at=at)
    return invoice


@operation
def withdraw_untouched(invoices: Collection[int], *, on: date, by: Actor, at: datetime) -> set[int]:
    """Will withdraw, on a day, those of these imported invoices (keys) that nobody paid, nor is paying.

    Returns the others, which stay; among them, those that were withdrawn already.
    """
    rows = Invoice.objects.filter(pk__in=list(invoices))
    payers = set(rows.values_list("payer_id", flat=True))
    list(PayerAccount.objects.select_for_update(no_key=True).filter(pk__in=payers).order_by("pk").values_list("pk"))
    left = left_of(list(invoices))
    open_attempts = PaymentAttempt.objects.open().filter(lines__invoice__in=list(invoices))
    being_paid = set(open_attempts.values_list("lines__invoice_id", flat=True))
    untouched = [
        one
        for one in rows.filter(withdrawn_at=None).order_by("pk")
        if left.get(one.pk, 0) == one.total_cents and one.pk not in being_paid
    ]
    for one in untouched:
        withdraw_invoice(one, on=on, by=by, at=at)
    return set(invoices) - {one.pk for one in untouched}
