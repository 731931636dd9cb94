"""What was billed of the days of a period, and what is unpaid by age: counted by the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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
    A unit lasts as long as the part of the day does. Only what is issued counts, and no package: it has no day.
    """
    if not tenancy.is_in_scope(authority):
        raise tenancy.UnscopedQueryError
    with connection.cursor() as cursor:
        cursor.execute(BILLED, {"authority": authority, "products": list(products), "first": first, "last": last})
        return {(product, is_young): (units, minutes) for product, is_young, units, minutes in cursor}


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


# A line whose days, in order as they are always written, no other of the child meets, and are in the period and of one
# age, counts a unit a day. Only the days of the others are compared one by one: three years of a town are a million.
BILLED: Final = f"""
WITH {LENGTHS}, lines AS (
    SELECT l.child_id, l.product_id, l.days, l.unit_cents, l.days[1] AS starts, l.days[cardinality(l.days)] AS ends
    FROM billing_invoice AS i
    JOIN billing_invoiceline AS l ON l.authority_id = i.authority_id AND l.invoice_id = i.id
    WHERE i.authority_id = %(authority)s AND i.state = 'issued' AND i.origin = 'marelle'
        AND i.starts_on <= %(last)s AND i.ends_on >= %(first)s
        AND l.kind = 'day' AND l.product_id = ANY(%(products)s::bigint[]) AND cardinality(l.days) > 0
), placed AS (
    SELECT lines.*,
        starts > coalesce(max(ends) OVER (of_child ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), '-infinity')
            AND ends < coalesce(lead(starts) OVER of_child, 'infinity') AS is_alone
    FROM lines WINDOW of_child AS (PARTITION BY child_id, product_id ORDER BY starts)
), aged AS MATERIALIZED (
    SELECT p.child_id, p.product_id, p.days, p.unit_cents, c.birth_date, a.age,
        p.is_alone AND p.starts >= %(first)s AND p.ends <= %(last)s
            AND p.ends < (c.birth_date + make_interval(years => a.age + 1))::date AS is_whole
    FROM placed AS p
    JOIN families_child AS c ON c.authority_id = %(authority)s AND c.id = p.child_id
    CROSS JOIN LATERAL (SELECT extract(year FROM age(p.starts, c.birth_date))::int AS age) AS a
), days AS (
    SELECT l.child_id, l.product_id, l.birth_date, day.date
    FROM aged AS l CROSS JOIN LATERAL unnest(l.days) AS day (date)
    WHERE NOT l.is_whole AND day.date BETWEEN %(first)s AND %(last)s
    GROUP BY l.child_id, l.product_id, l.birth_date, day.date
    HAVING sum(l.unit_cents) > 0 OR (min(l.unit_cents) = 0 AND max(l.unit_cents) = 0)
), units AS (
    SELECT product_id, age, sum(cardinality(days)) AS units FROM aged
    WHERE is_whole AND unit_cents >= 0 GROUP BY 1, 2
    UNION ALL
    SELECT product_id, extract(year FROM age(date, birth_date))::int, count(*) FROM days GROUP BY 1, 2
)
SELECT units.product_id, units.age < 6, sum(units.units)::int,
    coalesce(sum(units.units * lengths.minutes), 0)::int
FROM units
LEFT JOIN lengths ON lengths.product_id = units.product_id AND lengths.age = least(units.age, 18)
GROUP BY 1, 2
"""  # noqa: S608  our own columns, no value
