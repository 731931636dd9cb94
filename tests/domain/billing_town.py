"""A town that bills, as the tests of billing need it: a régie, runs from start to issue, what the ledger says."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection
from django.db.models import Sum

from marelle.domain.authorities.models import Authority, Regie
from marelle.domain.billing.models import BillingRun, Invoice, LedgerEntry, PayerAccount
from marelle.domain.billing.operations import runs
from marelle.domain.catalog.models import Service
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted

NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))
_number = itertools.count(1)


def make_regie(authority: Authority, code: str = "", **fields) -> Regie:
    with permitted("factory"), tenancy.scope({authority.pk}):
        return Regie.objects.create(
            authority=authority, code=code or f"regie-{next(_number)}", name="Régie enfance", **fields
        )


def morning_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(8), UTC)


def started(
    regie: Regie, *, days=NOVEMBER, services=None, at: datetime | None = None, exercice=2026, **options
) -> BillingRun:
    """Start a run; in the scope of its authority."""
    at = at or morning_after(days[1])
    return runs.start_run(
        regie,
        authority=regie.authority,
        services=list(Service.objects.values_list("pk", flat=True)) if services is None else services,
        name="Novembre",
        starts_on=days[0],
        ends_on=days[1],
        invoiced_on=at.date(),
        due_on=at.date() + timedelta(days=30),
        exercice=exercice,
        by=SYSTEM,
        at=at,
        **options,
    )


def drafted(regie: Regie, **options) -> BillingRun:
    run = started(regie, **options)
    while runs.draft_some(run, authority=regie.authority, by=SYSTEM, at=options.get("at") or run.started_at):
        pass
    run.refresh_from_db()
    return run


def issue_all(run: BillingRun, *, at: datetime | None = None) -> list[Invoice]:
    at = at or run.started_at
    runs.approve_run(run, by=SYSTEM, at=at)
    while runs.issue_some(run, by=SYSTEM, at=at):
        pass
    return list(Invoice.objects.issued().filter(run=run).order_by("sequence"))


def billed(regie: Regie, **options) -> list[Invoice]:
    """Bill, from start to issue."""
    return issue_all(drafted(regie, **options))


def owed(payer: PayerAccount | int, **where) -> int:
    """Return what a payer owes, by the ledger (cents)."""
    return _sum(payer, "receivable", **where)


def wallet(payer: PayerAccount | int) -> int:
    return -_sum(payer, "wallet")


def _sum(payer, account, **where):
    return LedgerEntry.objects.filter(payer=payer, account=account, **where).aggregate(s=Sum("cents"))["s"] or 0


def assert_ledger_holds() -> None:
    """Each posting sums to zero, each issued invoice agrees with its lines and entries, numbers have no gap."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT
                (SELECT array_agg(posting_id) FROM (
                    SELECT posting_id FROM billing_ledgerentry GROUP BY 1 HAVING sum(cents) <> 0) unbalanced),
                (SELECT array_agg((i.id, i.total_cents, lines.total)::text) FROM billing_invoice i
                 LEFT JOIN (SELECT invoice_id, sum(total_cents) AS total FROM billing_invoiceline GROUP BY 1) lines
                    ON lines.invoice_id = i.id
                 WHERE i.total_cents <> coalesce(lines.total, 0)),
                (SELECT array_agg((i.id, i.total_cents, posted.postings, posted.total)::text) FROM billing_invoice i
                 LEFT JOIN (
                    SELECT p.invoice_id, count(DISTINCT p.id) AS postings,
                        sum(e.cents) FILTER (WHERE e.account = 'receivable' AND e.invoice_id = p.invoice_id) AS total
                    FROM billing_posting p JOIN billing_ledgerentry e ON e.posting_id = p.id
                    WHERE p.kind = 'invoice' GROUP BY 1
                 ) posted ON posted.invoice_id = i.id
                 WHERE i.state = 'issued'
                    AND (posted.postings IS DISTINCT FROM 1 OR posted.total IS DISTINCT FROM i.total_cents)),
                (SELECT array_agg((i.id, e.code, e.cents)::text) FROM billing_ledgerentry e
                 JOIN billing_posting p ON p.id = e.posting_id JOIN billing_invoice i ON i.id = p.invoice_id
                 WHERE e.account = 'revenue' AND (i.revenue ->> e.code)::int IS DISTINCT FROM -e.cents),
                (SELECT array_agg((s.regie_id, s.exercice, s.last, numbered.sequences)::text)
                 FROM billing_numberseries s
                 LEFT JOIN (SELECT regie_id, exercice, array_agg(sequence ORDER BY sequence) AS sequences
                            FROM billing_invoice WHERE sequence IS NOT NULL GROUP BY 1, 2) numbered
                    USING (regie_id, exercice)
                 WHERE coalesce(numbered.sequences, '{}') <> coalesce(
                    (SELECT array_agg(n) FROM generate_series(1, s.last) n), '{}'))
            """
        )
        unbalanced, uneven, misposted, miscoded, gaps = cursor.fetchone()
    assert unbalanced is None, f"postings that do not sum to zero: {unbalanced}"
    assert uneven is None, f"invoices that are not their lines (key, total, lines): {uneven}"
    assert misposted is None, f"invoices and ledger disagree (key, total, postings, posted): {misposted}"
    assert miscoded is None, f"revenue and ledger disagree: {miscoded}"
    assert gaps is None, f"numbers (régie, exercice, last, sequences): {gaps}"
