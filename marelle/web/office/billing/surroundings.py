"""Who may bill, and what the screens of billing share."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from marelle.domain.billing.models import BillingRun, Invoice
from marelle.web.office.surroundings import ROLES, whole_authority_page

# An invoice is of all that a family did.
billing_page = whole_authority_page(ROLES.MANAGE_BILLING)
# Whoever bills cashes too.
desk_page = whole_authority_page(ROLES.HOLD_REGIE)
# What is decided of a régie.
regie_page = whole_authority_page(ROLES.ADMINISTER)


def run_or_404(run: str) -> BillingRun:
    """Will return the run of this public id; raises Http404."""
    return get_object_or_404(BillingRun.objects.select_related("regie"), public_id=run)


def draft_or_404(run: str, family: str) -> Invoice:
    """Will return what a run made for a family, by their public ids; raises Http404."""
    rows = Invoice.objects.select_related("run__regie", "payer", "family", "regie")
    return get_object_or_404(rows, run__public_id=run, family__public_id=family)


def invoice_or_404(invoice: str) -> Invoice:
    """Will return the issued invoice of this public id; raises Http404."""
    rows = Invoice.objects.filter(state=Invoice.State.ISSUED)
    return get_object_or_404(rows.select_related("run", "payer", "family", "regie", "corrects"), public_id=invoice)
