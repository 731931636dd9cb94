"""What the bank and the gateways say of a régie: imported, compared, what is left to do."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.authorities.models import Regie
from marelle.domain.payments import asking
from marelle.domain.payments.models import BankStatement, PaymentAttempt
from marelle.domain.payments.operations.statements import import_statement
from marelle.domain.payments.queries.statements import (
    LATE,
    columns_of,
    never_seen,
    paid_elsewhere,
    statements_of,
    to_sort,
)
from marelle.domain.payments.rules.attempts import State
from marelle.foundation.french_dates import in_digits
from marelle.foundation.money import in_euros
from marelle.web.office.billing.surroundings import billing_page
from marelle.web.office.reconciliation import wording
from marelle.web.office.reconciliation.forms import ImportForm
from marelle.web.office.surroundings import office_context, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.payments.models import StatementLine
    from marelle.web.doors import OfficeVisit

LINES_A_PAGE: Final = 40
SHOWN_STATEMENTS: Final = 8
SHOWN_ALERTS: Final = 50


@require_safe
@billing_page
def regies(request: HttpRequest) -> HttpResponse:
    """Will list the régies, with what is left to look at in each."""
    visit = visit_of(request)
    context = office_context(
        visit,
        "office_billing",
        regies=[
            {
                "name": one.name,
                "to_sort": to_sort(one).count(),
                "alerts": paid_elsewhere(one).count() + never_seen(one).count(),
                "url": url_of(visit, "office_reconciliation", regie=one.code),
            }
            for one in Regie.objects.order_by("name", "pk")
        ],
        back_url=url_of(visit, "office_billing"),
    )
    return render(request, "office/reconciliation/regies.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@billing_page
def show(request: HttpRequest, regie: str) -> HttpResponse:
    """Will show what is left to look at in a régie, and import a statement."""
    visit = visit_of(request)
    found = get_object_or_404(Regie, code=regie)
    remembered = {source: columns_of(found, source) for source in BankStatement.Source.values}
    if request.method != "POST":
        return _page(request, found, ImportForm(remembered=remembered))
    form = ImportForm(request.POST, request.FILES, remembered=remembered)
    if not form.is_valid() or form.statement is None:
        return _page(request, found, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    row = import_statement(
        found,
        form.statement,
        source=form.cleaned_data["source"],
        name=form.cleaned_data["file"].name or "",
        by=visit.actor,
        at=visit.at,
    )
    messages.success(request, wording.imported(row.lines_read, row.lines_new), extra_tags="green")
    return SeeOther(url_of(visit, "office_reconciliation", regie=found.code))


@require_POST
@billing_page
def ask(request: HttpRequest, regie: str, attempt: str) -> HttpResponse:
    """Will ask the gateway again about a payment that a statement shows and that is not credited here."""
    visit = visit_of(request)
    found = get_object_or_404(
        PaymentAttempt.objects.select_related("user", "payer"), regie__code=regie, public_id=attempt
    )
    state = asking.ask(found, gateways=settings.GATEWAYS, by=visit.actor, at=visit.at)
    if state is State.PAID:
        messages.success(request, wording.CREDITED, extra_tags="green")
    else:
        messages.warning(request, wording.NOT_CREDITED, extra_tags="amber")
    return SeeOther(url_of(visit, "office_reconciliation", regie=regie))


def _page(request: HttpRequest, regie: Regie, form: ImportForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    visit = visit_of(request)
    page = Paginator(to_sort(regie), LINES_A_PAGE).get_page(request.GET.get("page"))
    context = office_context(
        visit,
        "office_billing",
        regie=regie,
        form=form,
        columns_open=form.is_bound and "file" in form.errors,
        elsewhere=[_elsewhere(one, regie, visit) for one in paid_elsewhere(regie)[:SHOWN_ALERTS]],
        unseen=[_unseen(one) for one in never_seen(regie)[:SHOWN_ALERTS]],
        late_days=LATE.days,
        page=page,
        lines=[line_row(one, visit) for one in page],
        statements=[_statement(one) for one in statements_of(regie)[:SHOWN_STATEMENTS]],
        back_url=url_of(visit, "office_reconciliations"),
    )
    return render(request, "office/reconciliation/page.html", context, status=status)


def line_row(one: StatementLine, visit: OfficeVisit) -> dict[str, Any]:
    """Will return a line of a statement as it is shown."""
    maybe = ""
    if one.invoice is not None:
        maybe = f"Facture {one.invoice.number}, {one.invoice.payer_name}"
    elif one.attempt is not None:
        maybe = f"Paiement {one.attempt.reference}, {in_euros(one.attempt.cents)}"
    return {
        "date": in_digits(one.date),
        "label": one.label or one.reference or "Sans libellé",
        "reference": one.reference,
        "amount": in_euros(one.cents),
        "is_out": one.cents < 0,
        "maybe": maybe,
        "url": url_of(visit, "office_statement_line", regie=one.regie.code, line=one.public_id),
    }


def _elsewhere(line: StatementLine, regie: Regie, visit: OfficeVisit) -> dict[str, Any]:
    attempt = line.attempt
    assert attempt is not None  # noqa: S101  the query says so
    return {
        **line_row(line, visit),
        "who": attempt.payer.name if attempt.payer else "",
        "seen_as": wording.SEEN_AS.get(State(attempt.state), ""),
        "ask_url": url_of(visit, "office_ask_again", regie=regie.code, attempt=attempt.public_id),
    }


def _unseen(attempt: PaymentAttempt) -> dict[str, Any]:
    return {
        "who": attempt.payer.name if attempt.payer else "",
        "amount": in_euros(attempt.cents),
        "reference": attempt.reference,
        "date": in_digits(attempt.posting.date) if attempt.posting else "",
    }


def _statement(one: BankStatement) -> dict[str, Any]:
    return {
        "name": one.name or "Sans nom",
        "source": one.get_source_display(),
        "period": f"du {in_digits(one.starts_on)} au {in_digits(one.ends_on)}",
        "new": wording.lines(one.lines_new) if one.lines_new else "aucune ligne nouvelle",
        "on": in_digits(one.imported_at.date()),
    }
