"""What the ledger says: balances, and the proof that it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db import connection
from django.db.models import Sum

from marelle.domain.billing.models import LedgerEntry, Posting
from marelle.foundation import tenancy

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date


class Balance(NamedTuple):
    """What a payer owes, and what is held for it in its wallet, in cents; both are positive or nothing."""

    owed: int
    wallet: int


class LedgerFault(NamedTuple):
    """Something that should be impossible: what, in which authority, in which row (keys)."""

    what: str
    authority: int
    key: int


def balances_of(payers: Collection[int], *, on: date | None = None) -> dict[int, Balance]:
    """Will return the balance of each payer account (key), at the end of the day `on` when given."""
    entries = LedgerEntry.objects.filter(
        payer__in=payers, account__in=(LedgerEntry.Account.RECEIVABLE, LedgerEntry.Account.WALLET)
    )
    if on is not None:
        entries = entries.filter(posting__date__lte=on)
    sums = {
        (row["payer"], row["account"]): row["sum"]
        for row in entries.values("payer", "account").annotate(sum=Sum("cents"))
    }
    return {
        payer: Balance(
            sums.get((payer, LedgerEntry.Account.RECEIVABLE), 0), -sums.get((payer, LedgerEntry.Account.WALLET), 0)
        )
        for payer in payers
    }


def settled_by(posting: Posting) -> dict[int, int]:
    """Will return what a payment settled of each invoice (key)."""
    rows = LedgerEntry.objects.filter(
        posting=posting, account=LedgerEntry.Account.RECEIVABLE, invoice__isnull=False, cents__lt=0
    )
    return {invoice: -cents for invoice, cents in rows.values_list("invoice", "cents")}


def ledger_faults() -> list[LedgerFault]:
    """Will return what should be impossible in the authorities in scope; four empty answers are a proof.

    Postings that do not sum to zero, invoices that the ledger does not know as they are, lines that do not sum to their
    invoice, gaps in the numbers (a series may begin anywhere: a town comes with its own).
    """
    authorities = tenancy.current_scope()
    parameters: dict[str, Any] = {"every": authorities is None, "authorities": sorted(authorities or ())}
    found = []
    with connection.cursor() as cursor:
        for what, statement in FAULTS.items():
            cursor.execute(statement, parameters)
            found += [LedgerFault(what, authority, key) for authority, key in cursor.fetchall()]
    return found


FAULTS: Final = {
    "a posting does not sum to zero": """
        SELECT authority_id, posting_id FROM billing_ledgerentry
        WHERE %(every)s OR authority_id = ANY(%(authorities)s::bigint[])
        GROUP BY authority_id, posting_id HAVING sum(cents) <> 0
    """,
    "an issued invoice is not what was posted": """
        SELECT i.authority_id, i.id
        FROM billing_invoice i
        LEFT JOIN billing_posting p
            ON p.authority_id = i.authority_id AND p.invoice_id = i.id AND p.kind = 'invoice'
        LEFT JOIN billing_ledgerentry e
            ON e.authority_id = p.authority_id AND e.posting_id = p.id AND e.account = 'receivable'
            AND e.invoice_id = i.id
        WHERE i.state = 'issued' AND (%(every)s OR i.authority_id = ANY(%(authorities)s::bigint[]))
        GROUP BY i.authority_id, i.id
        HAVING count(DISTINCT p.id) <> 1 OR coalesce(sum(e.cents), 0) <> i.total_cents
    """,
    "lines do not sum to their invoice": """
        SELECT i.authority_id, i.id
        FROM billing_invoice i
        LEFT JOIN billing_invoiceline l ON l.authority_id = i.authority_id AND l.invoice_id = i.id
        WHERE i.state = 'issued' AND (%(every)s OR i.authority_id = ANY(%(authorities)s::bigint[]))
        GROUP BY i.authority_id, i.id HAVING coalesce(sum(l.total_cents), 0) <> i.total_cents
    """,
    "numbers have a gap": """
        SELECT s.authority_id, s.id
        FROM billing_numberseries s
        LEFT JOIN billing_invoice i
            ON i.authority_id = s.authority_id AND i.regie_id = s.regie_id AND i.exercice = s.exercice
            AND i.state = 'issued'
        WHERE %(every)s OR s.authority_id = ANY(%(authorities)s::bigint[])
        GROUP BY s.authority_id, s.id HAVING count(i.sequence) > s.last OR coalesce(max(i.sequence), 0) <> s.last
            OR (count(i.sequence) > 0 AND max(i.sequence) - min(i.sequence) + 1 <> count(i.sequence))
    """,
}
