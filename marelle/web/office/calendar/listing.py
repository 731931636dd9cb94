"""The calendar of a school year, kind by kind, with what is closed."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.catalog.models import ClosureDay, Holiday
from marelle.domain.catalog.operations.calendar import follow_published_calendar
from marelle.domain.catalog.operations.standing import DaysStillReservedError
from marelle.domain.reservations.queries.reserved_ahead import reserved_ahead
from marelle.web.components.controls import Choice
from marelle.web.doors import office_page
from marelle.web.office.calendar import wording
from marelle.web.office.offer.wording import standing_days, standing_title
from marelle.web.office.surroundings import ROLES, office_context, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.catalog.rules.standing import Standing
    from marelle.web.doors import OfficeVisit

NEW: Final = "nouveau"
NOBODY: Final = "-"
SEPTEMBER: Final = 9
FIRST_YEAR, LAST_YEAR = 2000, 2098


def name_of_holiday(row: Holiday) -> str:
    """Will write what names days of the calendar in an address: « school-2026-12-19 »."""
    return f"{row.kind}-{row.starts_on.isoformat()}"


def name_of_closure(row: ClosureDay) -> str:
    """Will write what names a closure in an address: « 2026-12-24.cantine.- »."""
    service = row.service.code if row.service else NOBODY
    facility = row.facility.code if row.facility else NOBODY
    return f"{row.starts_on.isoformat()}.{service}.{facility}"


def back_to(visit: OfficeVisit, day: date) -> str:
    """Will return the calendar of the school year of a day."""
    return f"{url_of(visit, 'office_calendar')}?annee={school_year_of(day)}"


def school_year_of(day: date) -> int:
    """Will return the year in which the school year of a day began."""
    return day.year if day.month >= SEPTEMBER else day.year - 1


@require_safe
@office_page(ROLES.ADMINISTER)
def every(request: HttpRequest) -> HttpResponse:
    """Will show the school year of today, or the one that « annee » says."""
    visit = visit_of(request)
    asked = request.GET.get("annee", "")
    if not asked:
        return _page(request, school_year_of(visit.today))
    if not (asked.isascii() and asked.isdecimal() and len(asked) == 4 and FIRST_YEAR <= int(asked) <= LAST_YEAR):  # noqa: PLR2004  a year
        raise Http404
    return _page(request, int(asked))


@require_POST
@office_page(ROLES.ADMINISTER)
def follow(request: HttpRequest) -> HttpResponse:
    """Will take the published calendar of the authority's zone again."""
    visit = visit_of(request)
    try:
        changed = follow_published_calendar(
            visit.authority,
            reserved=reserved_ahead(visit.today),
            is_confirmed=request.POST.get("confirme") == "1",
            by=visit.actor,
            at=visit.at,
        )
    except DaysStillReservedError as error:
        return _page(request, school_year_of(visit.today), standing=error.standing, status=HTTPStatus.CONFLICT)
    words = wording.followed(changed) if changed else wording.ALREADY_PUBLISHED
    messages.success(request, words, extra_tags="green")
    return SeeOther(url_of(visit, "office_calendar"))


def _page(
    request: HttpRequest, year: int, *, standing: Sequence[Standing] = (), status: int = HTTPStatus.OK
) -> HttpResponse:
    visit = visit_of(request)
    first, last = date(year, SEPTEMBER, 1), date(year + 1, SEPTEMBER - 1, 31)
    of_year = {"starts_on__lte": last, "ends_on__gte": first}
    by_kind: dict[str, list[dict[str, Any]]] = {kind: [] for kind in wording.KINDS}
    for row in Holiday.objects.filter(**of_year).order_by("starts_on", "pk"):
        by_kind[row.kind].append(
            {
                "name": row.name,
                "span": wording.span(row.starts_on, row.ends_on),
                "url": url_of(visit, "office_holiday", holiday=name_of_holiday(row)),
            }
        )
    closures = [
        {
            "reason": row.reason,
            "span": wording.span(row.starts_on, row.ends_on),
            "what": ", ".join(each.name for each in (row.service, row.facility) if each) or wording.EVERYTHING,
            "url": url_of(visit, "office_closure", closure=name_of_closure(row)),
        }
        for row in ClosureDay.objects.filter(**of_year)
        .select_related("service", "facility")
        .order_by("starts_on", "pk")
    ]
    here = url_of(visit, "office_calendar")
    new_holiday = url_of(visit, "office_holiday", holiday=NEW)
    context = office_context(
        visit,
        "office_calendar",
        year=wording.school_year(year),
        years=[
            Choice(f"{each}-{each + 1}", f"{here}?annee={each}", is_current=each == year)
            for each in range(year - 1, year + 2)
            if FIRST_YEAR <= each <= LAST_YEAR
        ],
        kinds=[
            {"title": title, "words": words, "rows": by_kind[kind], "new_url": f"{new_holiday}?nature={kind}"}
            for kind, (title, words) in wording.KINDS.items()
        ],
        closures=closures,
        new_closure_url=url_of(visit, "office_closure", closure=NEW),
        follow_url=url_of(visit, "office_calendar_follow"),
        zone=visit.authority.get_school_zone_display(),
        has_zone=bool(visit.authority.school_zone),
        identity_url=url_of(visit, "office_identity"),
        standing_title=standing_title(standing) if standing else "",
        standing_days=standing_days(standing) if standing else "",
    )
    return render(request, "office/calendar/calendar.html", context, status=status)
