"""Invoices that another software issued: those that are known here, and where they stand. Amounts in cents."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Max, Q, Sum

from marelle.domain.billing.models import ApiToken, Invoice, LedgerEntry, Posting
from marelle.domain.billing.rules.imports import ALONE, Wanted

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from django.db.models import QuerySet

RECEIVABLE = LedgerEntry.Account.RECEIVABLE


class ImportedRow(NamedTuple):
    """An imported invoice, what is left of it, and the day of what settled it last."""

    invoice: Invoice
    left_cents: int
    settled_on: date | None

    @property
    def is_untouched(self) -> bool:
        """Will tell whether it may still be withdrawn: nothing of it was paid."""
        return self.invoice.withdrawn_at is None and self.left_cents == self.invoice.total_cents


def known_invoices(regie: int, references: Collection[str]) -> dict[str, Invoice]:
    """Will return the imported invoices of a régie (key) that bear these references, but for those withdrawn."""
    rows = _imported().filter(regie=regie, number__in=references, withdrawn_at__isnull=True)
    return {row.number: row for row in rows.select_related("payer")}


def known_references(regie: int, references: Collection[str]) -> dict[str, Wanted]:
    """Will return what is known under these references, as a file would say it."""
    return {
        number: Wanted(
            reference=number,
            label=row.label,
            cents=row.total_cents,
            issued_on=row.issued_on,
            due_on=row.due_on,
            debtor=row.payer_name,
            debtor_code="" if row.payer.debtor_code.startswith(ALONE) else row.payer.debtor_code,
            theme=row.theme,
        )
        for number, row in known_invoices(regie, references).items()
        if row.issued_on is not None and row.due_on is not None
    }


def imported_invoices(regies: Collection[int], *, words: str = "") -> QuerySet[Invoice]:
    """Will return the imported invoices of these régies (keys), the latest first; those that `words` names, if any."""
    rows = _imported().filter(regie__in=regies).select_related("payer", "regie")
    if words.strip():
        said = words.strip()
        rows = rows.filter(
            Q(number__icontains=said) | Q(payer_name__icontains=said) | Q(payer__debtor_code__iexact=said)
        )
    return rows.order_by("-issued_at", "-pk")


def standing_of(invoices: Collection[Invoice]) -> list[ImportedRow]:
    """Will say where each of these invoices stands, in their order. One statement."""
    settled = Q(cents__lt=0) & ~Q(posting__kind__in=(Posting.Kind.REVERSAL, Posting.Kind.WITHDRAWAL))
    rows = LedgerEntry.objects.filter(invoice__in=[one.pk for one in invoices], account=RECEIVABLE)
    sums = {
        row["invoice"]: (row["left"], row["last"])
        for row in rows.values("invoice").annotate(left=Sum("cents"), last=Max("posting__date", filter=settled))
    }
    return [ImportedRow(one, *sums.get(one.pk, (0, None))) for one in invoices]


def tokens_of(regie: int) -> QuerySet[ApiToken]:
    """Will return the tokens of a régie (key), those that serve first, then the latest."""
    rows: QuerySet[ApiToken] = ApiToken.objects.filter(regie=regie)
    return rows.select_related("made_by").order_by("-revoked_at", "-made_at", "-pk")


def _imported() -> QuerySet[Invoice]:
    rows: QuerySet[Invoice] = Invoice.objects.issued().exclude(origin=Invoice.Origin.MARELLE)
    return rows
