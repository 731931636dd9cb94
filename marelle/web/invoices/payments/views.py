"""What became of a payment: for an account that sees its invoices, or for the browser that began it without one."""

from __future__ import annotations

import functools
from functools import partial
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.billing.queries.family_invoices import entitled_online
from marelle.domain.payments.models import PaymentAttempt
from marelle.domain.payments.queries.begun import payment_begun, receipt_begun
from marelle.domain.payments.queries.paying import checkout_of, receipt_of
from marelle.foundation import clock, tenancy
from marelle.letters.documents.drawing import receipt_pdf
from marelle.letters.receipt_documents import receipt_document
from marelle.web.invoices import wording
from marelle.web.invoices.mine.visits import AccountVisit
from marelle.web.invoices.proofs import AnybodysVisit, payments_begun
from marelle.web.invoices.surroundings import invoices_context
from marelle.web.paying.files import as_file
from marelle.web.paying.payments import pages
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.payments.models import Receipt


def for_payer(view: Any) -> Any:
    """Will open `view` to the browser that began the payment, and to the accounts that see its invoices.

    It is handed the payment as they see it (`press`). Nobody else finds it; who is not signed in is asked for the pair,
    for the browser may have forgotten.
    """

    @functools.wraps(view)
    def behind_door(request: HttpRequest, authority: str, checkout: str, **kwargs: Any) -> HttpResponse:
        press = _of_account(request, checkout) or _of_browser(request, checkout)
        if press is None or authority not in {one.slug for one in press.authorities.values()}:
            return nothing_here(request)
        response: HttpResponse = view(request, press=press, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        return response

    behind_door.door = "payer"  # type: ignore[attr-defined]
    return behind_door


@for_payer
@require_safe
def result(request: HttpRequest, press: pages.Press) -> HttpResponse:
    """Will say what became of each payment."""
    return pages.show(request, press)


@for_payer
@require_safe
def go(request: HttpRequest, press: pages.Press) -> HttpResponse:
    """Will show the form that posts an order to a payment page."""
    return pages.go(request, press)


@for_payer
@require_POST
def begin(request: HttpRequest, press: pages.Press) -> HttpResponse:
    """Will lead to the payment page of one of the payments, or back to it."""
    return pages.begin(request, press)


@for_payer
@require_POST
def ask(request: HttpRequest, press: pages.Press) -> HttpResponse:
    """Will ask the gateway what became of one of the payments, now."""
    return pages.ask(request, press)


@for_payer
@require_POST
def again(request: HttpRequest, press: pages.Press) -> HttpResponse:
    """Will lead to a new payment page for one of the payments."""
    return pages.again(request, press)


@for_payer
@require_POST
def give_up(request: HttpRequest, press: pages.Press) -> HttpResponse:
    """Will close a payment that was not begun, or that the payer left."""
    return pages.give_up(request, press)


def for_receiver(view: Any) -> Any:
    """Will open `view`, with the receipt (`found`), to the account that it is for and to the browser that paid."""

    @functools.wraps(view)
    def behind_door(request: HttpRequest, authority: str, receipt: str, **kwargs: Any) -> HttpResponse:
        found = None
        if request.user.is_authenticated:
            who = entitled_online(request.user.pk)
            with tenancy.scope(who.authorities):
                found = receipt_of(who, receipt)
        found = found or receipt_begun(payments_begun(request), receipt)
        if found is None or found.authority.slug != authority:
            return nothing_here(request)
        response: HttpResponse = view(request, found=found, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        return response

    behind_door.door = "payer"  # type: ignore[attr-defined]
    return behind_door


@for_receiver
@require_safe
def receipt(_request: HttpRequest, found: Receipt) -> HttpResponse:
    """Will answer with the document of a receipt, the same for ever."""
    with tenancy.scope({found.authority_id}):
        drawn = receipt_pdf(receipt_document(found))
    return as_file(drawn, f"quittance-{found.number}.pdf")


def nothing_here(request: HttpRequest) -> HttpResponse:
    """Will say that there is nothing; ask for the pair who is not signed in, whose browser may have forgotten.

    Raises Http404.
    """
    if request.user.is_authenticated:
        raise Http404
    return SeeOther(f"{reverse('pay_invoice')}?encore=1")


def _of_account(request: HttpRequest, checkout: str) -> pages.Press | None:
    if not request.user.is_authenticated:
        return None
    who = entitled_online(request.user.pk)
    with tenancy.scope(who.authorities):
        found = checkout_of(who, checkout[:12])
    # Places are booked, and paid, at the families' site.
    if not found or any(one.attempt.purpose != PaymentAttempt.Purpose.INVOICES for one in found):
        return None
    of_press = {one.attempt.authority_id for one in found}
    return pages.Press(
        visit=AccountVisit(clock.business_now(), request.user.pk),
        found=found,
        authorities={key: one for key, one in who.authorities.items() if key in of_press},
        around=partial(invoices_context, request, "invoices"),
        invoices_url=reverse("invoices"),
        pay_url=reverse("invoices_pay"),
        payments_url="",
        email=request.user.email,
        # What is over of an invoice that was added is not the account's.
        is_holders=all(one.attempt.family_id in who.families for one in found),
    )


def _of_browser(request: HttpRequest, checkout: str) -> pages.Press | None:
    position = payments_begun(request).get(checkout)
    found = payment_begun(checkout, position) if position is not None else []
    if not found:
        return None
    return pages.Press(
        visit=AnybodysVisit(clock.business_now()),
        found=found,
        authorities={one.attempt.authority_id: one.attempt.authority for one in found},
        around=partial(invoices_context, request, "pay_invoice"),
        invoices_url=reverse("pay_invoice"),
        invoices_words=str(wording.PAY_ANOTHER),
        pay_url="",
        payments_url="",
        email=next((one.attempt.receipt_email for one in found if one.attempt.receipt_email), ""),
        is_holders=False,
    )
