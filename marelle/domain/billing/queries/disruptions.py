"""What an event comes to in invoices: what of it was invoiced already, what was given back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db import connection
from django.db.models import Count, Sum

from marelle.domain.billing.models import Invoice
from marelle.foundation import tenancy
from marelle.foundation.french_dates import in_full

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marelle.domain.reservations.models import Disruption
    from marelle.domain.reservations.queries.disruptions import Met


class Invoiced(NamedTuple):
    """Days that an event changes and that were invoiced already, and the families whose they are."""

    days: int
    families: int


def invoiced_of(met: Iterable[Met], *, authority: int) -> Invoiced:
    """Will count what is on an issued invoice of these reservations, those that are left as they are apart."""
    changed = [one for one in met if not one.left_for]
    if not tenancy.is_in_scope(authority):
        raise tenancy.UnscopedQueryError
    with connection.cursor() as cursor:
        cursor.execute(
            INVOICED,
            {
                "authority": authority,
                "families": [one.family for one in changed],
                "children": [one.child for one in changed],
                "products": [one.product for one in changed],
                "dates": [one.date for one in changed],
            },
        )
        return Invoiced(*cursor.fetchone())


def reason_of(disruption: Disruption) -> str:
    """Will return what the invoices that come of an event, or of its undoing, say of why."""
    when = in_full(disruption.starts_on, year=True)
    if disruption.ends_on != disruption.starts_on:
        when = f"{when} au {in_full(disruption.ends_on, year=True)}"
    undone = " (n’a plus lieu)" if disruption.undone_at is not None else ""
    return f"{disruption.title}, {when}{undone}"[:300]


class GivenBack(NamedTuple):
    """The credit notes, or complementary invoices, that came of an event: how many, and their cents."""

    invoices: int
    cents: int


def given_back(disruption: Disruption) -> GivenBack:
    """Will return what was issued for an event as it stands: cents below zero when it was given back."""
    lines = disruption.lines.values("reservation__family")
    found = Invoice.objects.issued().filter(
        reason=reason_of(disruption), corrects__isnull=False, family__in=lines, issued_at__gte=disruption.declared_at
    )
    said = found.aggregate(count=Count("pk"), cents=Sum("total_cents", default=0))
    return GivenBack(said["count"], said["cents"])


INVOICED = """
WITH met AS (
    SELECT DISTINCT family, child, product, day
    FROM unnest(%(families)s::bigint[], %(children)s::bigint[], %(products)s::bigint[], %(dates)s::date[])
        AS m(family, child, product, day)
)
SELECT count(*), count(DISTINCT family) FROM met
WHERE EXISTS (
    SELECT 1 FROM billing_invoice i
    JOIN billing_invoiceline l ON l.authority_id = i.authority_id AND l.invoice_id = i.id
    WHERE i.authority_id = %(authority)s AND i.family_id = met.family AND i.state = 'issued'
        AND l.child_id = met.child AND l.product_id = met.product AND l.kind = 'day' AND l.days @> ARRAY[met.day]
)
"""
