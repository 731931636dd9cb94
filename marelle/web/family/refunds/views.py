"""Refunds as a family sees them: what its wallets hold, what it asked, what was answered."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from marelle.domain.payments.models import RefundRequest
from marelle.domain.payments.operations.refunds import (
    UnableToPayBackError,
    WhyNotRefunded,
    ask_refund,
    withdraw_refund,
)
from marelle.domain.payments.queries.refunds import refundable, refunds_of_family
from marelle.domain.payments.rules.bank_accounts import masked
from marelle.foundation.french_dates import without_weekday
from marelle.foundation.money import in_amount, in_euros
from marelle.web.contacts import contact_view
from marelle.web.doors import family_page
from marelle.web.family.refunds import wording
from marelle.web.family.refunds.forms import RefundForm
from marelle.web.family.surroundings import family_context

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.billing.models import PayerAccount
    from marelle.web.doors import FamilyVisit

STATE = RefundRequest.State
TONES = {
    STATE.ASKED: ("amber", "clock"),
    STATE.ACCEPTED: ("blue", "check"),
    STATE.REFUSED: ("red", "x"),
    STATE.PAID: ("green", "check"),
    STATE.KEPT: ("green", "wallet"),
    STATE.WITHDRAWN: ("quiet", "undo-2"),
}
SHOWN = 12


@family_page
@require_http_methods(["GET", "HEAD", "POST"])
def refunds(request: HttpRequest) -> HttpResponse:
    """Will show what may be asked and what was; a POST asks."""
    visit = _visit(request)
    wallets = refundable(visit.family.pk)
    if request.method != "POST":
        return _page(request, visit, wallets, None)
    form = _form(wallets, request.POST)
    if not form.is_valid():
        return _page(request, visit, wallets, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    payer = next(payer for payer, _cents in wallets if payer.public_id == form.cleaned_data["payer"])
    try:
        ask_refund(payer, form.asked(), by=visit.actor, at=visit.at)
    except UnableToPayBackError as error:
        form.add_error("amount" if error.why is WhyNotRefunded.NOT_THAT_MUCH else None, str(wording.WHY_NOT[error.why]))
        return _page(request, visit, wallets, form, status=HTTPStatus.CONFLICT)
    messages.success(request, str(wording.ASKED))
    return HttpResponseRedirect(_url(visit, "refunds"))


@family_page
@require_POST
def withdraw(request: HttpRequest, refund: str) -> HttpResponse:
    """Will take back a request that nobody answered."""
    visit = _visit(request)
    found = get_object_or_404(RefundRequest, family=visit.family, public_id=refund)
    try:
        withdraw_refund(found, by=visit.actor, at=visit.at)
    except UnableToPayBackError as error:
        messages.error(request, str(wording.WHY_NOT[error.why]))
    else:
        messages.success(request, str(wording.WITHDRAWN))
    return HttpResponseRedirect(_url(visit, "refunds"))


def _visit(request: HttpRequest) -> FamilyVisit:
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    return visit


def _url(visit: FamilyVisit, name: str, **kwargs: str) -> str:
    return reverse(name, kwargs={"authority": visit.authority.slug, **kwargs})


def _form(wallets: list[tuple[PayerAccount, int]], data: Any = None, **initial: Any) -> RefundForm:
    choices = [(payer.public_id, f"{payer.regie.name} : {in_euros(cents)}") for payer, cents in wallets]
    return RefundForm(data, wallets=choices, initial=initial)


def _page(
    request: HttpRequest,
    visit: FamilyVisit,
    wallets: list[tuple[PayerAccount, int]],
    form: RefundForm | None,
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    asked = list(refunds_of_family(visit.family.pk)[:SHOWN])
    busy = {one.payer_id for one in asked if one.state in RefundRequest.OPEN}
    free = [(payer, cents) for payer, cents in wallets if payer.pk not in busy]
    if form is None and free:
        first, cents = free[0]
        form = _form(
            free,
            payer=first.public_id,
            amount=in_amount(cents),
            holder=f"{visit.guardian.first_name} {visit.guardian.last_name}",
        )
    context = family_context(
        visit,
        "invoices",
        form=form,
        can_ask=bool(free) or bool(form and form.is_bound),
        wallets=[(payer.regie.name, in_euros(cents)) for payer, cents in wallets],
        requests=[_row(visit, one) for one in asked],
        back_url=_url(visit, "invoices"),
        contact=contact_view(visit.authority),
    )
    return render(request, "family/refunds/page.html", context, status=status)


def _row(visit: FamilyVisit, one: RefundRequest) -> dict[str, Any]:
    tone, icon = TONES[RefundRequest.State(one.state)]
    return {
        "amount": in_euros(one.cents),
        "regie": one.payer.regie.name,
        "asked": without_weekday(one.asked_at.astimezone(visit.authority.zone).date(), year=True),
        "account": masked(one.iban),
        "state": one.get_state_display(),
        "tone": tone,
        "icon": icon,
        "way": str(wording.WAYS[RefundRequest.Way(one.way)]) if one.way else "",
        "reference": one.reference,
        "answer": one.answer,
        "withdraw_url": _url(visit, "refund_withdraw", refund=one.public_id) if one.state == STATE.ASKED else "",
    }
