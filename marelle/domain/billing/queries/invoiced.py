"""The days that were invoiced: what a new text may not change any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connection

from marelle.domain.billing.models import Invoice
from marelle.foundation import tenancy

if TYPE_CHECKING:
    from datetime import date


def invoiced_days(product: int, *, authority: int, first: date, before: date | None) -> int:
    """Will count the days of a product (keys) on issued invoices, from `first` on, before `before` if it is given."""
    if not tenancy.is_in_scope(authority):
        raise tenancy.UnscopedQueryError
    values: dict[str, int | str | date | None] = {
        "authority": authority,
        "product": product,
        "first": first,
        "before": before,
        "issued": Invoice.State.ISSUED.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(INVOICED, values)
        return sum(count for (count,) in cursor)


INVOICED: Final = """
SELECT count(*)
FROM billing_invoice i
JOIN billing_invoiceline l ON l.authority_id = i.authority_id AND l.invoice_id = i.id
CROSS JOIN LATERAL unnest(l.days) AS invoiced(day)
WHERE i.authority_id = %(authority)s AND i.state = %(issued)s AND i.ends_on >= %(first)s
    AND l.product_id = %(product)s AND l.unit_cents > 0
    AND invoiced.day >= %(first)s AND (%(before)s::date IS NULL OR invoiced.day < %(before)s::date)
"""
