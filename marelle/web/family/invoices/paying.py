"""Paying the invoices of the families of an account."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.urls import reverse
from django.views.decorators.http import require_http_methods

from marelle.domain.billing.queries.family_invoices import entitled
from marelle.web.doors import family_page
from marelle.web.family.surroundings import family_context
from marelle.web.paying.invoices import tills

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import FamilyVisit


@family_page
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest) -> HttpResponse:
    """Will say what is paid to whom, in which order and where (GET), or lead to the first payment (POST)."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    payer = tills.Payer(
        visit=visit,
        who=entitled(visit.user.pk, visit.memberships),
        around=partial(family_context, visit, "invoices"),
        list_url=reverse("invoices", args=[visit.authority.slug]),
        pay_url=reverse("invoices_pay", args=[visit.authority.slug]),
    )
    return tills.pay(request, payer)
