"""The payment of a régie: what is chosen, where it stands, what is left to do before families pay online."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from marelle.domain.authorities.models import Regie
from marelle.domain.payments.gateways import Mode
from marelle.domain.payments.models import PaymentAttempt
from marelle.domain.payments.operations.settings import (
    PaymentChoices,
    UnableToSetPaymentError,
    close_online,
    go_to_activation,
    open_online,
    set_payment_settings,
)
from marelle.domain.payments.queries.settings import setting_of, settings_or_desk
from marelle.domain.payments.rules.attempts import State
from marelle.domain.payments.rules.checklist import SIGNED, checklist, missing_before, modes_of
from marelle.foundation.french_dates import moment
from marelle.foundation.money import in_amount
from marelle.web.office.billing.surroundings import regie_page
from marelle.web.office.online_payment import wording
from marelle.web.office.online_payment.forms import ChoicesForm, StepForm
from marelle.web.office.surroundings import office_context, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.payments.models import PaymentSettings
    from marelle.domain.payments.rules.checklist import Check
    from marelle.web.doors import OfficeVisit

SHOWN_TRIALS: Final = 6
NEXT: Final = {Mode.TEST: "Passer à l’activation", Mode.ACTIVATION: "Ouvrir aux familles"}


@require_http_methods(["GET", "HEAD", "POST"])
@regie_page
def show(request: HttpRequest, regie: str) -> HttpResponse:
    """Will show how a régie is paid, and record its choices."""
    visit = visit_of(request)
    found = get_object_or_404(Regie, code=regie)
    if request.method != "POST":
        return _page(request, found)
    form = ChoicesForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = form.cleaned_data
    choices = PaymentChoices(
        gateway=said["gateway"],
        number=said["number"],
        key=said["key"],
        password=said["password"],
        takes_part_payments=said["takes_part_payments"],
        has_top_up=said["has_top_up"],
        lowest_top_up_cents=said["lowest_top_up"],
        low_balance_cents=said["low_balance"],
    )
    try:
        set_payment_settings(found, choices, by=visit.actor, at=visit.at)
    except UnableToSetPaymentError as error:
        form.add_error(error.field or None, error.fault)
        return _page(request, found, form=form, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.SAVED, extra_tags="green")
    return SeeOther(url_of(visit, "office_online_payment", regie=found.code))


@require_POST
@regie_page
def step(request: HttpRequest, regie: str) -> HttpResponse:
    """Will go on to the next step, open, or close."""
    visit = visit_of(request)
    found = get_object_or_404(Regie, code=regie)
    form = StepForm(request.POST)
    if not form.is_valid():
        return _page(request, found, problem=wording.NOT_A_STEP, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        said = _go(found, form.cleaned_data, visit)
    except UnableToSetPaymentError as error:
        return _page(request, found, problem=error.fault, status=HTTPStatus.CONFLICT)
    messages.success(request, said, extra_tags="green")
    return SeeOther(url_of(visit, "office_online_payment", regie=found.code))


def _go(regie: Regie, said: dict[str, Any], visit: OfficeVisit) -> str:
    match said["step"]:
        case "activation":
            go_to_activation(regie, by=visit.actor, at=visit.at)
            return wording.ACTIVATED
        case "open":
            open_online(regie, key=said["key"], by=visit.actor, at=visit.at)
            return wording.OPENED
        case _:
            close_online(regie, by=visit.actor, at=visit.at)
            return wording.CLOSED


def _page(
    request: HttpRequest,
    regie: Regie,
    *,
    form: ChoicesForm | None = None,
    problem: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    row = settings_or_desk(regie)
    checks = checklist(setting_of(row))
    modes = modes_of(row.gateway)
    trials = PaymentAttempt.objects.filter(regie=regie, purpose=PaymentAttempt.Purpose.TRIAL)
    context = office_context(
        visit,
        "office_billing",
        regie=regie,
        problem=problem,
        form=form or ChoicesForm(initial=_initial(row)),
        is_online=bool(modes),
        is_open=row.mode == Mode.PRODUCTION,
        gateway=row.get_gateway_display(),
        is_plugged=row.gateway in settings.GATEWAYS,
        steps=_steps(row, checks, visit),
        may_try=bool(modes) and row.mode != Mode.PRODUCTION,
        lacks_before_trial=bool(missing_before(Mode.TEST, checks)),
        stepping=StepForm(auto_id="etape-%s") if row.gateway in SIGNED else None,
        has_key=bool(row.key),
        has_password=bool(row.password),
        trials=[_trial(one, regie, visit) for one in trials.order_by("-created_at", "-pk")[:SHOWN_TRIALS]],
        step_url=url_of(visit, "office_payment_step", regie=regie.code),
        trial_url=url_of(visit, "office_trial_start", regie=regie.code),
        trial_label=wording.TRIAL_OF.get(Mode(row.mode), wording.TRIAL_OF[Mode.TEST])[0],
        trial_words=wording.TRIAL_OF.get(Mode(row.mode), wording.TRIAL_OF[Mode.TEST])[1],
        back_url=url_of(visit, "office_regie", regie=regie.code),
    )
    return render(request, "office/online_payment/page.html", context, status=status)


def _initial(row: PaymentSettings) -> dict[str, Any]:
    return {
        "gateway": row.gateway,
        "number": row.number,
        "takes_part_payments": row.takes_part_payments,
        "has_top_up": row.has_top_up,
        "lowest_top_up": in_amount(row.lowest_top_up_cents),
        "low_balance": in_amount(row.low_balance_cents),
    }


def _steps(row: PaymentSettings, checks: Sequence[Check], visit: OfficeVisit) -> list[dict[str, Any]]:
    """Will return each step with what is done during it: what the next one needs."""
    modes = modes_of(row.gateway)
    if not modes:
        return []
    here = modes.index(Mode(row.mode)) if row.mode in modes else 0
    found = []
    for place, mode in enumerate(modes):
        after = modes[place + 1] if place + 1 < len(modes) else None
        first = place == 0
        mine = [one for one in checks if one.mode == after or (first and one.mode == Mode.TEST)]
        name, words = wording.STEPS[mode]
        is_here = place == here
        found.append(
            {
                "name": name,
                "words": words,
                "is_here": is_here,
                "is_past": place < here,
                "since": moment(row.opened_at.astimezone(visit.authority.zone))
                if mode is Mode.PRODUCTION and row.opened_at
                else "",
                "checks": [{"words": one.words, "is_done": one.is_done} for one in mine],
                "next": "open" if after is Mode.PRODUCTION else after.value if after is not None else "",
                "next_words": NEXT[Mode.ACTIVATION if after is Mode.PRODUCTION else Mode.TEST] if after else "",
                "may_go": is_here and after is not None and not missing_before(after, checks),
            }
        )
    return found


def _trial(one: PaymentAttempt, regie: Regie, visit: OfficeVisit) -> dict[str, Any]:
    tone, icon, words = wording.TRIALS[State(one.state)]
    return {
        "at": moment(one.created_at.astimezone(visit.authority.zone)),
        "mode": one.get_mode_display(),
        "means": one.get_means_display() if one.means else "",
        "tone": tone,
        "icon": icon,
        "state": words,
        "url": url_of(visit, "office_trial", regie=regie.code, trial=one.public_id),
    }
