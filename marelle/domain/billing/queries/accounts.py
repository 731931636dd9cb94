"""What payers owe, what they paid: balances and the ledger, for the office. Amounts in cents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Sum

from marelle.domain.billing.models import Invoice, InvoiceLine, LedgerEntry, PayerAccount
from marelle.domain.billing.rules.charges import Kind

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

RECEIVABLE, WALLET = LedgerEntry.Account.RECEIVABLE, LedgerEntry.Account.WALLET


@dataclass(frozen=True, slots=True)
class Balance:
    """What a payer owes, and what the authority holds for it."""

    owed: int = 0
    held: int = 0

    @property
    def cents(self) -> int:
        """Will return what is left, negative when it is the authority that owes."""
        return self.owed - self.held


def left_of(invoices: Collection[int]) -> dict[int, int]:
    """Will return what is left to pay of each of these invoices (keys); 0 for those paid, or that were given back."""
    rows = LedgerEntry.objects.filter(invoice__in=invoices, account=RECEIVABLE).values("invoice")
    found: dict[int, int] = dict(rows.annotate(sum=Sum("cents")).values_list("invoice", "sum"))
    return found


def balances_of(payers: Collection[int]) -> dict[int, Balance]:
    """Will return the balance of each of these payer accounts (keys)."""
    sums: dict[int, dict[str, int]] = {payer: {} for payer in payers}
    rows = LedgerEntry.objects.filter(payer__in=payers, account__in=(RECEIVABLE, WALLET)).values("payer", "account")
    for payer, account, cents in rows.annotate(sum=Sum("cents")).values_list("payer", "account", "sum"):
        sums[payer][account] = cents
    return {payer: Balance(each.get(RECEIVABLE, 0), -each.get(WALLET, 0)) for payer, each in sums.items()}


def payers_of_family(family: int) -> QuerySet[PayerAccount]:
    """Will return the payer accounts of a family (key), with their régie."""
    rows: QuerySet[PayerAccount] = PayerAccount.objects.filter(family=family)
    return rows.select_related("regie").order_by("regie__name", "pk")


def invoices_of_family(family: int) -> QuerySet[Invoice]:
    """Will return the issued invoices of a family (key), the latest first."""
    rows: QuerySet[Invoice] = Invoice.objects.filter(family=family, state=Invoice.State.ISSUED)
    return rows.select_related("regie").order_by("-issued_on", "-sequence")


def invoiced_charges(family: int) -> set[str]:
    """Will return which lines by hand (public ids) of a family (key) are on an issued invoice."""
    rows = InvoiceLine.objects.filter(
        invoice__family=family, invoice__state=Invoice.State.ISSUED, kind=Kind.MANUAL.value
    )
    return set(rows.values_list("key", flat=True))


def ledger_of(invoice: int) -> QuerySet[LedgerEntry]:
    """Will return what happened to what is due of an invoice (key), in order, each with its posting."""
    rows: QuerySet[LedgerEntry] = LedgerEntry.objects.filter(invoice=invoice, account=RECEIVABLE)
    return rows.select_related("posting").order_by("posting__date", "pk")
