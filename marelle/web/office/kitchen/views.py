"""The meals of a week and of a day: expected, ordered, sent, changed since; corrections; files."""

from __future__ import annotations

from datetime import date, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.operations.kitchen import NothingToCorrectError, correct_orders, send_again
from marelle.domain.reservations.queries.days import open_day_near, read_day
from marelle.domain.reservations.queries.kitchen import kitchen_days, kitchens, meals_of
from marelle.foundation.periods import monday_of
from marelle.foundation.spreadsheets import csv_lines, xlsx
from marelle.letters.kitchen_documents import kitchen_pdf, kitchen_sheet
from marelle.web.doors import office_page
from marelle.web.office import day_filters
from marelle.web.office.day import roll
from marelle.web.office.day.forms import DayForm
from marelle.web.office.day.forms import read_day as day_named
from marelle.web.office.kitchen import tables, wording
from marelle.web.office.need_to_know import health_products
from marelle.web.office.surroundings import ROLES, office_context, reach, url_of, visit_of
from marelle.web.readings import notes_readings, reads_health_on
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

    from marelle.domain.catalog.queries import ProductOffer
    from marelle.domain.reservations.queries.kitchen import KitchenDay
    from marelle.web.doors import OfficeVisit

WEEK: Final = timedelta(days=7)
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WEEK_NAMED: Final = "semaine"


@require_safe
@office_page(ROLES.VIEW_DAY)
def week(request: HttpRequest) -> HttpResponse:
    """Will show a week: of each place and day, how many are expected, what was ordered, what changed since."""
    visit = visit_of(request)
    form, status = DayForm({"jour": request.GET["jour"]}) if "jour" in request.GET else None, HTTPStatus.OK
    monday = monday_of(visit.today)
    if form is not None and form.is_valid():
        monday = monday_of(form.cleaned_data["jour"])
    elif form is not None:
        status = HTTPStatus.BAD_REQUEST
    products, asked, within = _shown(request)
    found, days = _week(visit, monday, within)
    url = url_of(visit, "office_kitchen")
    known = health_products(visit)
    zone = visit.authority.zone

    here = {**asked, "jour": monday.isoformat()}

    def of_week(first: date) -> str:
        return day_filters.with_query(url, {**asked, "jour": first.isoformat()})

    return render(
        request,
        "office/kitchen/week.html",
        office_context(
            visit,
            "office_kitchen",
            title=wording.week_title(days[0], days[-1]),
            days=[(day, day == visit.today, _day_url(visit, day, asked)) for day in days],
            rows=tables.week_rows(
                found, days, known=known, zone=zone, urls=[_day_url(visit, day, asked) for day in days], at=visit.at
            ),
            totals=tables.totals(found, days),
            previous_url=of_week(monday - WEEK),
            today_url=day_filters.with_query(url, asked),
            next_url=of_week(monday + WEEK),
            day_form=form or DayForm(initial={"jour": visit.today}),
            kept_filters=[(name, value) for name, value in asked.items() if value],
            services=day_filters.service_choices(url, products, here),
            facilities=day_filters.facility_choices(url, products, here),
            files=_files(visit, monday, {**asked, WEEK_NAMED: "1"}) if found else (),
            settings_url=url_of(visit, "office_kitchen_settings") if _administers(visit) else "",
            has_kitchen=any(one.settings for one in found),
        ),
        status=status,
    )


