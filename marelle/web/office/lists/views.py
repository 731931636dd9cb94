"""Lists of a day or of a week: on the screen, to print, for a spreadsheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.queries.profile import pickups_on
from marelle.domain.reservations.queries.days import open_day_near
from marelle.domain.reservations.queries.lists import read_list
from marelle.foundation.periods import monday_of
from marelle.foundation.spreadsheets import csv_lines, xlsx
from marelle.letters.documents.drawing import tables_pdf
from marelle.letters.documents.tables import TablesDocument
from marelle.letters.kitchen_documents import issuer_without_regie
from marelle.web.components.controls import Choice
from marelle.web.doors import office_page
from marelle.web.office import day_filters
from marelle.web.office.day import wording as day_wording
from marelle.web.office.day.forms import DayForm
from marelle.web.office.homes_of_day import homes_of_day
from marelle.web.office.lists import sheets, wording
from marelle.web.office.need_to_know import health_products
from marelle.web.office.photos import photo_urls
from marelle.web.office.surroundings import ROLES, office_context, reach, url_of, visit_of
from marelle.web.readings import notes_readings, reads_health_on

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from django.http import HttpRequest

    from marelle.domain.catalog.queries import ProductOffer
    from marelle.web.doors import OfficeVisit

WEEK: Final = timedelta(days=7)
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_COLUMNS: Final = 4  # of what a sheet of paper holds upright


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an address asks for: `asked` is all of it as its query says it; `form` holds a day that is none."""

    days: tuple[date, ...]
    kind: str
    asked: dict[str, str]
    products: tuple[ProductOffer, ...]
    within: tuple[ProductOffer, ...]
    form: DayForm

    @property
    def is_week(self) -> bool:
        """Will tell whether it is about a week."""
        return len(self.days) > 1


@require_safe
@office_page(ROLES.VIEW_DAY)
@notes_readings
def lists(request: HttpRequest) -> HttpResponse:
    """Will show who is expected on a day, or over a week, by class, by group or by option."""
    visit = visit_of(request)
    wanted = _wanted(request)
    found = _groups(request, wanted, shows_photos=True)
    url = url_of(visit, "office_lists")

    def to(**more: str) -> str:
        return day_filters.with_query(url, {**wanted.asked, **more})

    step = WEEK if wanted.is_week else None
    offer, day = offer_of(visit.authority), wanted.days[0]
    before = day - step if step else open_day_near(day, -1, products=wanted.products, offer=offer)
    after = day + step if step else open_day_near(day, 1, products=wanted.products, offer=offer)
    context = office_context(
        visit,
        "office_lists",
        title=wording.title(wanted.days[0], wanted.days[-1]),
        groups=found,
        kinds=[Choice(label, to(liste=code), wanted.kind == code) for code, label in wording.KINDS],
        spans=[
            Choice(label, to(duree=code), wanted.is_week == (code == wording.WEEK)) for code, label in wording.SPANS
        ],
        services=day_filters.service_choices(url, wanted.products, wanted.asked),
        facilities=day_filters.facility_choices(url, wanted.products, wanted.asked),
        previous_url=to(jour=before.isoformat()) if before else "",
        next_url=to(jour=after.isoformat()) if after else "",
        today_url=to(jour=visit.today.isoformat()),
        previous_label="Avant" if wanted.is_week else day_wording.day_button(before, near=day),
        next_label="Après" if wanted.is_week else day_wording.day_button(after, near=day),
        day_form=wanted.form,
        kept=[(name, value) for name, value in wanted.asked.items() if value and name != "jour"],
        files=[
            (name, day_filters.with_query(url_of(visit, "office_list_file", kind=kind), wanted.asked))
            for kind, name in (("pdf", "PDF"), ("xlsx", "Excel"), ("csv", "CSV"))
        ]
        if found
        else (),
        nothing=wording.NO_OPTION if wanted.kind == wording.BY_OPTION else wording.NOTHING,
        evacuation_url=url_of(visit, "office_evacuation") if visit.may(ROLES.RECORD_ATTENDANCE) else "",
    )
    status = HTTPStatus.BAD_REQUEST if wanted.form.is_bound and not wanted.form.is_valid() else HTTPStatus.OK
    return render(request, "office/lists/page.html", context, status=status)


