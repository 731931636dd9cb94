"""What families were invoiced and what is left of it, for the office. Amounts in cents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, Sum

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import Invoice, InvoiceLine, LedgerEntry, PayerAccount
from marelle.domain.billing.rules.charges import Kind

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from marelle.domain.families.models import Family

RECEIVABLE = LedgerEntry.Account.RECEIVABLE


def left_of(invoices: Collection[int]) -> dict[int, int]:
    """Will return what is left to pay of each of these invoices (keys); 0 for those paid, or that were given back."""
    if not invoices:
        return {}
    rows = LedgerEntry.objects.filter(invoice__in=invoices, account=RECEIVABLE).values("invoice")
    found: dict[int, int] = dict(rows.annotate(sum=Sum("cents")).values_list("invoice", "sum"))
    return found


def payers_of_family(family: int) -> QuerySet[PayerAccount]:
    """Will return the payer accounts of a family (key), with their régie, those that ended in another one last."""
    rows: QuerySet[PayerAccount] = PayerAccount.objects.filter(family=family)
    return rows.select_related("regie").order_by(F("merged_into").asc(nulls_first=True), "regie__name", "pk")


def deliveries_of(family: Family) -> list[tuple[Regie, str]]:
    """Will return how the next invoices of a family go, for each régie of its authority that invoices, by name.

    Where no account is open yet, as it would be opened.
    """
    chosen = dict(PayerAccount.objects.current().filter(family=family).values_list("regie_id", "delivery"))
    usual = PayerAccount.Delivery.EMAIL if family.email else PayerAccount.Delivery.PAPER
    regies = Regie.objects.filter(authority=family.authority_id, has_billing=True).order_by("name", "pk")
    return [(regie, chosen.get(regie.pk, usual.value)) for regie in regies]


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
