"""Cashing at the desk: the money is recorded and its receipt given, in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.domain.authorities.models import Authority
from marelle.domain.billing.models import Invoice, LedgerEntry, PayerAccount, Posting
from marelle.domain.billing.operations.blocks import refresh_unpaid_block
from marelle.domain.billing.operations.ledger import UnableToRecordPaymentError, record_payment
from marelle.domain.billing.operations.prepaid import settle_at_desk
from marelle.domain.billing.queries.ledger import balances_of
from marelle.domain.payments.operations.receipts import give_receipt
from marelle.domain.payments.queries.desk import chosen_of
from marelle.domain.payments.rules.desk import Chosen, Tendered, WhyNotTaken, why_not_taken
from marelle.foundation.french_dates import listed
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from marelle.domain.payments.models import Receipt
    from marelle.domain.reservations.models import Reservation
    from marelle.foundation.actors import Actor

ADVANCE: Final = "Avance"


class UnableToTakeError(Exception):
    """The money is not taken, `why` says it; nothing was written."""

    def __init__(self, why: WhyNotTaken) -> None:
        """Will keep why."""
        super().__init__(why.name)
        self.why = why


@operation
def take_payment(
    payer: PayerAccount,
    *,
    cents: int,
    means: str,
    date: date,
    invoices: Sequence[Invoice] = (),
    reference: str = "",
    exercice: int | None = None,
    shown: int | None = None,
    by: Actor,
    at: datetime,
) -> Receipt:
    """Will cash money at the desk and give its receipt: the invoices given first, then the oldest ones.

    What is over goes to the wallet, but for a CESU or a chèque-vacances. `exercice` is the year of `date` unless, in
    January, the former one is chosen for invoices of it. `shown` is what the page said was left of the invoices: when
    it has changed, nothing is taken. Raises UnableToTakeError.
    """
    payer = PayerAccount.objects.select_for_update(no_key=True).get(pk=payer.pk)
    if any(one.payer_id != payer.pk or one.state != Invoice.State.ISSUED for one in invoices):
        raise UnableToTakeError(WhyNotTaken.NOT_ITS_INVOICE)
    authority = Authority.objects.defer("logo", "palette_css").get(pk=payer.authority_id)
    offered = Tendered(
        cents=cents,
        means=means,
        date=date,
        chosen=chosen_of(list(Invoice.objects.filter(pk__in=[one.pk for one in invoices]))),
        owed=balances_of([payer.pk])[payer.pk].owed,
        exercice=exercice,
        shown=shown,
    )
    why = why_not_taken(offered, today=at.astimezone(authority.zone).date())
    if why is not None:
        raise UnableToTakeError(why)
    try:
        posting = record_payment(
            payer, cents=cents, means=means, date=date, invoices=invoices, reference=reference, by=by, at=at
        )
    except UnableToRecordPaymentError:
        raise UnableToTakeError(WhyNotTaken.NO_AMOUNT) from None
    receipt = give_receipt(posting, label=label_of(posting), exercice=exercice, by=by, at=at)
    if payer.family_id is not None:
        refresh_unpaid_block(payer.family_id, authority=authority, by=by, at=at)
    return receipt


@operation
def settle_place(
    reservation: Reservation,
    *,
    authority: Authority,
    means: str = Posting.Means.OTHER,
    by: Actor,
    at: datetime,
) -> Receipt | None:
    """Will confirm a held place; paid on booking, it is invoiced, cashed, and its receipt given.

    None when nothing was cashed. Raises UnableToRecordError, or UnableToTakeError for a means that may not pay it all.
    """
    invoice = settle_at_desk(reservation, authority=authority, means=means, by=by, at=at)
    if invoice is None:
        return None
    offered = Tendered(
        cents=invoice.total_cents,
        means=means,
        date=at.astimezone(authority.zone).date(),
        chosen=[Chosen(invoice.pk, invoice.total_cents, invoice.cesu_cents, invoice.exercice)],
    )
    why = why_not_taken(offered, today=offered.date)
    if why is not None:
        raise UnableToTakeError(why)
    posting = Posting.objects.filter(invoice=invoice, kind=Posting.Kind.PAYMENT).latest("pk")
    return give_receipt(posting, label=label_of(posting), by=by, at=at)


def label_of(posting: Posting) -> str:
    """Will say what a payment was for: the invoices that it settled, what went to the wallet."""
    settled = LedgerEntry.objects.filter(posting=posting, account=LedgerEntry.Account.RECEIVABLE, cents__lt=0)
    numbers = list(settled.filter(invoice__isnull=False).order_by("pk").values_list("invoice__number", flat=True))
    shown = numbers if len(numbers) <= _SHOWN else [*numbers[:_SHOWN], f"{len(numbers) - _SHOWN} autres"]
    parts = [f"{'Facture' if len(numbers) == 1 else 'Factures'} {listed(shown)}"] if numbers else []
    if LedgerEntry.objects.filter(posting=posting, account=LedgerEntry.Account.WALLET, cents__lt=0).exists():
        parts.append(ADVANCE.lower() if parts else ADVANCE)
    return ", ".join(parts) or "Solde du compte"


_SHOWN: Final = 4
