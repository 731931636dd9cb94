"""One line of a statement: what it may be, and what an agent says it is."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.billing.models import PayerAccount
from marelle.domain.payments.models import StatementLine
from marelle.domain.payments.operations.statements import (
    UnableToSortError,
    WhyNotSorted,
    assign_line,
    dismiss_line,
    take_line_back,
)
from marelle.domain.payments.queries.statements import payers_named, unpaid_invoices_of
from marelle.foundation.french_dates import in_digits
from marelle.foundation.money import in_euros
from marelle.web.office.billing.surroundings import billing_page
from marelle.web.office.reconciliation import wording
from marelle.web.office.reconciliation.forms import CashForm, DismissForm
from marelle.web.office.reconciliation.views import line_row
from marelle.web.office.surroundings import office_context, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

LONGEST_SEARCH: Final = 80


@dataclass(frozen=True, slots=True)
class Doing:
    """What an agent is doing with a line: a form that was refused, a trouble to read, a search."""

    cashing: CashForm | None = None
    dismissing: DismissForm | None = None
    problem: str = ""
    search: str = ""


@require_safe
@billing_page
def show(request: HttpRequest, regie: str, line: str) -> HttpResponse:
    """Will show a line, and the families that it may be of."""
    return _page(request, _line(regie, line), Doing(search=request.GET.get("nom", "")[:LONGEST_SEARCH]))


@require_POST
@billing_page
def cash(request: HttpRequest, regie: str, line: str) -> HttpResponse:
    """Will cash a transfer for a payer."""
    visit = visit_of(request)
    found = _line(regie, line)
    payer = PayerAccount.objects.filter(regie=found.regie, public_id=request.POST.get("payer", "")[:12]).first()
    if payer is None:
        said = wording.WHY_NOT[WhyNotSorted.NOT_ITS_PAYER]
        return _page(request, found, Doing(problem=said), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    form = _cash_form(payer, found, request.POST)
    if not form.is_valid():
        return _page(request, found, Doing(cashing=form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    chosen = set(form.cleaned_data["invoices"])
    invoices = [one for one, _left in unpaid_invoices_of([payer.pk]) if one.public_id in chosen]
    try:
        receipt = assign_line(found, payer=payer, invoices=invoices, by=visit.actor, at=visit.at)
    except UnableToSortError as error:
        return _page(request, found, Doing(problem=wording.WHY_NOT[error.why]), status=HTTPStatus.CONFLICT)
    messages.success(request, wording.cashed(receipt.cents, receipt.number), extra_tags="green")
    return SeeOther(url_of(visit, "office_reconciliation", regie=regie))


@require_POST
@billing_page
def dismiss(request: HttpRequest, regie: str, line: str) -> HttpResponse:
    """Will put a line aside, with a reason."""
    visit = visit_of(request)
    found = _line(regie, line)
    form = DismissForm(request.POST, auto_id="ecarter-%s")
    if not form.is_valid():
        return _page(request, found, Doing(dismissing=form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        dismiss_line(found, reason=form.cleaned_data["reason"], by=visit.actor, at=visit.at)
    except UnableToSortError as error:
        return _page(request, found, Doing(problem=wording.WHY_NOT[error.why]), status=HTTPStatus.CONFLICT)
    messages.success(request, wording.DISMISSED, extra_tags="green")
    return SeeOther(url_of(visit, "office_reconciliation", regie=regie))


@require_POST
@billing_page
def take_back(request: HttpRequest, regie: str, line: str) -> HttpResponse:
    """Will have a line that was put aside sorted again."""
    visit = visit_of(request)
    found = _line(regie, line)
    try:
        take_line_back(found, by=visit.actor, at=visit.at)
    except UnableToSortError as error:
        return _page(request, found, Doing(problem=wording.WHY_NOT[error.why]), status=HTTPStatus.CONFLICT)
    messages.success(request, wording.TAKEN_BACK, extra_tags="green")
    return SeeOther(url_of(visit, "office_statement_line", regie=regie, line=line))


def _line(regie: str, public_id: str) -> StatementLine:
    rows = StatementLine.objects.select_related(
        "regie", "attempt", "invoice__payer", "receipt", "sorted_by", "statement"
    )
    return get_object_or_404(rows, regie__code=regie, public_id=public_id)


def _cash_form(payer: PayerAccount, line: StatementLine, data: Mapping[str, Any] | None = None) -> CashForm:
    owed = unpaid_invoices_of([payer.pk])
    named = line.invoice_id
    return CashForm(
        data,
        auto_id=f"compte-{payer.public_id}-%s",
        payer=(payer.public_id, payer.name),
        invoices=[(one.public_id, f"{one.number}, {one.label} : reste {in_euros(left)}") for one, left in owed],
        initial={"invoices": [one.public_id for one, _left in owed if one.pk == named]},
    )


def _page(request: HttpRequest, line: StatementLine, doing: Doing, *, status: int = HTTPStatus.OK) -> HttpResponse:
    visit = visit_of(request)
    is_to_sort = line.state == StatementLine.State.TO_SORT
    payers = payers_named(line.regie, doing.search) if is_to_sort else []
    if is_to_sort and line.invoice is not None and line.invoice.payer not in payers:
        payers.insert(0, line.invoice.payer)
    tone, icon = wording.STATES[StatementLine.State(line.state)]
    at = {"regie": line.regie.code, "line": line.public_id}
    refused = doing.cashing.data.get("payer") if doing.cashing is not None else None
    if is_to_sort and refused:
        asked = PayerAccount.objects.filter(regie=line.regie, public_id=refused).select_related("family")
        payers += [one for one in asked if one not in payers]
    context = office_context(
        visit,
        "office_billing",
        regie=line.regie,
        problem=doing.problem,
        search=doing.search,
        is_to_sort=is_to_sort,
        is_dismissed=line.state == StatementLine.State.DISMISSED,
        reason=line.reason,
        receipt=line.receipt.number if line.receipt else "",
        state=line.get_state_display(),
        tone=tone,
        icon=icon,
        sorted_on=in_digits(line.sorted_at.date()) if line.sorted_at else "",
        payers=[
            {
                "name": one.name,
                "family": one.family.name if one.family else "",
                "form": doing.cashing if one.public_id == refused else _cash_form(one, line),
            }
            for one in payers
        ],
        dismissing=doing.dismissing or DismissForm(auto_id="ecarter-%s"),
        is_dismissing=doing.dismissing is not None,
        cash_url=url_of(visit, "office_cash_line", **at),
        dismiss_url=url_of(visit, "office_dismiss_line", **at),
        take_back_url=url_of(visit, "office_take_line_back", **at),
        back_url=url_of(visit, "office_reconciliation", regie=line.regie.code),
        line=line_row(line, visit),
    )
    return render(request, "office/reconciliation/line.html", context, status=status)
