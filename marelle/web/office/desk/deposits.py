"""Deposits of a régie: what waits, what is prepared, what was handed over, their statements."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.accounts.queries import agent_names
from marelle.domain.authorities.models import Authority
from marelle.domain.payments.models import BankDeposit, Receipt
from marelle.domain.payments.operations.deposits import (
    UnableToDepositError,
    WhyNotDeposited,
    give_up_deposit,
    hand_over_deposit,
    prepare_deposit,
)
from marelle.domain.payments.queries.desk import deposits_of, drawer_of, to_deposit
from marelle.foundation.french_dates import in_digits
from marelle.foundation.money import in_euros
from marelle.foundation.spreadsheets import Cents, Sheet, csv_lines
from marelle.letters.desk_documents import deposit_document
from marelle.letters.documents.drawing import statement_pdf
from marelle.web.office.desk import wording
from marelle.web.office.desk.forms import HandForm, PrepareForm
from marelle.web.office.desk.journal import receipt_row
from marelle.web.office.desk.surroundings import (
    deposit_or_404,
    desk_context,
    desk_page,
    page,
    regie_or_404,
    url_of,
    visit_of,
)
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest

    from marelle.domain.authorities.models import Regie
    from marelle.web.doors import OfficeVisit

ON_A_PAGE = 30
COLUMNS = ("Quittance", "Exercice", "Jour", "Reçu de", "Pour", "Moyen", "Montant", "Bordereau")


@require_safe
@desk_page
def of_regie(request: HttpRequest, regie: str) -> HttpResponse:
    """Will show what waits to be deposited and the deposits made."""
    return _list(request, regie_or_404(regie))


@require_POST
@desk_page
def prepare(request: HttpRequest, regie: str) -> HttpResponse:
    """Will prepare a deposit of a means."""
    visit = visit_of(request)
    found = regie_or_404(regie)
    form = PrepareForm(request.POST)
    if not form.is_valid():
        return _list(request, found, problem=wording.NO_DAY, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = form.cleaned_data
    try:
        deposit = prepare_deposit(
            found,
            means=said["means"],
            exercice=said["exercice"],
            until=said["until"],
            today=visit.today,
            by=visit.actor,
            at=visit.at,
        )
    except UnableToDepositError as error:
        return _list(request, found, problem=error.why.value, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.prepared(deposit), extra_tags="green")
    return SeeOther(url_of(visit, "office_deposit", deposit=deposit.public_id))


@require_safe
@desk_page
def show(request: HttpRequest, deposit: str) -> HttpResponse:
    """Will show a deposit and its receipts."""
    return _page(request, deposit_or_404(deposit))


@require_POST
@desk_page
def hand_over(request: HttpRequest, deposit: str) -> HttpResponse:
    """Will note that a deposit was handed over."""
    visit = visit_of(request)
    found = deposit_or_404(deposit)
    form = HandForm(request.POST, auto_id="verser-%s")
    if not form.is_valid():
        return _page(request, found, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = form.cleaned_data
    try:
        hand_over_deposit(
            found, date=said["date"], today=visit.today, reference=said["reference"], by=visit.actor, at=visit.at
        )
    except UnableToDepositError as error:
        about_day = error.why in {WhyNotDeposited.TO_COME, WhyNotDeposited.BEFORE}
        form.add_error("date" if about_day else None, error.why.value)
        return _page(request, found, form, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.handed_over(found), extra_tags="green")
    return SeeOther(url_of(visit, "office_deposit", deposit=found.public_id))


@require_POST
@desk_page
def give_up(request: HttpRequest, deposit: str) -> HttpResponse:
    """Will give up a deposit that was not handed over."""
    visit = visit_of(request)
    found = deposit_or_404(deposit)
    try:
        give_up_deposit(found, by=visit.actor, at=visit.at)
    except UnableToDepositError as error:
        return _page(request, found, problem=error.why.value, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.GIVEN_UP, extra_tags="green")
    return SeeOther(url_of(visit, "office_deposits", regie=found.regie.code))


@require_safe
@desk_page
def export(request: HttpRequest, deposit: str, kind: str) -> HttpResponse:
    """Will hand over the statement of a deposit: a PDF to sign, or its table."""
    found = deposit_or_404(deposit)
    if kind == "pdf":
        authority = Authority.objects.get(pk=visit_of(request).authority.pk)
        response = HttpResponse(statement_pdf(deposit_document(found, authority)), content_type="application/pdf")
    elif kind == "csv":
        rows = Receipt.objects.filter(deposit=found).order_by("sequence")
        sheet = Sheet(
            "Bordereau",
            COLUMNS,
            [
                (
                    one.number,
                    one.exercice,
                    one.date,
                    one.payer_name,
                    one.label,
                    wording.means(one.means),
                    Cents(one.cents),
                    found.number,
                )
                for one in rows
            ],
        )
        response = HttpResponse(b"".join(csv_lines(sheet)), content_type="text/csv; charset=utf-8")
    else:
        raise Http404
    response["Content-Disposition"] = f'attachment; filename="bordereau-{found.number}.{kind}"'
    return response


def _list(request: HttpRequest, regie: Regie, *, problem: str = "", status: int = HTTPStatus.OK) -> HttpResponse:
    visit = visit_of(request)
    waiting = to_deposit(regie.pk)
    drawer = drawer_of(regie.pk)
    due = drawer.due_on()
    shown = Paginator(deposits_of(regie.pk), ON_A_PAGE).get_page(request.GET.get("page"))
    context = desk_context(
        visit,
        regie,
        current="office_deposits",
        problem=problem,
        waiting=[
            {
                "means": one.means,
                "name": wording.means(one.means),
                "exercice": one.exercice,
                "count": wording.receipts(one.receipts),
                "amount": in_euros(one.cents),
                "oldest": in_digits(one.oldest),
            }
            for one in waiting
        ],
        today=visit.today,
        deposits=[_row(one, visit) for one in shown],
        shown=shown,
        over=in_euros(drawer.over_cents) if drawer.over_cents else "",
        overdue=in_digits(due) if due and drawer.is_overdue(on=visit.today) else "",
        prepare_url=url_of(visit, "office_prepare_deposit", regie=regie.code),
    )
    return page(request, "deposits", context, status=status)


def _row(one: BankDeposit, visit: OfficeVisit) -> dict[str, Any]:
    tone, icon = wording.STATES[BankDeposit.State(one.state)]
    return {
        "number": one.number,
        "url": url_of(visit, "office_deposit", deposit=one.public_id),
        "means": wording.means(one.means),
        "count": wording.receipts(one.receipt_count),
        "amount": in_euros(one.cents),
        "state": one.get_state_display(),
        "tone": tone,
        "icon": icon,
        "day": in_digits(one.handed_on or one.prepared_on),
    }


def _page(
    request: HttpRequest,
    deposit: BankDeposit,
    form: HandForm | None = None,
    *,
    problem: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    key = deposit.public_id
    names = agent_names({one for one in (deposit.prepared_by_id, deposit.handed_by_id) if one})
    rows = Receipt.objects.filter(deposit=deposit).select_related("deposit").order_by("sequence")
    context = desk_context(
        visit,
        deposit.regie,
        current="office_deposits",
        deposit=deposit,
        problem=problem,
        row=_row(deposit, visit),
        receipts=[receipt_row(one, visit) for one in rows],
        prepared_on=in_digits(deposit.prepared_on),
        prepared_by=names.get(deposit.prepared_by_id or 0, ""),
        handed_on=in_digits(deposit.handed_on) if deposit.handed_on else "",
        handed_by=names.get(deposit.handed_by_id or 0, ""),
        is_prepared=deposit.state == BankDeposit.State.PREPARED,
        form=form or HandForm(auto_id="verser-%s", initial={"date": visit.today}),
        hand_url=url_of(visit, "office_hand_over_deposit", deposit=key),
        give_up_url=url_of(visit, "office_give_up_deposit", deposit=key),
        pdf_url=url_of(visit, "office_deposit_export", deposit=key, kind="pdf"),
        csv_url=url_of(visit, "office_deposit_export", deposit=key, kind="csv"),
        back_url=url_of(visit, "office_deposits", regie=deposit.regie.code),
    )
    return page(request, "deposit", context, status=status)
