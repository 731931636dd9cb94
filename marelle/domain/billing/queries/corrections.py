"""What an issued invoice would become if it were made today: the difference alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.billing.models import Invoice, InvoiceLine
from marelle.domain.billing.queries.to_bill import Billed, bill
from marelle.domain.billing.rules.charges import Kind
from marelle.domain.catalog.queries import offer_of
from marelle.foundation.periods import Period

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.billing.queries.to_bill import Places


def first_of(invoice: Invoice) -> Invoice:
    """Will return the invoice that began it: a correction is of the period of what it corrects."""
    seen = {invoice.pk}
    while invoice.corrects_id is not None and invoice.corrects_id not in seen:
        seen.add(invoice.corrects_id)
        invoice = Invoice.objects.select_related("run").get(pk=invoice.corrects_id)
    return invoice


def period_of(first: Invoice) -> Period:
    """Will return the days that an invoice is of: those of its run, wider facts apart."""
    if first.run is not None:
        return Period(first.run.starts_on, first.run.ends_on)
    return Period(first.starts_on, first.ends_on)


def correction_of(invoice: Invoice, *, authority: Authority, only: Places | None = None, at: datetime) -> Billed | None:
    """Will return what is to be invoiced more, or given back, to the family of an issued invoice, as known at `at`.

    For `only` these days of a child for a product, when given. None when the invoice is of no family. Nothing is
    written.
    """
    if invoice.family_id is None:
        return None
    first = first_of(invoice)
    offer = offer_of(authority)
    if first.run is not None:
        services = set(first.run.services)
    else:
        products = InvoiceLine.objects.filter(invoice=first, product__isnull=False).values_list("product_id", flat=True)
        services = {offer.product_by_pk[key].activity.service.pk for key in products if key in offer.product_by_pk}
    found = bill(
        [invoice.family_id],
        regie=invoice.regie_id,
        services=services,
        period=period_of(first),
        offer=offer,
        at=at,
        only=only,
    )
    return found[0]


def invoices_with(days: Places, *, family: int) -> dict[Invoice, dict[tuple[int, int], set[date]]]:
    """Will return the invoices that first had these days of the family (key), issued, each with those that it had.

    By the invoice that began it: the corrections that followed are of its period. In the order of their issue.
    """
    wanted = {day for each in days.values() for day in each}
    lines = InvoiceLine.objects.filter(
        invoice__family=family,
        invoice__state=Invoice.State.ISSUED,
        kind=Kind.DAY.value,
        child__in={child for child, _product in days},
        product__in={product for _child, product in days},
        days__overlap=sorted(wanted),
    )
    first: dict[tuple[int, int, date], int] = {}
    for invoice, child, product, invoiced in lines.order_by("invoice", "pk").values_list(
        "invoice_id", "child_id", "product_id", "days"
    ):
        for day in wanted.intersection(invoiced, days.get((child or 0, product or 0), ())):
            first.setdefault((child or 0, product or 0, day), invoice)
    rows = Invoice.objects.select_related("run").in_bulk(set(first.values()))
    roots = {key: first_of(invoice) for key, invoice in rows.items()}
    found: dict[Invoice, dict[tuple[int, int], set[date]]] = {}
    for (child, product, day), key in sorted(first.items(), key=lambda item: (roots[item[1]].pk, item[0])):
        found.setdefault(roots[key], {}).setdefault((child, product), set()).add(day)
    return found


def runs_of(days: Collection[date], services: Collection[int], *, family: int) -> list[Invoice]:
    """Will return the invoices of the family (key) that a run issued for one of these services and some of these days.

    What is in a package, or was not billed then, has no line of its own: these say that the month is out.
    """
    return list(
        Invoice.objects.issued()
        .select_related("run")
        .filter(
            family=family,
            corrects__isnull=True,
            run__starts_on__lte=max(days),
            run__ends_on__gte=min(days),
            run__services__overlap=sorted(services),
        )
        .order_by("pk")
    )
