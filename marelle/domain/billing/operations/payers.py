"""What happens to a payer account beside its invoices: how they reach it, and their hand-over to the Trésor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.billing.models import Invoice, PayerAccount
from marelle.domain.billing.queries.accounts import left_of
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.authorities.models import Regie
    from marelle.domain.families.models import Family
    from marelle.foundation.actors import Actor


class UnableToHandOverError(Exception):
    """It is not issued here, or nothing of it is left to recover, or it was handed over already."""


@operation
def open_account(family: Family, regie: Regie, *, by: Actor, at: datetime) -> PayerAccount:
    """Will return the payer account of a family for a régie, opened in its name when there is none yet."""
    mine = PayerAccount.objects.current().filter(regie=regie, family=family)
    found = mine.first()
    if found is not None:
        return found
    PayerAccount.objects.bulk_create(
        [
            PayerAccount(
                authority_id=family.authority_id,
                regie=regie,
                family=family,
                name=family.name,
                address=family.address,
                email=family.email,
                delivery=PayerAccount.Delivery.EMAIL if family.email else PayerAccount.Delivery.PAPER,
            )
        ],
        ignore_conflicts=True,
    )
    opened: PayerAccount = mine.get()
    audit.record("open_payer_account", authority=family.authority_id, of="payer_account", key=opened.pk, by=by, at=at)
    return opened


@operation
def choose_delivery(payer: PayerAccount, *, delivery: str, by: Actor, at: datetime) -> None:
    """Will send the next invoices of a payer on paper or by e-mail; raises ValueError for a way that is neither."""
    chosen = PayerAccount.Delivery(delivery)
    PayerAccount.objects.filter(pk=payer.pk).update(delivery=chosen)
    audit.record("choose_delivery", authority=payer.authority_id, of="payer_account", key=payer.pk, by=by, at=at)


@operation
def receive_invoices(family: Family, regie: Regie, *, delivery: str, by: Actor, at: datetime) -> None:
    """Will send the next invoices of a family by this régie as it chose, its payer account opened when it has none.

    Raises ValueError for a way that is neither on paper nor by e-mail.
    """
    chosen = PayerAccount.Delivery(delivery)
    choose_delivery(open_account(family, regie, by=by, at=at), delivery=chosen, by=by, at=at)


@operation
def keep_wallet(payer: PayerAccount, *, is_kept: bool, by: Actor, at: datetime) -> None:
    """Will leave a payer's wallet alone when its invoices are issued, or use it again: its family chooses."""
    PayerAccount.objects.filter(pk=payer.pk).update(keeps_wallet=is_kept)
    audit.record("keep_wallet", authority=payer.authority_id, of="payer_account", key=payer.pk, by=by, at=at)


@operation
def hand_over(invoice: Invoice, *, number: str, by: Actor, at: datetime) -> None:
    """Will note that what is left of an invoice is recovered by the Trésor, under this number of its own.

    Raises UnableToHandOverError.
    """
    invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
    is_due = invoice.state == Invoice.State.ISSUED and invoice.recovery_at is None and not invoice.is_imported
    if not is_due or left_of([invoice.pk]).get(invoice.pk, 0) <= 0:
        raise UnableToHandOverError
    invoice.recovery_at = at
    invoice.recovery_number = number.strip()[:40]
    invoice.save(update_fields=["recovery_at", "recovery_number"])
    audit.record("hand_over_invoice", authority=invoice.authority_id, of="invoice", key=invoice.pk, by=by, at=at)