@require_safe
@office_page(ROLES.VIEW_DAY)
@notes_readings
def file(request: HttpRequest, kind: str) -> HttpResponse:
    """Will hand over the same lists, to print or for a spreadsheet."""
    visit = visit_of(request)
    wanted = _wanted(request)
    if kind not in {"pdf", "xlsx", "csv"}:
        raise Http404
    # Without photos: a file goes on when the agreement to show them has ended.
    found = _groups(request, wanted, shows_photos=False)
    label = dict(wording.KINDS)[wanted.kind].lower()
    title = f"Liste {label}"
    if kind == "pdf":
        document = TablesDocument(
            title=title,
            subtitle=sheets.days_said(wanted.days),
            issued_on=visit.today,
            issuer=issuer_without_regie(Authority.objects.get(pk=visit.authority.pk)),
            tables=sheets.tables_of(found),
            words=() if found else (wording.EMPTY,),
            is_wide=wanted.is_week or any(len(group.columns) > MOST_COLUMNS for group in found),
            is_apart=True,
        )
        return handed_over(tables_pdf(document), "pdf", f"liste-{wanted.days[0].isoformat()}")
    return as_table(sheets.sheet_of(found, title), kind, f"liste-{wanted.days[0].isoformat()}")


def as_table(sheet: Any, kind: str, name: str) -> HttpResponse:
    """Will hand over a table for a spreadsheet."""
    return handed_over(xlsx([sheet]) if kind == "xlsx" else b"".join(csv_lines(sheet)), kind, name)


def handed_over(content: bytes, kind: str, name: str) -> HttpResponse:
    """Will hand over a file under its name."""
    types = {"pdf": "application/pdf", "xlsx": XLSX, "csv": "text/csv; charset=utf-8"}
    response = HttpResponse(content, content_type=types[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def _groups(request: HttpRequest, wanted: Wanted, *, shows_photos: bool) -> tuple[sheets.ListGroup, ...]:
    """Will read the list, and have the journal note whose health it shows."""
    visit = visit_of(request)
    known = health_products(visit)
    first, last = wanted.days[0], wanted.days[-1]
    listing = read_list(wanted.within, first, last, health_within=known)
    pickups = pickups_on(first, list(listing.children), zone=visit.authority.zone)
    photos = photo_urls(visit, list(listing.children)) if shows_photos else {}
    # Over a week, a child may be in both homes.
    homes = {} if wanted.is_week else homes_of_day(visit, list(listing.children), first)
    within, days, kind = wanted.within, wanted.days, wanted.kind
    found = sheets.groups(listing, within, days, kind=kind, pickups=pickups, photos=photos, homes=homes)
    if wanted.kind == wording.BY_OPTION:
        with_option = {child for child, _activity in listing.options}
        read = {pk for pk, child in listing.children.items() if child.health.is_watched and pk in with_option}
    else:
        read = {pk for pk, child in listing.children.items() if child.health.is_watched}
    facilities = {product.activity.facility_pk for product in wanted.within}
    reads_health_on(request, read, named="list", day=first, facilities=facilities)
    return found


def _wanted(request: HttpRequest) -> Wanted:
    """Will read the address; what names nothing is what the page shows first."""
    visit: OfficeVisit = visit_of(request)
    products = reach(visit, ROLES.VIEW_DAY).products
    form, day = DayForm(initial={"jour": visit.today}), visit.today
    if "jour" in request.GET:
        form = DayForm(request.GET)
        if form.is_valid():
            day = form.cleaned_data["jour"]
    kind = request.GET.get("liste", "")
    kind = kind if kind in dict(wording.KINDS) else wording.BY_CLASS
    is_week = request.GET.get("duree") == wording.WEEK
    asked = {
        "jour": day.isoformat(),
        "liste": kind,
        "duree": wording.WEEK if is_week else "",
        **day_filters.chosen(request, products),
    }
    within = day_filters.shown(products, asked)
    return Wanted(_days(day, is_week=is_week, products=within), kind, asked, products, within, form)


def _days(day: date, *, is_week: bool, products: Sequence[ProductOffer]) -> tuple[date, ...]:
    """Will return the day, or the days of its week on which one of these products may be open."""
    if not is_week:
        return (day,)
    monday = monday_of(day)
    weekdays = {0, 1, 2, 3, 4} | {
        weekday
        for product in products
        for weekday in (*product.activity.opening.term_weekdays, *product.activity.opening.holiday_weekdays)
    }
    return tuple(monday + timedelta(days=place) for place in range(7) if place in weekdays)