@require_safe
@office_page(ROLES.VIEW_DAY)
@notes_readings
def any_day(request: HttpRequest, day: str) -> HttpResponse:
    """Will show a day: each number now and as ordered, and who must be fed with care."""
    return _day_page(request, _day_or_404(day))


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
@notes_readings
def correct(request: HttpRequest, day: str) -> HttpResponse:
    """Will tell the kitchens of a day what is expected now."""
    visit = visit_of(request)
    on = _day_or_404(day)
    within = reach(visit, ROLES.MANAGE_RESERVATIONS).products
    try:
        rows = correct_orders(within, on, offer=offer_of(visit.authority), by=visit.actor, at=visit.at)
    except NothingToCorrectError:
        return _refused(request, on, wording.NOTHING_TO_CORRECT, wording.NOTHING_TO_CORRECT_WHY)
    messages.success(request, wording.corrected(len(rows)), extra_tags="green")
    return SeeOther(_day_url(visit, on, {}))


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
@notes_readings
def again(request: HttpRequest, day: str) -> HttpResponse:
    """Will send again what did not reach the kitchens of a day."""
    visit = visit_of(request)
    on = _day_or_404(day)
    within = reach(visit, ROLES.MANAGE_RESERVATIONS).products
    found = kitchen_days(within, [on], offer=offer_of(visit.authority), health_within=())
    count = send_again(
        [(one.order, one.settings) for one in found if one.order and one.settings], by=visit.actor, at=visit.at
    )
    if not count:
        return _refused(request, on, wording.NO_ADDRESS, wording.NO_ADDRESS_WHY)
    messages.success(request, wording.again(count), extra_tags="green")
    return SeeOther(_day_url(visit, on, {}))


@require_safe
@office_page(ROLES.VIEW_DAY)
def file(request: HttpRequest, day: str, kind: str) -> HttpResponse:
    """Will hand over the meals of a day, or of its week, as a table or to print: as ordered, else as expected."""
    visit = visit_of(request)
    on = _day_or_404(day)
    _products, _asked, within = _shown(request)
    if request.GET.get(WEEK_NAMED):
        found, _days = _week(visit, monday_of(on), within)
    else:
        found = kitchen_days(within, [on], offer=offer_of(visit.authority), health_within=health_products(visit))
    rows = tables.as_files(found, known=health_products(visit), zone=visit.authority.zone)
    if not rows:
        raise Http404
    if kind == "csv":
        response = HttpResponse(b"".join(csv_lines(kitchen_sheet(rows))), content_type="text/csv; charset=utf-8")
    elif kind == "xlsx":
        response = HttpResponse(xlsx([kitchen_sheet(rows)]), content_type=XLSX)
    elif kind == "pdf":
        whole = Authority.objects.get(pk=visit.authority.pk)
        response = HttpResponse(kitchen_pdf(rows, whole, on=visit.today), content_type="application/pdf")
    else:
        raise Http404
    response["Content-Disposition"] = f'attachment; filename="repas-{on.isoformat()}.{kind}"'
    return response


def _day_page(
    request: HttpRequest, day: date, *, problem: tuple[str, str] | None = None, status: int = HTTPStatus.OK
) -> HttpResponse:
    visit = visit_of(request)
    products, asked, within = _shown(request)
    offer, known, zone = offer_of(visit.authority), health_products(visit), visit.authority.zone
    found = kitchen_days(within, [day], offer=offer, health_within=known)
    meals = meals_of(within, [one.settings for one in found if one.settings])
    manages = visit.may(ROLES.MANAGE_RESERVATIONS) and day >= visit.today
    says_service = len({one.at.service for one in found}) > 1
    places = [
        tables.place_day(
            one,
            known=known,
            says_service=says_service,
            zone=zone,
            at=visit.at,
            can_send=manages and one.settings is not None and bool(one.settings.emails),
        )
        for one in found
    ]
    url = url_of(visit, "office_kitchen_day", day=day.isoformat())
    before, after = (
        (open_day_near(day, step, products=meals, offer=offer) for step in (-1, 1)) if meals else (None, None)
    )
    context = office_context(
        visit,
        "office_kitchen",
        title=wording.day_title(day),
        day=day,
        places=places,
        alerts=_alerts(request, visit, day, meals),
        shows_health=any(product.pk in known for product in meals),
        is_hidden=any(not one.is_known for one in places),
        hidden=wording.NOT_KNOWN,
        previous_url=_day_url(visit, before, asked) if before else "",
        next_url=_day_url(visit, after, asked) if after else "",
        today_url=_day_url(visit, visit.today, asked),
        services=day_filters.service_choices(url, products, asked),
        facilities=day_filters.facility_choices(url, products, asked),
        files=_files(visit, day, asked) if found else (),
        week_url=day_filters.with_query(url_of(visit, "office_kitchen"), {**asked, "jour": day.isoformat()}),
        correct_url=url_of(visit, "office_kitchen_correct", day=day.isoformat())
        if manages and any(one.is_ordered and one.changed for one in places)
        else "",
        again_url=url_of(visit, "office_kitchen_again", day=day.isoformat())
        if any(one.can_be_sent_again for one in places)
        else "",
        problem=problem,
    )
    return render(request, "office/kitchen/day.html", context, status=status)


