"""Billing a month: drafted, numbered, posted; beside the plain SQL that would sum and insert the same rows."""

from __future__ import annotations

import resource
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bench.figures import Figure, Report, median

if TYPE_CHECKING:
    from marelle.domain.authorities.models import Authority

AUTHORITIES = 50
FAMILIES_OF_EACH = 2_000
ROUNDS = 5


def measure(report: Report, authority: Authority, *, is_quick: bool) -> None:
    """Will bill seven weeks of the generated authority, in turn with the plain statement; nothing is kept."""
    days, count = _lived(authority)
    ours, plain = [], []
    for turn in range(1 if is_quick else ROUNDS):
        for what in (ours, plain) if turn % 2 else (plain, ours):
            start = time.perf_counter()
            if what is ours:
                invoices = _bill(authority, days)
                what.append(time.perf_counter() - start)
                assert invoices > 0, "nothing was invoiced"
                _forget(authority)
            else:
                _aggregate(authority, days)
                what.append(time.perf_counter() - start)
    value, reference = median(ours), median(plain)
    report.add(
        Figure(
            "bill_month",
            value,
            "s",
            reference=reference,
            ratio=value / reference,
            floor=5,
            aim=2,
            note=f"{count} reservations, {invoices} invoices drafted, issued and posted",
        )
    )


def measure_large(report: Report, *, is_quick: bool) -> None:
    """Will bill fifty authorities of 2,000 families, one after the other; making them is not counted."""
    from marelle.commands.generate import generate_authority
    from marelle.foundation import clock
    from marelle.foundation.actors import SYSTEM

    spent = reference = 0.0
    rows = invoices = 0
    for place in range(5 if is_quick else AUTHORITIES):
        authority = generate_authority(
            FAMILIES_OF_EACH, place, slug=f"banc-{place}", by=SYSTEM, at=clock.business_now()
        )
        days, count = _lived(authority, weeks=4)
        start = time.perf_counter()
        _aggregate(authority, days)
        middle = time.perf_counter()
        invoices += _bill(authority, days)
        spent += time.perf_counter() - middle
        reference += middle - start
        rows += count
        print(f"# {authority.slug}: {rows} reservations, {invoices} invoices, {spent:.1f} s", flush=True)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    note = f"{rows} reservations, {invoices} invoices"
    report.add(
        Figure("bill_hundred_thousand_families", spent, "s", reference, spent / reference, floor=240, aim=60, note=note)
    )
    report.add(Figure("bill_hundred_thousand_families_memory", grown, "MB", floor=1000))


def _lived(authority: Authority, *, weeks: int | None = None) -> tuple[tuple[Any, Any], int]:
    """Will return the days on which something is reserved, the first `weeks` of them when given, and how much is."""
    from django.db.models import Max, Min

    from marelle.domain.reservations.models import Reservation
    from marelle.foundation import tenancy

    with tenancy.scope({authority.pk}):
        found = Reservation.objects.aggregate(first=Min("date"), last=Max("date"))
        last = found["last"] if weeks is None else found["first"] + timedelta(weeks=weeks, days=-1)
        count = Reservation.objects.filter(date__lte=last).count()
    return (found["first"], last), count


def _bill(authority: Authority, days: tuple[Any, Any]) -> int:
    from marelle.domain.authorities.models import Regie
    from marelle.domain.billing.models import Invoice
    from marelle.domain.billing.operations import runs
    from marelle.domain.catalog.models import Service
    from marelle.foundation import clock, tenancy
    from marelle.foundation.actors import SYSTEM

    # Business time stands before the last weeks: they are billed as if they were over.
    at = clock.business_now() + timedelta(days=60)
    with tenancy.scope({authority.pk}):
        run = runs.start_run(
            Regie.objects.get(),
            authority=authority,
            services=list(Service.objects.values_list("pk", flat=True)),
            name="Le mois du banc",
            starts_on=days[0],
            ends_on=days[1],
            invoiced_on=at.date(),
            due_on=at.date() + timedelta(days=30),
            exercice=at.year,
            by=SYSTEM,
            at=at,
        )
        while runs.draft_some(run, authority=authority, by=SYSTEM, at=at):
            pass
        runs.approve_run(run, by=SYSTEM, at=at)
        while runs.issue_some(run, by=SYSTEM, at=at):
            pass
        return Invoice.objects.issued().filter(run=run).count()


def _forget(authority: Authority) -> None:
    """Will empty the tables of billing, which refuse to forget a row."""
    from django.db import connection

    from marelle.foundation.writes import permitted

    with permitted("bench"), connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE billing_ledgerentry, billing_posting, billing_invoiceline, billing_hiddeninvoice, "
            "billing_invoice, billing_billingrun, billing_numberseries, billing_manualcharge, billing_aid, "
            "billing_payeraccount CASCADE"  # recovery and payments hang on them
        )


def _aggregate(authority: Authority, days: tuple[Any, Any]) -> None:
    from django.db import connection, transaction

    from marelle.foundation.writes import permitted

    with permitted("bench"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PLAIN, {"authority": authority.pk, "first": days[0], "last": days[1]})
        cursor.execute("DROP TABLE bench_invoice, bench_line")


PLAIN = """
CREATE TEMPORARY TABLE bench_invoice (id bigserial PRIMARY KEY, family_id bigint, total bigint);
CREATE TEMPORARY TABLE bench_line (
    id bigserial PRIMARY KEY, invoice_id bigint, child_id bigint, product_id bigint, cents int, quantity int, total int,
    days date[]
);
WITH lines AS MATERIALIZED (
    SELECT family_id, child_id, product_id, price_cents, count(*)::int AS quantity,
        sum(price_cents)::int AS total, array_agg(date ORDER BY date) AS days
    FROM reservations_reservation
    WHERE authority_id = %(authority)s AND state = 'reserved' AND date BETWEEN %(first)s AND %(last)s
    GROUP BY family_id, child_id, product_id, price_cents
), invoices AS (
    INSERT INTO bench_invoice (family_id, total) SELECT family_id, sum(total) FROM lines GROUP BY family_id
    RETURNING id, family_id
)
INSERT INTO bench_line (invoice_id, child_id, product_id, cents, quantity, total, days)
SELECT invoices.id, child_id, product_id, price_cents, quantity, total, days FROM lines JOIN invoices USING (family_id)
"""
