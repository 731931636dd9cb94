"""A trial payment: an agent pays one euro to see that the gateway answers. Nobody's account is touched."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.authorities.models import Regie
from marelle.domain.payments import asking
from marelle.domain.payments.models import PaymentAttempt
from marelle.domain.payments.operations.attempts import UnableToPayError, page_of
from marelle.domain.payments.operations.checkout import UnableToTopUpError, start_trial
from marelle.domain.payments.queries.settings import settings_or_desk
from marelle.domain.payments.rules.attempts import State
from marelle.foundation.french_dates import moment
from marelle.foundation.money import in_euros
from marelle.web.office.billing.surroundings import regie_page
from marelle.web.office.online_payment import wording
from marelle.web.office.surroundings import office_context, url_of, visit_of
from marelle.web.payment_addresses import call_addresses
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

TRIAL_CENTS: Final = 100


@require_POST
@regie_page
def start(request: HttpRequest, regie: str) -> HttpResponse:
    """Will make a trial of one euro at the step where the régie is."""
    visit = visit_of(request)
    found = get_object_or_404(Regie, code=regie)
    row = settings_or_desk(found)
    try:
        attempt = start_trial(
            row, user=visit.agent.user_id, cents=TRIAL_CENTS, gateways=settings.GATEWAYS, by=visit.actor, at=visit.at
        )
    except UnableToTopUpError:
        messages.error(request, wording.NO_TRIAL, extra_tags="red")
        return SeeOther(url_of(visit, "office_online_payment", regie=found.code))
    return SeeOther(url_of(visit, "office_trial", regie=found.code, trial=attempt.public_id))


@require_safe
@regie_page
def show(request: HttpRequest, regie: str, trial: str) -> HttpResponse:
    """Will show a trial: how to pay it, then what became of it. The browser comes back here from the payment page."""
    return _page(request, _trial_or_404(regie, trial))


@require_POST
@regie_page
def begin(request: HttpRequest, regie: str, trial: str) -> HttpResponse:
    """Will order the payment at the gateway."""
    visit = visit_of(request)
    found = _trial_or_404(regie, trial)
    if found.gateway not in settings.GATEWAYS:
        return _page(request, found, problem=wording.NOT_PLUGGED, status=HTTPStatus.CONFLICT)
    notify_url, return_url = call_addresses(found)
    try:
        asking.begin(
            found,
            gateways=settings.GATEWAYS,
            notify_url=notify_url,
            return_url=return_url,
            by=visit.actor,
            at=visit.at,
        )
    except asking.UnableToBeginError as error:
        found.refresh_from_db()
        return _page(request, found, problem=error.trouble.value, status=HTTPStatus.CONFLICT)
    except UnableToPayError:
        found.refresh_from_db()
        return _page(request, found, problem=wording.TOO_LATE, status=HTTPStatus.CONFLICT)
    return SeeOther(url_of(visit, "office_trial", regie=regie, trial=trial))


@require_POST
@regie_page
def ask(request: HttpRequest, regie: str, trial: str) -> HttpResponse:
    """Will ask the gateway what became of a trial."""
    visit = visit_of(request)
    found = _trial_or_404(regie, trial)
    asking.ask(found, gateways=settings.GATEWAYS, by=visit.actor, at=visit.at)
    return SeeOther(url_of(visit, "office_trial", regie=regie, trial=trial))


def _trial_or_404(regie: str, trial: str) -> PaymentAttempt:
    rows = PaymentAttempt.objects.filter(regie__code=regie, purpose=PaymentAttempt.Purpose.TRIAL)
    return get_object_or_404(rows.select_related("regie", "user", "payer"), public_id=trial)


def _page(
    request: HttpRequest, attempt: PaymentAttempt, *, problem: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    visit = visit_of(request)
    at = {"regie": attempt.regie.code, "trial": attempt.public_id}
    state = State(attempt.state)
    page = page_of(attempt)
    tone, icon, words = wording.TRIALS[state]
    gateway: Any = settings.GATEWAYS.get(attempt.gateway)
    opens = gateway.opens_within if gateway is not None else None
    is_over = opens is not None and attempt.redirected_at is not None and visit.at - attempt.redirected_at >= opens
    context = office_context(
        visit,
        "office_billing",
        regie=attempt.regie,
        problem=problem,
        amount=in_euros(attempt.cents),
        reference=attempt.reference,
        mode=attempt.get_mode_display(),
        means=attempt.get_means_display() if attempt.means else "",
        begun=moment(attempt.created_at.astimezone(visit.authority.zone)),
        state=state.value,
        tone=tone,
        icon=icon,
        state_words=words,
        is_open=state.is_open,
        page_url="" if is_over else page.url,
        page_fields=page.fields,
        begin_url=url_of(visit, "office_trial_begin", **at),
        ask_url=url_of(visit, "office_trial_ask", **at),
        start_url=url_of(visit, "office_trial_start", regie=attempt.regie.code),
        back_url=url_of(visit, "office_online_payment", regie=attempt.regie.code),
    )
    return render(request, "office/online_payment/trial.html", context, status=status)
