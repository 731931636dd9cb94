"""How long the services take to answer: on screen, and as a table."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.domain.procedures.queries.statistics import Delays, Statistics, statistics
from marelle.foundation.french_dates import NO_BREAK, without_weekday
from marelle.foundation.spreadsheets import Sheet, csv_lines
from marelle.web.office.applications.forms import PeriodForm
from marelle.web.office.applications.surroundings import service_page, url_of
from marelle.web.office.surroundings import office_context, visit_of

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest

    from marelle.web.doors import OfficeVisit

COLUMNS: Final = (
    "Par",
    "Nom",
    "Reçues",
    "Décidées",
    "Délai médian, en jours",
    "9 sur 10 en moins de, en jours",
    "Décidées par le silence",
    "À compléter demandé",
    "Refusées",
    "En cours",
    "En retard",
)


@require_safe
@service_page
def show(request: HttpRequest) -> HttpResponse:
    """Will show the delays of a period; of the last twelve months unless it is said."""
    visit = visit_of(request)
    form, first, last = _period(request, visit)
    found = _found(visit, first, last)
    longest = max((one.nine_tenths or 0 for one in (*found.by_procedure, *found.by_service)), default=0)
    context: dict[str, Any] = {
        "form": form,
        "period": f"du {without_weekday(first, year=True)} au {without_weekday(last, year=True)}",
        "whole": _row(found.whole, longest),
        "tables": [
            {"name": name, "rows": [_row(one, longest) for one in rows]}
            for name, rows in (("Par démarche", found.by_procedure), ("Par service", found.by_service))
        ],
        "has_rows": bool(found.by_procedure),
        "export_url": url_of(visit, "office_application_statistics_csv")
        + "?"
        + urlencode({"du": first.isoformat(), "au": last.isoformat()}),
        "back_url": url_of(visit, "office_applications"),
    }
    status = HTTPStatus.OK if not form.is_bound or form.is_valid() else HTTPStatus.BAD_REQUEST
    page = office_context(visit, "office_applications", **context)
    return render(request, "office/applications/statistics.html", page, status=status)


@require_safe
@service_page
def export(request: HttpRequest) -> HttpResponse:
    """Will hand over the same figures as a table."""
    visit = visit_of(request)
    _form, first, last = _period(request, visit)
    found = _found(visit, first, last)
    rows = [
        (
            kind,
            one.name,
            one.received,
            one.decided,
            _rounded(one.median),
            _rounded(one.nine_tenths),
            one.by_silence,
            one.completed,
            one.refused,
            one.open,
            one.late,
        )
        for kind, some in (
            ("Démarche", found.by_procedure),
            ("Service", found.by_service),
            ("Ensemble", [found.whole]),
        )
        for one in some
    ]
    response = HttpResponse(b"".join(csv_lines(Sheet("Délais", COLUMNS, rows))), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="delais-{first.isoformat()}-{last.isoformat()}.csv"'
    return response


def _period(request: HttpRequest, visit: OfficeVisit) -> tuple[PeriodForm, date, date]:
    """Will return the period that is asked for; the last twelve months when it is not, or is not one."""
    last = visit.today
    first = last.replace(year=last.year - 1, day=1)
    usual = {"du": first, "au": last}
    if "du" not in request.GET and "au" not in request.GET:
        return PeriodForm(initial=usual), first, last
    form = PeriodForm(request.GET)
    if not form.is_valid():
        return form, first, last
    return form, form.cleaned_data["du"], form.cleaned_data["au"]


def _found(visit: OfficeVisit, first: date, last: date) -> Statistics:
    return statistics(visit.roles, first=first, last=last, authority=visit.authority, on=visit.today, at=visit.at)


def _rounded(days: float | None) -> int | None:
    return None if days is None else round(days)


def _row(one: Delays, longest: float) -> dict[str, Any]:
    return {
        "name": one.name,
        "received": one.received,
        "decided": one.decided,
        "median": _in_days(one.median),
        "nine_tenths": _in_days(one.nine_tenths),
        "has_delay": one.median is not None,
        # In hundredths, and as digits: a comma would be no number to a browser.
        "median_part": round(100 * (one.median or 0)),
        "nine_tenths_part": round(100 * (one.nine_tenths or 0)),
        "longest": max(1, round(100 * longest)),
        "by_silence": one.by_silence,
        "completed": one.completed,
        "refused": one.refused,
        "open": one.open,
        "late": one.late,
    }


def _in_days(days: float | None) -> str:
    if days is None:
        return "—"
    count = round(days)
    return f"{count}{NO_BREAK}jour{'s' if count > 1 else ''}" if count else "le jour même"
