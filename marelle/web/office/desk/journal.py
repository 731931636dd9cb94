"""The journal of what is cashed, and what was paid online."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.views.decorators.http import require_safe

from marelle.domain.payments.queries.desk import Filters, drawer_of, journal, online_takings, totals_of
from marelle.foundation.french_dates import in_digits
from marelle.foundation.money import in_euros
from marelle.web.office.desk import wording
from marelle.web.office.desk.forms import JournalForm
from marelle.web.office.desk.surroundings import (
    desk_context,
    desk_page,
    page,
    regie_or_404,
    regies,
    url_of,
    visit_of,
)

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.authorities.models import Regie
    from marelle.domain.payments.models import Receipt
    from marelle.web.doors import OfficeVisit

ON_A_PAGE = 50


@require_safe
@desk_page
def show(request: HttpRequest) -> HttpResponse:
    """Will show the receipts of today, or those that were asked for, with their totals by means."""
    visit = visit_of(request)
    found = regies()
    form = JournalForm(request.GET or None, regies=[(one.code, one.name) for one in found])
    said: dict[str, Any] = form.cleaned_data if form.is_bound and form.is_valid() else {}
    starts_on = said.get("du") or said.get("au") or visit.today
    ends_on = said.get("au") or (said.get("du") and max(starts_on, visit.today)) or visit.today
    keys = [one.pk for one in found if said.get("regie") in {None, "", one.code}]
    chosen = Filters(keys, starts_on, ends_on, said.get("moyen", ""), said.get("q", ""))
    rows = journal(chosen)
    totals = totals_of(rows)
    shown = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    if not form.is_bound:
        form = JournalForm(
            regies=[(one.code, one.name) for one in found], initial={"du": visit.today, "au": visit.today}
        )
    context = desk_context(
        visit,
        form=form,
        is_filtered=bool(request.GET),
        has_several=len(found) > 1,
        period=_period(starts_on, ends_on, visit),
        receipts=[receipt_row(one, visit) for one in shown],
        shown=shown,
        query=query.urlencode(),
        totals=[
            {"means": wording.means(one.means), "count": wording.receipts(one.receipts), "amount": in_euros(one.cents)}
            for one in totals
        ],
        total=in_euros(sum(one.cents for one in totals)),
        tills=[_till(one, visit) for one in found],
        take_url=url_of(visit, "office_find_payer"),
        rest_url=url_of(visit, "office_rest"),
    )
    status = HTTPStatus.BAD_REQUEST if form.is_bound and not form.is_valid() else HTTPStatus.OK
    return page(request, "journal", context, status=status)


@require_safe
@desk_page
def online(request: HttpRequest, regie: str) -> HttpResponse:
    """Will show what was paid online this year, by day: the gateway brings it to the bank by itself."""
    visit = visit_of(request)
    found = regie_or_404(regie)
    year = visit.today.year
    if request.GET.get("annee") in {str(year), str(year - 1)}:
        year = int(request.GET["annee"])
    rows = online_takings(
        found.pk, starts_on=visit.today.replace(year, 1, 1), ends_on=visit.today.replace(year, 12, 31)
    )
    context = desk_context(
        visit,
        found,
        current="office_online_takings",
        year=year,
        other_year=visit.today.year - 1 if year == visit.today.year else visit.today.year,
        rows=[
            {
                "date": in_digits(day),
                "means": wording.means(one.means),
                "count": wording.receipts(one.receipts),
                "amount": in_euros(one.cents),
            }
            for day, one in rows
        ],
        total=in_euros(sum(one.cents for _day, one in rows)),
    )
    return page(request, "online", context)


def receipt_row(one: Receipt, visit: OfficeVisit) -> dict[str, Any]:
    """Will return a receipt as the lists show it."""
    return {
        "number": one.number,
        "url": url_of(visit, "office_receipt", receipt=one.public_id),
        "payer": one.payer_name,
        "label": one.label,
        "way": wording.way(one.means),
        "date": in_digits(one.date),
        "amount": in_euros(one.cents),
        "is_counter": one.cents < 0,
        "is_online": getattr(one, "is_online", False),
        "deposit": one.deposit.number if one.deposit else "",
    }


def _till(regie: Regie, visit: OfficeVisit) -> dict[str, Any]:
    drawer = drawer_of(regie.pk)
    due = drawer.due_on()
    return {
        "name": regie.name,
        "url": url_of(visit, "office_drawer", regie=regie.code),
        "amount": in_euros(drawer.cents),
        "over": in_euros(drawer.over_cents) if drawer.over_cents else "",
        "overdue": in_digits(due) if due and drawer.is_overdue(on=visit.today) else "",
    }


def _period(starts_on: Any, ends_on: Any, visit: OfficeVisit) -> str:
    if starts_on == ends_on:
        return "Aujourd’hui" if starts_on == visit.today else f"Le {in_digits(starts_on)}"
    return f"Du {in_digits(starts_on)} au {in_digits(ends_on)}"
