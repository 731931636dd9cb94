"""What is left to collect: on screen, and as a table."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from marelle.domain.payments.queries.rest_to_collect import by_exercice_and_service, rest_to_collect
from marelle.domain.payments.rules.desk import Age
from marelle.foundation.french_dates import in_digits
from marelle.foundation.money import in_euros
from marelle.foundation.spreadsheets import Cents, Sheet, csv_lines, xlsx
from marelle.web.office.billing.exports import XLSX
from marelle.web.office.desk.forms import RestForm
from marelle.web.office.desk.surroundings import desk_context, desk_page, page, regies, url_of, visit_of
from marelle.web.office.surroundings import ROLES

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest

    from marelle.domain.payments.queries.rest_to_collect import Rest

SHOWN = 100
COLUMNS = (
    "Régie",
    "Exercice",
    "Service",
    "Facture",
    "Au nom de",
    "À payer avant le",
    "Ancienneté",
    "Au Trésor",
    "Reste",
)


@require_safe
@desk_page
def show(request: HttpRequest) -> HttpResponse:
    """Will show what is left on a day, by exercice, service and age; then the oldest debts."""
    visit = visit_of(request)
    form = RestForm(request.GET or None)
    status = HTTPStatus.OK if not form.is_bound or form.is_valid() else HTTPStatus.BAD_REQUEST
    on = _day(form, visit.today)
    rows = rest_to_collect([one.pk for one in regies()], on=on)
    late = sorted((one for one in rows if one.due_on and one.due_on < on), key=lambda one: (one.due_on, one.number))
    ages = list(Age)
    bills = visit.may(ROLES.MANAGE_BILLING)
    context = desk_context(
        visit,
        form=form if form.is_bound else RestForm(initial={"au": on}),
        on=in_digits(on),
        table=[
            {
                "regie": regie,
                "exercice": exercice or "—",
                "service": service,
                "amounts": [(age.value, in_euros(found[age])) for age in ages if age in found],
                "total": in_euros(sum(found.values())),
            }
            for (regie, exercice, service), found in by_exercice_and_service(rows).items()
        ],
        total=in_euros(sum(one.cents for one in rows)),
        at_tresor=in_euros(sum(one.cents for one in rows if one.is_at_tresor)),
        late=[
            {
                "number": one.number,
                "payer": one.payer,
                "service": one.service,
                "due": in_digits(one.due_on) if one.due_on else "",
                "amount": in_euros(one.cents),
                "is_at_tresor": one.is_at_tresor,
                "url": url_of(visit, "office_invoice", invoice=one.invoice) if one.invoice and bills else "",
            }
            for one in late[:SHOWN]
        ],
        more=max(0, len(late) - SHOWN),
        csv_url=f"{url_of(visit, 'office_rest_export', kind='csv')}?au={on.isoformat()}",
        xlsx_url=f"{url_of(visit, 'office_rest_export', kind='xlsx')}?au={on.isoformat()}",
        back_url=url_of(visit, "office_desk"),
    )
    return page(request, "rest", context, status=status)


@require_safe
@desk_page
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """Will hand over what is left, a row for each invoice and service."""
    visit = visit_of(request)
    on = _day(RestForm(request.GET or None), visit.today)
    rows = rest_to_collect([one.pk for one in regies()], on=on)
    sheet = Sheet("Reste à recouvrer", COLUMNS, [_cells(one) for one in rows])
    if kind == "csv":
        response = HttpResponse(b"".join(csv_lines(sheet)), content_type="text/csv; charset=utf-8")
    elif kind == "xlsx":
        response = HttpResponse(xlsx([sheet]), content_type=XLSX)
    else:
        raise Http404
    response["Content-Disposition"] = f'attachment; filename="reste-a-recouvrer-{on}.{kind}"'
    return response


def _cells(one: Rest) -> tuple[Any, ...]:
    return (
        one.regie,
        one.exercice,
        one.service,
        one.number,
        one.payer,
        one.due_on,
        one.age.value,
        "oui" if one.is_at_tresor else "",
        Cents(one.cents),
    )


def _day(form: RestForm, today: date) -> date:
    return (form.cleaned_data["au"] if form.is_bound and form.is_valid() else None) or today
