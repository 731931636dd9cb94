"""One press of *Valider* or *Payer* by a family: its page, and what its buttons do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.http import Http404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.billing.queries.family_invoices import entitled
from marelle.domain.payments.queries.paying import checkout_of
from marelle.foundation import tenancy
from marelle.web.doors import family_page
from marelle.web.family.surroundings import family_context
from marelle.web.paying.payments import pages

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import FamilyVisit


@family_page
@require_safe
def result(request: HttpRequest, checkout: str) -> HttpResponse:
    """Will say what became of each payment."""
    return pages.show(request, _press(request, checkout))


@family_page
@require_safe
def go(request: HttpRequest, checkout: str) -> HttpResponse:
    """Will show the form that posts an order to a payment page."""
    return pages.go(request, _press(request, checkout))


@family_page
@require_POST
def begin(request: HttpRequest, checkout: str) -> HttpResponse:
    """Will lead to the payment page of one of the payments, or back to it."""
    return pages.begin(request, _press(request, checkout))


@family_page
@require_POST
def ask(request: HttpRequest, checkout: str) -> HttpResponse:
    """Will ask the gateway what became of one of the payments, now."""
    return pages.ask(request, _press(request, checkout))


@family_page
@require_POST
def again(request: HttpRequest, checkout: str) -> HttpResponse:
    """Will lead to a new payment page for one of the payments."""
    return pages.again(request, _press(request, checkout))


@family_page
@require_POST
def give_up(request: HttpRequest, checkout: str) -> HttpResponse:
    """Will close a payment that was not begun, or that the payer left."""
    return pages.give_up(request, _press(request, checkout))


def _press(request: HttpRequest, checkout: str) -> pages.Press:
    """Will return the press of that word, of the families of the account; raises Http404 for any other."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    who = entitled(visit.user.pk, visit.memberships)
    with tenancy.scope(who.authorities):
        found = checkout_of(who, checkout[:12])
    if not found:
        raise Http404
    attempt = found[0].attempt
    here = [visit.authority.slug]
    return pages.Press(
        visit=visit,
        found=found,
        authorities=who.authorities,
        around=partial(family_context, visit, "calendar" if attempt.purpose == attempt.Purpose.BASKET else "invoices"),
        invoices_url=reverse("invoices", args=here),
        pay_url=reverse("invoices_pay", args=here),
        payments_url=reverse("payments", args=here),
        email=visit.user.email,
    )
