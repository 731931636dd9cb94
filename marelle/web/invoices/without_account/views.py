"""The reference and the amount of an invoice, then what it asks for, then the payment page of its régie."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from marelle.domain.payments.asking import UnableToBeginError
from marelle.domain.payments.gateways import Trouble
from marelle.domain.payments.operations.checkout import (
    BeingPaidError,
    UnableToPayInvoicesError,
    pay_invoice_without_account,
)
from marelle.domain.payments.queries.attempts import under_way
from marelle.domain.payments.queries.paying import how_paid
from marelle.domain.payments.queries.without_account import Payable
from marelle.foundation import clock, tenancy
from marelle.foundation.french_dates import hour, without_weekday
from marelle.foundation.money import in_euros
from marelle.web.contacts import contact_view
from marelle.web.doors import public
from marelle.web.invoices import wording
from marelle.web.invoices.finding import seek
from marelle.web.invoices.following import follow_found
from marelle.web.invoices.forms import PairForm, ReceiptForm
from marelle.web.invoices.proofs import AnybodysVisit, for_who_proved, note_begun, payments_begun
from marelle.web.invoices.surroundings import invoices_context, sign_in_url
from marelle.web.paying.invoices.detail import on_one_line
from marelle.web.paying.invoices.rows import crest_of
from marelle.web.paying.payments.leading import lead_to_page, site_words
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.payments.models import PaymentAttempt
    from marelle.domain.payments.queries.without_account import FoundToPay


@public
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Will ask for the reference and the amount, and lead to the invoice that bears both."""
    form = PairForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        sought = seek(request, form)
        if sought.refused is not None:
            return sought.refused
        if sought.found is not None:
            return SeeOther(reverse("invoice_to_pay", args=[sought.found.invoice.public_id]))
    context = invoices_context(
        request, "pay_invoice", form=form, is_over="encore" in request.GET, sign_in_url=sign_in_url()
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    return render(request, "invoices/without_account/ask.html", context, status=status)


@for_who_proved
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, found: FoundToPay) -> HttpResponse:
    """Will say what an invoice asks for (GET), or lead to its payment page (POST)."""
    if request.method != "POST":
        return _page(request, found, ReceiptForm())
    form = ReceiptForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if found.payable is not Payable.ONLINE:
        return _page(request, found, form, status=HTTPStatus.CONFLICT)
    return _pay(request, found, form)


@for_who_proved
@require_POST
def follow(request: HttpRequest, found: FoundToPay) -> HttpResponse:
    """Will add an invoice to those of the account, once it is signed in."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("invoice_to_pay", args=[found.invoice.public_id]))
    return follow_found(request, found)


def _pay(request: HttpRequest, found: FoundToPay, form: ReceiptForm) -> HttpResponse:
    visit = AnybodysVisit(clock.business_now())
    with tenancy.scope({found.authority.pk}):
        try:
            attempt = pay_invoice_without_account(
                found.invoice,
                email=form.cleaned_data["email"],
                gateways=settings.GATEWAYS,
                by=visit.actor,
                at=visit.at,
            )
        except BeingPaidError:
            return _page(request, found, form, trouble=str(wording.BEING_PAID), status=HTTPStatus.CONFLICT)
        except UnableToPayInvoicesError:
            return _page(request, found, form, trouble=str(wording.CHANGED), status=HTTPStatus.CONFLICT)
        note_begun(request, attempt)
        try:
            return lead_to_page(visit, attempt)
        except UnableToBeginError as error:
            is_down = error.trouble is Trouble.UNAVAILABLE
            status = HTTPStatus.SERVICE_UNAVAILABLE if is_down else HTTPStatus.CONFLICT
            return _page(request, found, form, trouble=error.trouble.value, status=status)


def _page(
    request: HttpRequest, found: FoundToPay, form: ReceiptForm, *, trouble: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    invoice = found.invoice
    at = clock.business_now()
    today = at.astimezone(found.authority.zone).date()
    settled = invoice.total_cents - found.left_cents
    facts = [
        ("Référence", on_one_line(invoice.public_reference)),
        ("Numéro", found.number),
        ("Total de la facture", in_euros(invoice.total_cents)),
        ("Déjà réglé", in_euros(settled) if settled > 0 and found.left_cents else ""),
        ("À payer avant le", without_weekday(invoice.due_on, year=True) if invoice.due_on else ""),
    ]
    with tenancy.scope({found.authority.pk}):
        attempt = under_way([invoice.pk]).get(invoice.pk)
        gateway = how_paid([found.regie], settings.GATEWAYS, at=at)[found.regie.pk].gateway
    context = invoices_context(
        request,
        "pay_invoice",
        found=found,
        form=form,
        crest_url=crest_of(found.authority),
        facts=[(name, value) for name, value in facts if value],
        amount=in_euros(found.left_cents),
        is_late=invoice.due_on is not None and invoice.due_on < today and bool(found.left_cents),
        settled_on=without_weekday(found.settled_on, year=True) if found.settled_on else "",
        site=site_words(gateway.code, gateway.name) if gateway is not None else "",
        under_way=_under_way(request, found, attempt),
        trouble=trouble,
        ways=[line.strip() for line in found.regie.how_to_pay.splitlines() if line.strip()],
        contact=contact_view(found.authority),
        payable=found.payable.value,
        sign_in_url=sign_in_url(),
    )
    return render(request, "invoices/without_account/show.html", context, status=status)


def _under_way(request: HttpRequest, found: FoundToPay, attempt: PaymentAttempt | None) -> list[tuple[str, str]]:
    """Will say that somebody is paying the invoice now, and where to go on if it is from this browser."""
    if attempt is None:
        return []
    since = hour(attempt.created_at.astimezone(found.authority.zone))
    is_own = payments_begun(request).get(attempt.checkout) == attempt.position
    url = reverse("payment_result", args=[found.authority.slug, attempt.checkout]) if is_own else ""
    return [(str(wording.UNDER_WAY).format(hour=since), url)]
