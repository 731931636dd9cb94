"""The days of direct debits: prepared, written, sent, answered."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.operations.runs import UnableToBillError
from marelle.domain.payments.bank_files import BankFiles, UnreadableReturnsError, UnwritableFileError
from marelle.domain.payments.models import CreditorAccount, DirectDebit, DirectDebitBatch, DirectDebitMandate
from marelle.domain.payments.operations.debit_batches import (
    UnableToDebitError,
    abandon_debits,
    confirm_debits,
    make_debit_file,
    prepare_debits,
    send_debits,
)
from marelle.domain.payments.operations.debit_returns import take_returns
from marelle.domain.payments.operations.mandates import wake_mandate
from marelle.domain.payments.queries.direct_debits import batches_of, debits_of, figures_of, unreachable
from marelle.domain.payments.rules.bank_accounts import masked
from marelle.domain.payments.rules.mandates import MandateState, earliest_debit, lapses_on, reason_in_words
from marelle.foundation.french_dates import in_digits, in_full
from marelle.foundation.money import in_euros
from marelle.web.doors import takes_files
from marelle.web.office.billing.surroundings import billing_page
from marelle.web.office.debits import wording
from marelle.web.office.debits.forms import PrepareDebitsForm, ReturnsForm
from marelle.web.office.surroundings import ROLES, office_context, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from marelle.web.doors import OfficeVisit

BATCH = DirectDebitBatch.State
DEBIT = DirectDebit.State
BATCH_TONES = {
    BATCH.PREPARED: ("amber", "megaphone"),
    BATCH.FILED: ("amber", "file-text"),
    BATCH.SENT: ("blue", "landmark"),
    BATCH.SETTLED: ("green", "check"),
    BATCH.ABANDONED: ("quiet", "x"),
}
DEBIT_TONES = {
    DEBIT.ANNOUNCED: ("amber", "megaphone"),
    DEBIT.SENT: ("blue", "landmark"),
    DEBIT.PAID: ("green", "check"),
    DEBIT.RETURNED: ("red", "undo-2"),
    DEBIT.WITHDRAWN: ("quiet", "minus"),
}
MOST_MANDATES = 2000


@require_http_methods(["GET", "HEAD", "POST"])
@billing_page
def batches(request: HttpRequest) -> HttpResponse:
    """Will list the days of debits; a POST prepares another."""
    visit = visit_of(request)
    form = _prepare_form(visit, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _list(request, visit, form)
    if not form.is_valid():
        return _list(request, visit, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    regie = get_object_or_404(Regie, code=form.cleaned_data["regie"])
    try:
        batch = prepare_debits(
            regie, due_on=form.cleaned_data["due_on"], told_on=visit.today, by=visit.actor, at=visit.at
        )
    except UnableToDebitError as error:
        form.add_error("due_on" if error.day else None, wording.why_not(error, told_on=visit.today))
        return _list(request, visit, form, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.PREPARED, extra_tags="green")
    return _go(visit, batch)


@require_safe
@billing_page
def mandates(request: HttpRequest) -> HttpResponse:
    """Will list the mandates of the authority, the living ones first."""
    visit = visit_of(request)
    rows = DirectDebitMandate.objects.select_related("payer", "regie").order_by("state", "payer__name", "pk")
    context = office_context(
        visit,
        "office_billing",
        mandates=[
            {
                "name": one.payer.name,
                "regie": one.regie.name,
                "rum": one.rum,
                "account": masked(one.iban),
                "state": one.get_state_display(),
                "tone": {"active": "green", "suspended": "red"}.get(one.state, "quiet"),
                "reason": reason_in_words(one.state_reason) if one.state_reason else "",
                "wake_url": url_of(visit, "office_mandate_wake", mandate=one.public_id)
                if one.state == MandateState.SUSPENDED
                else "",
                "signed": in_digits(one.signed_on),
                "lapses": in_digits(lapses_on(one.signed_on, one.last_used_on))
                if MandateState(one.state).is_living
                else "",
            }
            for one in rows[:MOST_MANDATES]
        ],
        back_url=url_of(visit, "office_debits"),
    )
    return render(request, "office/debits/mandates.html", context)


@require_POST
@billing_page
def wake(request: HttpRequest, mandate: str) -> HttpResponse:
    """Will have a suspended mandate serve again."""
    visit = visit_of(request)
    found = get_object_or_404(DirectDebitMandate, public_id=mandate)
    if wake_mandate(found, by=visit.actor, at=visit.at):
        messages.success(request, wording.WOKEN, extra_tags="green")
    return SeeOther(url_of(visit, "office_mandates"))


@require_safe
@billing_page
def show(request: HttpRequest, batch: str) -> HttpResponse:
    """Will show a day of debits."""
    return _page(request, _batch(batch))


@require_http_methods(["GET", "HEAD", "POST"])
@billing_page
def file(request: HttpRequest, batch: str) -> HttpResponse:
    """Will hand out the file for the bank; a POST makes it."""
    visit = visit_of(request)
    found = _batch(batch)
    if request.method != "POST":
        if not found.file:
            raise Http404
        return xml_file(found.file, found.message)
    writer: BankFiles = settings.BANK_FILES

    def make() -> None:
        make_debit_file(found, writer, authority=visit.authority, on=visit.today, by=visit.actor, at=visit.at)

    return _done(request, found, make, wording.FILED)


@require_POST
@billing_page
def send(request: HttpRequest, batch: str) -> HttpResponse:
    """Will note that the bank has the file."""
    visit = visit_of(request)
    found = _batch(batch)
    return _done(request, found, lambda: send_debits(found, on=visit.today, by=visit.actor, at=visit.at), wording.SENT)


@require_POST
@billing_page
def settle(request: HttpRequest, batch: str) -> HttpResponse:
    """Will have what did not come back recorded as paid."""
    visit = visit_of(request)
    found = _batch(batch)
    return _done(
        request, found, lambda: confirm_debits(found, on=visit.today, by=visit.actor, at=visit.at), wording.CONFIRMED
    )


@require_POST
@billing_page
def abandon(request: HttpRequest, batch: str) -> HttpResponse:
    """Will give up what the bank does not have."""
    visit = visit_of(request)
    found = _batch(batch)
    return _done(request, found, lambda: abandon_debits(found, by=visit.actor, at=visit.at), wording.ABANDONED)


@takes_files
@require_POST
@billing_page
def returns(request: HttpRequest, batch: str) -> HttpResponse:
    """Will take what came back."""
    visit = visit_of(request)
    found = _batch(batch)
    form = ReturnsForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, found, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    reader: BankFiles = settings.BANK_FILES
    try:
        taken = take_returns(
            found,
            reader.returns(form.cleaned_data["file"]),
            authority=visit.authority,
            with_fee=form.cleaned_data["with_fee"],
            by=visit.actor,
            at=visit.at,
        )
    except UnreadableReturnsError as error:
        form.add_error("file", error.words)
        return _page(request, found, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except UnableToBillError:
        form.add_error("with_fee", wording.BILLING_UNDER_WAY)
        return _page(request, found, form=form, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.taken(taken), extra_tags="green")
    if taken.unknown:
        messages.warning(request, wording.unknown(taken), extra_tags="amber")
    return _go(visit, found)


def xml_file(text: str, name: str) -> HttpResponse:
    """Will answer with a file for a bank, to be kept under its own name."""
    return HttpResponse(
        text.encode(),
        content_type="application/xml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.xml"'},
    )


def _batch(public_id: str) -> DirectDebitBatch:
    return get_object_or_404(DirectDebitBatch.objects.select_related("regie"), public_id=public_id)


def _go(visit: OfficeVisit, batch: DirectDebitBatch) -> HttpResponse:
    return SeeOther(url_of(visit, "office_debit_batch", batch=batch.public_id))


def _done(request: HttpRequest, batch: DirectDebitBatch, act: Callable[[], object], said: str) -> HttpResponse:
    visit = visit_of(request)
    try:
        act()
    except UnableToDebitError as error:
        problem = wording.why_not(error, told_on=visit.today)
        return _page(request, _batch(batch.public_id), problem=problem, status=HTTPStatus.CONFLICT)
    except UnwritableFileError:
        return _page(request, _batch(batch.public_id), problem=wording.INVALID_FILE, status=HTTPStatus.CONFLICT)
    messages.success(request, said, extra_tags="green")
    return _go(visit, batch)


def _prepare_form(visit: OfficeVisit, data: Any) -> PrepareDebitsForm:
    regies = [
        (one.regie.code, one.regie.name)
        for one in CreditorAccount.objects.select_related("regie").order_by("regie__name", "pk")
    ]
    initial = {"due_on": earliest_debit(visit.today), "regie": regies[0][0] if regies else ""}
    return PrepareDebitsForm(data, regies=regies, initial=initial)


def _list(
    request: HttpRequest, visit: OfficeVisit, form: PrepareDebitsForm, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    rows = list(batches_of())
    figures = figures_of([one.pk for one in rows])
    with_account = set(CreditorAccount.objects.values_list("regie_id", flat=True))
    context = office_context(
        visit,
        "office_billing",
        form=form,
        can_prepare=bool(with_account),
        earliest=in_full(earliest_debit(visit.today), year=True),
        batches=[
            {
                **_state(one),
                "regie": one.regie.name,
                "due": in_full(one.due_on, year=True),
                "count": figures[one.pk].debits,
                "amount": in_euros(figures[one.pk].cents),
                "returned": figures[one.pk].returned,
                "url": url_of(visit, "office_debit_batch", batch=one.public_id),
            }
            for one in rows
        ],
        regies=[
            {
                "name": one.name,
                "has_account": one.pk in with_account,
                "url": url_of(visit, "office_creditor", regie=one.code),
            }
            for one in Regie.objects.order_by("name", "pk")
        ]
        if visit.may(ROLES.ADMINISTER)
        else (),
        mandates_url=url_of(visit, "office_mandates"),
        back_url=url_of(visit, "office_billing"),
    )
    return render(request, "office/debits/list.html", context, status=status)


def _state(one: DirectDebitBatch) -> dict[str, str]:
    tone, icon = BATCH_TONES[BATCH(one.state)]
    return {"state": one.get_state_display(), "tone": tone, "icon": icon}


def _page(
    request: HttpRequest,
    batch: DirectDebitBatch,
    *,
    form: ReturnsForm | None = None,
    problem: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    rows = list(debits_of(batch.pk))
    silent = unreachable([one.payer.family_id for one in rows if one.payer.family_id])
    key = batch.public_id
    figures = figures_of([batch.pk])[batch.pk]
    creditor = CreditorAccount.objects.filter(regie=batch.regie_id).first()
    context = office_context(
        visit,
        "office_billing",
        batch=batch,
        **_state(batch),
        due=in_full(batch.due_on, year=True),
        count=figures.debits,
        amount=in_euros(figures.cents),
        problem=problem,
        form=form or ReturnsForm(),
        fee=in_euros(creditor.fee_cents) if creditor and creditor.fee_cents else "",
        settles_after=creditor.settles_after_days if creditor else 0,
        is_open=batch.state in DirectDebitBatch.OPEN,
        is_filed=batch.state == BATCH.FILED,
        is_sent=batch.state in {BATCH.SENT, BATCH.SETTLED},
        may_settle=batch.state == BATCH.SENT and batch.due_on <= visit.today,
        debits=[_debit(one, is_silent=one.payer.family_id in silent) for one in rows],
        silent=[one.payer.name for one in rows if one.payer.family_id in silent and one.state == DEBIT.ANNOUNCED],
        file_url=url_of(visit, "office_debit_file", batch=key),
        send_url=url_of(visit, "office_debit_send", batch=key),
        settle_url=url_of(visit, "office_debit_settle", batch=key),
        abandon_url=url_of(visit, "office_debit_abandon", batch=key),
        returns_url=url_of(visit, "office_debit_returns", batch=key),
        back_url=url_of(visit, "office_debits"),
    )
    return render(request, "office/debits/batch.html", context, status=status)


def _debit(one: DirectDebit, *, is_silent: bool) -> dict[str, Any]:
    tone, icon = DEBIT_TONES[DEBIT(one.state)]
    return {
        "name": one.payer.name,
        "amount": in_euros(one.cents),
        "reference": one.reference,
        "rum": one.mandate.rum,
        "account": masked(one.mandate.iban),
        "invoices": ", ".join(line.invoice.number for line in one.lines.all()),
        "has_several": len(one.lines.all()) > 1,
        "state": one.get_state_display(),
        "tone": tone,
        "icon": icon,
        "reason": f"{one.reason} : {reason_in_words(one.reason)}" if one.reason else "",
        "returned": in_digits(one.returned_on) if one.returned_on else "",
        "is_silent": is_silent,
    }
