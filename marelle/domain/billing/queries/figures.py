"""What was billed of the days of a period, and what is unpaid by age: counted by the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.db.models import F, Q, Sum

from marelle.domain.billing.models import Invoice, LedgerEntry
from marelle.domain.billing.rules.ageing import Overdue
from marelle.domain.reservations.queries.figures import LENGTHS
from marelle.foundation import tenancy

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date


def billed_minutes(
    authority: int, *, products: Collection[int], first: date, last: date
) -> dict[tuple[int, bool], tuple[int, int]]:
    """Will return (units, minutes) billed of each product (key), for children under six and not, of days in a period.

    A day counts once, whatever the corrections, as long as something of it stays billed; one billed for nothing counts.
    A unit lasts as long as the part of the day does. Only what is issued counts, and no package: it has no day. Months
    are read as they were counted at night, but those of which something was issued since; two statements.
    """
    values: dict[str, Any] = {
        "products": list(products),
        "months": uncounted_months(authority),
        "first": first,
        "last": last,
    }
    with connection.cursor() as cursor:
        cursor.execute(BILLED, {"authority": authority, **values})
        return {(product, is_young): (units, minutes) for product, is_young, units, minutes in cursor}


def uncounted_months(authority: int) -> list[date]:
    """Will return the months (first days, in order) of which an authority (key) billed since they were counted.

    All those that it billed, before the first count.
    """
    if not tenancy.is_in_scope(authority):
        raise tenancy.UnscopedQueryError
    with connection.cursor() as cursor:
        cursor.execute(UNCOUNTED, {"authority": authority})
        return [month for (month,) in cursor]


def overdue_invoices(*, on: date) -> list[Overdue]:
    """Will return what was due before a day and is still owed, in the authority in scope; one statement.

    Not of what another software issued: it reminds by itself.
    """
    rows = (
        LedgerEntry.objects.filter(account=LedgerEntry.Account.RECEIVABLE, invoice__due_on__lt=on)
        .filter(Q(invoice__origin=Invoice.Origin.MARELLE))
        .values("invoice", "invoice__regie", "invoice__payer", "invoice__due_on")
        .annotate(left=Sum("cents"), recovered_at=F("invoice__recovery_at"))
        .filter(left__gt=0)
        .values_list("invoice__regie", "invoice__payer", "invoice__due_on", "left", "recovered_at")
    )
    return [Overdue(regie, payer, due_on, left, at is not None) for regie, payer, due_on, left, at in rows]


# The moment of an issue is that of its beginning, so one that began before a count may be seen after it: hence a day.
UNCOUNTED: Final = """
SELECT DISTINCT month::date
FROM (
    SELECT DISTINCT date_trunc('month', l.days[1]::timestamp) AS starts,
        date_trunc('month', l.days[cardinality(l.days)]::timestamp) AS ends
    FROM billing_invoice AS i
    JOIN billing_invoiceline AS l ON l.authority_id = i.authority_id AND l.invoice_id = i.id
    WHERE i.authority_id = %(authority)s AND i.state = 'issued' AND i.origin = 'marelle'
        AND i.issued_at >= coalesce((
            SELECT counted_at - interval '1 day' FROM billing_billedcount WHERE authority_id = %(authority)s
        ), '-infinity')
        AND l.kind = 'day' AND cardinality(l.days) > 0
) AS spans CROSS JOIN generate_series(starts, ends, interval '1 month') AS month
ORDER BY 1
"""

# What is billed now of the days of a period, in some months alone.
BILLED_NOW: Final = f"""
{LENGTHS}, live AS (
    SELECT greatest(month, %(first)s) AS starts, least((month + interval '1 month')::date - 1, %(last)s) AS ends
    FROM unnest(%(months)s::date[]) AS month
    WHERE month <= %(last)s AND month + interval '1 month' > %(first)s
), days AS (
    SELECT l.child_id, l.product_id, day.date
    FROM live
    JOIN billing_invoice AS i
        ON i.authority_id = %(authority)s AND i.starts_on <= live.ends AND i.ends_on >= live.starts
    JOIN billing_invoiceline AS l ON l.authority_id = i.authority_id AND l.invoice_id = i.id
    CROSS JOIN LATERAL unnest(l.days) AS day (date)
    WHERE i.state = 'issued' AND i.origin = 'marelle' AND l.kind = 'day'
        AND l.product_id = ANY(%(products)s::bigint[]) AND day.date BETWEEN live.starts AND live.ends
    GROUP BY l.child_id, l.product_id, day.date
    HAVING sum(l.unit_cents) > 0 OR (min(l.unit_cents) = 0 AND max(l.unit_cents) = 0)
), aged AS (
    SELECT d.product_id, d.date, extract(year FROM age(d.date, c.birth_date))::int AS age, count(*) AS units
    FROM days AS d JOIN families_child AS c ON c.authority_id = %(authority)s AND c.id = d.child_id
    GROUP BY 1, 2, 3
), billed_now AS (
    SELECT aged.product_id, aged.date, aged.age < 6 AS is_young, sum(aged.units)::int AS units,
        coalesce(sum(aged.units * lengths.minutes), 0)::int AS minutes
    FROM aged
    LEFT JOIN lengths ON lengths.product_id = aged.product_id AND lengths.age = least(aged.age, 18)
    GROUP BY 1, 2, 3
)
"""  # noqa: S608  our own columns, no value
COLUMNS: Final = "product_id, date, is_young, units, minutes"
# With the other days, as they were counted at night.
BILLED: Final = f"""
WITH {BILLED_NOW}
SELECT product_id, is_young, sum(units)::int, sum(minutes)::bigint
FROM (
    SELECT {COLUMNS} FROM billed_now
    UNION ALL
    SELECT {COLUMNS} FROM billing_billedfigure AS f
    WHERE f.authority_id = %(authority)s AND f.product_id = ANY(%(products)s::bigint[])
        AND f.date BETWEEN %(first)s AND %(last)s
        AND NOT EXISTS (SELECT FROM live WHERE f.date BETWEEN live.starts AND live.ends)
) AS billed
GROUP BY product_id, is_young
"""  # noqa: S608  our own columns, no value
