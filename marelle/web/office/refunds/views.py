"""Refunds as agents see them: the requests, the answers, the files of transfers."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.queries.ledger import balances_of
from marelle.domain.payments.bank_files import BankFiles, UnwritableFileError
from marelle.domain.payments.models import RefundRequest, TransferBatch
from marelle.domain.payments.operations.refunds import (
    UnableToPayBackError,
    WhyNotRefunded,
    abandon_transfers,
    accept_refund,
    make_transfers,
    refuse_refund,
    send_transfers,
)
from marelle.domain.payments.queries.refunds import closed_refunds, open_refunds
from marelle.domain.payments.rules.bank_accounts import masked
from marelle.domain.payments.rules.mandates import is_bank_day
from marelle.foundation.french_dates import in_digits, in_full
from marelle.foundation.money import in_euros
from marelle.web.office.billing.surroundings import billing_page
from marelle.web.office.debits.batches import xml_file
from marelle.web.office.refunds import wording
from marelle.web.office.refunds.forms import REFUSE, AnswerForm, TransfersForm
from marelle.web.office.surroundings import office_context, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit

STATE = RefundRequest.State
TONES = {
    STATE.ASKED: ("amber", "clock"),
    STATE.ACCEPTED: ("blue", "check"),
    STATE.REFUSED: ("red", "x"),
    STATE.PAID: ("green", "check"),
    STATE.KEPT: ("green", "wallet"),
    STATE.WITHDRAWN: ("quiet", "undo-2"),
}
FILE_TONES = {
    TransferBatch.State.FILED: "amber",
    TransferBatch.State.SENT: "green",
    TransferBatch.State.ABANDONED: "quiet",
}
SHOWN_FILES = 12
FIELD_OF = {WhyNotRefunded.NO_REFERENCE: "reference", WhyNotRefunded.NO_WORDS: "answer"}


@require_safe
@billing_page
def refunds(request: HttpRequest) -> HttpResponse:
    """Will list what waits, and what was answered."""
    return _list(request)


@require_http_methods(["GET", "HEAD", "POST"])
@billing_page
def refund(request: HttpRequest, refund: str) -> HttpResponse:
    """Will show a request; a POST answers it."""
    visit = visit_of(request)
    rows = RefundRequest.objects.select_related("payer__regie", "family", "batch", "decided_by")
    found = get_object_or_404(rows, public_id=refund)
    if request.method != "POST":
        return _page(request, found, AnswerForm())
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = form.cleaned_data
    try:
        if said["decision"] == REFUSE:
            refuse_refund(found, answer=said["answer"], by=visit.actor, at=visit.at)
        else:
            accept_refund(
                found,
                way=said["decision"],
                reference=said["reference"],
                answer=said["answer"],
                on=visit.today,
                by=visit.actor,
                at=visit.at,
            )
    except UnableToPayBackError as error:
        form.add_error(FIELD_OF.get(error.why), wording.WHY_NOT[error.why])
        return _page(request, found, form, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.ANSWERED, extra_tags="green")
    return SeeOther(url_of(visit, "office_refunds"))


@require_POST
@billing_page
def make(request: HttpRequest) -> HttpResponse:
    """Will write the file of what waits."""
    visit = visit_of(request)
    form = _transfers_form(visit, request.POST)
    if not form.is_valid():
        return _list(request, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    regie = get_object_or_404(Regie, code=form.cleaned_data["regie"])
    writer: BankFiles = settings.BANK_FILES
    try:
        made = make_transfers(
            regie,
            writer,
            authority=visit.authority,
            paid_on=form.cleaned_data["paid_on"],
            by=visit.actor,
            at=visit.at,
        )
    except UnableToPayBackError as error:
        form.add_error(None, wording.WHY_NOT[error.why])
        return _list(request, form=form, status=HTTPStatus.CONFLICT)
    except UnwritableFileError:
        form.add_error(None, wording.INVALID_FILE)
        return _list(request, form=form, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.MADE, extra_tags="green")
    return SeeOther(url_of(visit, "office_transfers", transfers=made.public_id))


@require_safe
@billing_page
def transfers(request: HttpRequest, transfers: str) -> HttpResponse:
    """Will show a file of transfers."""
    return _file_page(request, _file(transfers))


@require_safe
@billing_page
def file(request: HttpRequest, transfers: str) -> HttpResponse:
    """Will hand out the file for the bank."""
    found = _file(transfers)
    if not found.file:
        raise Http404
    return xml_file(found.file, found.message)


@require_POST
@billing_page
def send(request: HttpRequest, transfers: str) -> HttpResponse:
    """Will note that the bank has the file."""
    visit = visit_of(request)
    found = _file(transfers)
    return _done(request, found, lambda: send_transfers(found, by=visit.actor, at=visit.at), wording.SENT)


@require_POST
@billing_page
def abandon(request: HttpRequest, transfers: str) -> HttpResponse:
    """Will give up a file that the bank does not have."""
    visit = visit_of(request)
    found = _file(transfers)
    return _done(request, found, lambda: abandon_transfers(found, by=visit.actor, at=visit.at), wording.ABANDONED)


def _file(public_id: str) -> TransferBatch:
    return get_object_or_404(TransferBatch.objects.select_related("regie"), public_id=public_id)


def _done(request: HttpRequest, found: TransferBatch, act: Callable[[], object], said: str) -> HttpResponse:
    visit = visit_of(request)
    try:
        act()
    except UnableToPayBackError as error:
        problem = wording.WHY_NOT[error.why].format(names=", ".join(error.names))
        return _file_page(request, found, problem=problem, status=HTTPStatus.CONFLICT)
    messages.success(request, said, extra_tags="green")
    return SeeOther(url_of(visit, "office_transfers", transfers=found.public_id))


def _next_bank_day(today: date) -> date:
    day = today + timedelta(days=1)
    while not is_bank_day(day):
        day += timedelta(days=1)
    return day


def _transfers_form(visit: OfficeVisit, data: Any = None) -> TransfersForm:
    waiting = RefundRequest.objects.filter(state=STATE.ACCEPTED, batch__isnull=True)
    regies = waiting.order_by("payer__regie__name").values_list("payer__regie__code", "payer__regie__name").distinct()
    choices = list(regies)
    initial = {"paid_on": _next_bank_day(visit.today), "regie": choices[0][0] if choices else ""}
    return TransfersForm(data, regies=choices, today=visit.today, initial=initial)


def _list(request: HttpRequest, *, form: TransfersForm | None = None, status: int = HTTPStatus.OK) -> HttpResponse:
    visit = visit_of(request)
    form = form or _transfers_form(visit)
    waiting = list(open_refunds())
    files = TransferBatch.objects.defer("file").select_related("regie").order_by("-made_at", "-pk")
    context = office_context(
        visit,
        "office_billing",
        asked=[_row(visit, one) for one in waiting if one.state == STATE.ASKED],
        accepted=[_row(visit, one) for one in waiting if one.state == STATE.ACCEPTED],
        closed=[_row(visit, one) for one in closed_refunds()],
        form=form,
        can_make=bool(form.fields["regie"].choices) or form.is_bound,  # type: ignore[attr-defined]
        files=[
            {
                "day": in_full(one.paid_on, year=True),
                "regie": one.regie.name,
                "state": one.get_state_display(),
                "tone": FILE_TONES[TransferBatch.State(one.state)],
                "url": url_of(visit, "office_transfers", transfers=one.public_id),
            }
            for one in files[:SHOWN_FILES]
        ],
        make_url=url_of(visit, "office_transfers_make"),
        back_url=url_of(visit, "office_billing"),
    )
    return render(request, "office/refunds/list.html", context, status=status)


def _row(visit: OfficeVisit, one: RefundRequest) -> dict[str, Any]:
    tone, icon = TONES[RefundRequest.State(one.state)]
    return {
        "name": one.payer.name,
        "regie": one.payer.regie.name,
        "amount": in_euros(one.cents),
        "asked": in_digits(one.asked_at.astimezone(visit.authority.zone).date()),
        "account": masked(one.iban),
        "state": one.get_state_display(),
        "tone": tone,
        "icon": icon,
        "way": one.get_way_display() if one.way else "",
        "reference": one.reference,
        "in_file": one.batch_id is not None,
        "url": url_of(visit, "office_refund", refund=one.public_id),
    }


def _page(request: HttpRequest, found: RefundRequest, form: AnswerForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    visit = visit_of(request)
    wallet = balances_of([found.payer_id])[found.payer_id].wallet
    context = office_context(
        visit,
        "office_billing",
        one=_row(visit, found),
        words=found.words,
        answer=found.answer,
        wallet=in_euros(wallet),
        is_short=found.cents > wallet and found.state in RefundRequest.OPEN,
        can_answer=found.state in RefundRequest.OPEN and found.batch_id is None,
        form=form,
        back_url=url_of(visit, "office_refunds"),
    )
    return render(request, "office/refunds/refund.html", context, status=status)


def _file_page(
    request: HttpRequest, found: TransferBatch, *, problem: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    visit = visit_of(request)
    rows = list(found.refunds.select_related("payer__regie").order_by("payer__name", "pk"))
    key = found.public_id
    context = office_context(
        visit,
        "office_billing",
        file=found,
        day=in_full(found.paid_on, year=True),
        state=found.get_state_display(),
        tone=FILE_TONES[TransferBatch.State(found.state)],
        amount=in_euros(sum(one.cents for one in rows)),
        refunds=[_row(visit, one) for one in rows],
        is_open=found.state == TransferBatch.State.FILED,
        problem=problem,
        file_url=url_of(visit, "office_transfers_file", transfers=key),
        send_url=url_of(visit, "office_transfers_send", transfers=key),
        abandon_url=url_of(visit, "office_transfers_abandon", transfers=key),
        back_url=url_of(visit, "office_refunds"),
    )
    return render(request, "office/refunds/transfers.html", context, status=status)
