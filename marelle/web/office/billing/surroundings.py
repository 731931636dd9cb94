"""Who may bill, and what the screens of billing share."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import reverse

from marelle.domain.billing.models import BillingRun, Invoice
from marelle.web.doors import office_page
from marelle.web.office.surroundings import ROLES, reach

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit


def billing_page(view: Any) -> Any:
    """Will open `view` to agents who bill for the whole authority: an invoice is of all that a family did."""
    return _whole(ROLES.MANAGE_BILLING, view)


def desk_page(view: Any) -> Any:
    """Will open `view` to agents who cash for the authority; whoever bills does too."""
    return _whole(ROLES.HOLD_REGIE, view)


def regie_page(view: Any) -> Any:
    """Will open `view` to agents who administer the whole authority."""
    return _whole(ROLES.ADMINISTER, view)


def _whole(role: str, view: Any) -> Any:
    @functools.wraps(view)
    def for_the_whole(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not reach(visit_of(request), role).is_whole:
            raise PermissionDenied
        response: HttpResponse = view(request, **kwargs)
        return response

    return office_page(role)(for_the_whole)


def visit_of(request: HttpRequest) -> OfficeVisit:
    """Will return the visit that the door handed over."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    return visit


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


def url_of(visit: OfficeVisit, name: str, **kwargs: str | int) -> str:
    """Will return an address of billing at the authority of the visit."""
    return reverse(name, kwargs={"authority": visit.authority.slug, **kwargs})
