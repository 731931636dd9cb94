"""What an issued invoice would become if it were made today: the difference alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.billing.models import Invoice, InvoiceLine
from marelle.domain.billing.queries.to_bill import Billed, bill
from marelle.domain.catalog.queries import offer_of
from marelle.foundation.periods import Period

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.authorities.models import Authority


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


def correction_of(invoice: Invoice, *, authority: Authority, at: datetime) -> Billed | None:
    """Will return what is to be invoiced more, or given back, to the family of an issued invoice, as known at `at`.

    None when the invoice is of no family. Nothing is written.
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
        [invoice.family_id], regie=invoice.regie_id, services=services, period=period_of(first), offer=offer, at=at
    )
    return found[0]
