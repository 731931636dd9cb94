"""What became of a payment, told whole: what was paid, for what, by which means, and where the rest went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Sum

from marelle.domain.billing.models import LedgerEntry
from marelle.domain.payments.models import PaymentAttempt, PaymentLine, Receipt

if TYPE_CHECKING:
    from datetime import date


class PaidPlace(NamedTuple):
    """A place that an attempt pays: whose, which, when, its cents, and what became of it."""

    child: str
    product: str
    date: date
    cents: int
    state: str


class PaidInvoice(NamedTuple):
    """An invoice, and how many cents of it were settled, or are to be."""

    number: str
    label: str
    cents: int


@dataclass(frozen=True, slots=True)
class Story:
    """An attempt and what follows from it. `to_wallet` cents were put in the wallet, `from_wallet` came from it."""

    attempt: PaymentAttempt
    receipt: Receipt | None
    places: tuple[PaidPlace, ...]
    invoices: tuple[PaidInvoice, ...]
    to_wallet: int
    from_wallet: int

    @property
    def confirmed(self) -> tuple[PaidPlace, ...]:
        """Will return the places that are reserved for good."""
        return tuple(one for one in self.places if one.state == PaymentLine.State.SETTLED)

    @property
    def gone(self) -> tuple[PaidPlace, ...]:
        """Will return the places that were no longer free when the money came."""
        return tuple(one for one in self.places if one.state == PaymentLine.State.GONE)

    @property
    def released(self) -> tuple[PaidPlace, ...]:
        """Will return the places that went back to the basket."""
        return tuple(one for one in self.places if one.state == PaymentLine.State.RELEASED)


def attempt_story(attempt: PaymentAttempt) -> Story:
    """Will tell an attempt, in four statements. Inside the scope of its authority."""
    lines = PaymentLine.objects.filter(attempt=attempt).select_related(
        "invoice", "reservation__child", "reservation__product"
    )
    places, asked = [], []
    for line in lines.order_by("reservation__date", "pk"):
        if line.reservation is not None:
            one = line.reservation
            places.append(PaidPlace(one.child.first_name, one.product.name, one.date, line.cents, line.state))
        elif line.invoice is not None:
            asked.append(PaidInvoice(line.invoice.number, line.invoice.label, line.cents))
    posting = attempt.posting_id
    held = 0
    if posting is not None:
        held = -(
            LedgerEntry.objects.filter(posting=posting, account=LedgerEntry.Account.WALLET).aggregate(sum=Sum("cents"))[
                "sum"
            ]
            or 0
        )
    return Story(
        attempt=attempt,
        receipt=Receipt.objects.filter(posting=posting).first() if posting is not None else None,
        places=tuple(places),
        # Paid meanwhile by another way, an invoice takes less than was asked for: the ledger says how much.
        invoices=settled_by(posting) if asked and held > 0 and posting is not None else tuple(asked),
        to_wallet=max(held, 0),
        from_wallet=attempt.wallet_cents,
    )


def settled_by(posting: int) -> tuple[PaidInvoice, ...]:
    """Will return the invoices that a posting (key) settles, or gives back when it undoes one, in their order."""
    rows = (
        LedgerEntry.objects.filter(posting=posting, account=LedgerEntry.Account.RECEIVABLE, invoice__isnull=False)
        .values("invoice__number", "invoice__label")
        .annotate(sum=Sum("cents"))
        .order_by("invoice__number")
    )
    return tuple(PaidInvoice(row["invoice__number"], row["invoice__label"], -row["sum"]) for row in rows)


def last_taken_from_wallet(payer: int) -> int | None:
    """Will return the posting (key) that last took from the wallet of a payer (key); None: nothing ever did."""
    return (
        LedgerEntry.objects.filter(payer=payer, account=LedgerEntry.Account.WALLET, cents__gt=0)
        .order_by("-posting")
        .values_list("posting", flat=True)
        .first()
    )