def _alerts(
    request: HttpRequest, visit: OfficeVisit, day: date, meals: Sequence[ProductOffer]
) -> tuple[roll.Alert, ...]:
    """Will return who must be fed with care among those expected, to who may know it, and have it noted."""
    known = health_products(visit)
    shown = [product for product in meals if product.pk in known]
    if not shown:
        return ()
    found = read_day(day, products=shown, health_within=known)
    here = [
        child
        for child in roll.expected_children(found, shown)
        if not all(mark.is_told for (pk, _product), mark in found.marks.items() if pk == child.pk and mark.state)
    ]
    alerts = roll.alerts(here, on=day)
    read = {child.pk for child in here if child.health.is_alert}
    facilities = {product.activity.facility_pk for product in shown}
    reads_health_on(request, read, named="kitchen", day=day, facilities=facilities)
    return alerts


def _refused(request: HttpRequest, day: date, first: str, why: str) -> HttpResponse:
    """Will show the day with a refusal on top, or lead who may not look at it to where she may."""
    visit = visit_of(request)
    if not visit.may(ROLES.VIEW_DAY):
        messages.warning(request, first, extra_tags="amber")
        return SeeOther(url_of(visit, "office_cancellations"))
    return _day_page(request, day, problem=(first, why), status=HTTPStatus.CONFLICT)


def _shown(request: HttpRequest) -> tuple[tuple[ProductOffer, ...], dict[str, str], tuple[ProductOffer, ...]]:
    """Will return the meals within reach, what the address chooses among them, and those chosen."""
    visit = visit_of(request)
    within = meals_of(reach(visit, ROLES.VIEW_DAY).products, kitchens())
    asked = day_filters.chosen(request, within)
    return within, asked, day_filters.shown(within, asked)


def _week(visit: OfficeVisit, monday: date, within: Sequence[ProductOffer]) -> tuple[list[KitchenDay], list[date]]:
    """Will return the days of a week, without a Saturday and a Sunday on which nothing is eaten."""
    days = [monday + timedelta(days=place) for place in range(7)]
    found = kitchen_days(within, days, offer=offer_of(visit.authority), health_within=health_products(visit))
    eaten = {one.date for one in found}
    return found, [day for place, day in enumerate(days) if place < 5 or day in eaten]  # noqa: PLR2004  Monday to Friday


def _files(visit: OfficeVisit, day: date, asked: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (name, day_filters.with_query(url_of(visit, "office_kitchen_file", day=day.isoformat(), kind=kind), asked))
        for kind, name in (("pdf", "PDF"), ("xlsx", "Excel"), ("csv", "CSV"))
    ]


def _administers(visit: OfficeVisit) -> bool:
    return visit.may(ROLES.ADMINISTER) and reach(visit, ROLES.ADMINISTER).is_whole


def _day_or_404(text: str) -> date:
    day = day_named(text)
    if day is None:
        raise Http404
    return day


def _day_url(visit: OfficeVisit, day: date, asked: dict[str, Any]) -> str:
    return day_filters.with_query(url_of(visit, "office_kitchen_day", day=day.isoformat()), asked)
