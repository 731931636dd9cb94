"""Who is to be counted outside, now: seen or expected, with whom to call. One tap from the sheet, one page to print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.domain.authorities.models import Authority
from marelle.domain.families.queries.profile import pickups_on
from marelle.domain.reservations.queries.days import read_day
from marelle.domain.reservations.queries.lists import guardians_on, parts_of_day
from marelle.domain.reservations.rules.evacuation import Seen, counted, there_at
from marelle.foundation.spreadsheets import Sheet
from marelle.letters.documents.drawing import tables_pdf
from marelle.letters.documents.tables import PaperTable, TablesDocument
from marelle.letters.kitchen_documents import issuer_without_regie
from marelle.web.components.controls import Choice
from marelle.web.doors import office_page
from marelle.web.office import day_filters
from marelle.web.office.day.wording import pickup
from marelle.web.office.health_words import HealthTag, health_tags
from marelle.web.office.homes_of_day import homes_of_day
from marelle.web.office.lists import wording
from marelle.web.office.lists.views import as_table, handed_over
from marelle.web.office.need_to_know import health_products
from marelle.web.office.photos import photo_urls
from marelle.web.office.surroundings import ROLES, office_context, reach, url_of, visit_of
from marelle.web.readings import notes_readings, reads_health_on

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.catalog.queries import ProductOffer


@dataclass(frozen=True, slots=True)
class ToCall:
    """Somebody to call: who, and the number (empty: none is known)."""

    who: str
    phone: str

    @property
    def number(self) -> str:
        """Will return the number as a telephone dials it."""
        return "".join(sign for sign in self.phone if sign in "+0123456789")

    @property
    def words(self) -> str:
        """Will write it on paper."""
        return f"{self.who} {self.phone}".strip()


@dataclass(frozen=True, slots=True)
class ToCount:
    """A child to count; `is_seen`: ticked present, else only expected."""

    name: str
    school_class: str
    is_seen: bool
    tags: tuple[HealthTag, ...]
    home: str
    guardians: tuple[ToCall, ...]
    pickups: tuple[str, ...]
    photo: str = ""


@dataclass(frozen=True, slots=True)
class Gathering:
    """The children of one place, by class and name."""

    name: str
    said: str
    children: tuple[ToCount, ...]


@dataclass(frozen=True, slots=True)
class Evacuation:
    """All of it. `is_now`: those of this moment, else those of the whole day."""

    at: datetime
    asked: dict[str, str]
    products: tuple[ProductOffer, ...]
    gatherings: tuple[Gathering, ...]
    is_now: bool
    shows_health: bool


@require_safe
@office_page(ROLES.RECORD_ATTENDANCE)
@notes_readings
def page(request: HttpRequest) -> HttpResponse:
    """Will show who is to be counted, place by place."""
    visit = visit_of(request)
    found = _read(request, shows_photos=True)
    url = url_of(visit, "office_evacuation")
    all_day = {**found.asked, "quand": "journee"}
    now = {**found.asked, "quand": ""}
    context = office_context(
        visit,
        "office_sheet_today",
        title=wording.evacuation_title(found.at),
        gatherings=found.gatherings,
        shows_health=found.shows_health,
        whens=[
            Choice(wording.NOW_ONLY, day_filters.with_query(url, now), found.is_now),
            Choice(wording.ALL_DAY, day_filters.with_query(url, all_day), not found.is_now),
        ],
        all_day_url=day_filters.with_query(url, all_day) if found.is_now else "",
        services=[],
        facilities=day_filters.facility_choices(url, found.products, found.asked),
        files=[
            (name, day_filters.with_query(url_of(visit, "office_evacuation_file", kind=kind), found.asked))
            for kind, name in (("pdf", "PDF"), ("xlsx", "Excel"))
        ]
        if found.gatherings
        else (),
        sheet_url=url_of(visit, "office_sheet_today"),
        nobody=wording.NOBODY_NOW,
    )
    return render(request, "office/lists/evacuation.html", context)


@require_safe
@office_page(ROLES.RECORD_ATTENDANCE)
@notes_readings
def file(request: HttpRequest, kind: str) -> HttpResponse:
    """Will hand over the same, to print large or for a spreadsheet."""
    visit = visit_of(request)
    if kind not in {"pdf", "xlsx", "csv"}:
        raise Http404
    found = _read(request, shows_photos=False)
    name = f"evacuation-{visit.today.isoformat()}"
    health = ["Santé"] if found.shows_health else []
    if kind != "pdf":
        rows = [
            (
                one.name,
                child.name,
                child.school_class,
                _state(child),
                " ; ".join([*filter(None, [child.home]), *(each.words for each in child.guardians)]),
                " ; ".join(child.pickups),
                *([" ; ".join(tag.text for tag in child.tags)] if health else []),
            )
            for one in found.gatherings
            for child in one.children
        ]
        head = ["Lieu", "Enfant", "Classe", "Pointage", "Responsables", "Peut venir", *health]
        return as_table(Sheet("Évacuation", head, rows), kind, name)
    document = TablesDocument(
        title="Évacuation",
        subtitle=wording.evacuation_title(found.at),
        issued_on=visit.today,
        issuer=issuer_without_regie(Authority.objects.get(pk=visit.authority.pk)),
        tables=tuple(_paper(one, health=bool(health)) for one in found.gatherings),
        words=() if found.gatherings else (wording.to_count(0, 0),),
        is_wide=True,
        is_large=True,
        is_apart=True,
    )
    return handed_over(tables_pdf(document), "pdf", name)


def _paper(one: Gathering, *, health: bool) -> PaperTable:
    return PaperTable(
        one.name,
        ("Vu", "Enfant", "Pointage", "Qui appeler", *(["Santé"] if health else [])),
        tuple(
            (
                "□",
                f"{child.name}{f', {child.school_class}' if child.school_class else ''}",
                _state(child),
                " ; ".join([*filter(None, [child.home]), *(each.words for each in child.guardians), *child.pickups]),
                *([" ; ".join(tag.text for tag in child.tags)] if health else []),
            )
            for child in one.children
        ),
        note=one.said,
        narrow=frozenset({0, 2}),
    )


def _state(child: ToCount) -> str:
    return "Présence" if child.is_seen else "Sans pointage"


def _read(request: HttpRequest, *, shows_photos: bool) -> Evacuation:
    """Will read the day within the agent's reach, and have the journal note whose health is shown."""
    visit = visit_of(request)
    zone = visit.authority.zone
    products = reach(visit, ROLES.RECORD_ATTENDANCE).products
    is_now = request.GET.get("quand") != "journee"
    asked = {"quand": "" if is_now else "journee", **day_filters.chosen(request, products)}
    within = day_filters.shown(products, asked)
    day = read_day(visit.today, products=within, health_within=health_products(visit))
    local = visit.at.astimezone(zone)
    places: dict[int, list[ProductOffer]] = {}
    for product in within:
        places.setdefault(product.activity.facility_pk, []).append(product)
    there = {
        place: there_at(parts_of_day(day, here, zone=zone), local if is_now else None) for place, here in places.items()
    }
    children = {child for found in there.values() for child in found}
    homes = homes_of_day(visit, children, visit.today)
    guardians = guardians_on(visit.today, children, first={pk: home.family for pk, home in homes.items()})
    pickups = pickups_on(visit.today, children, zone=zone)
    photos = photo_urls(visit, children) if shows_photos else {}
    read = {pk for pk in children if day.children[pk].health.is_watched}
    reads_health_on(request, read, named="evacuation", day=visit.today, facilities=set(places))

    def to_count(pk: int, seen: Seen) -> ToCount:
        child = day.children[pk]
        return ToCount(
            child.full_name,
            child.class_name,
            seen is Seen.PRESENT,
            health_tags(child.health, on=visit.today),
            homes[pk].words if pk in homes else "",
            tuple(ToCall(wording.guardian(one), one.phone) for one in guardians.get(pk, ())),
            tuple(pickup(person) for person in pickups.get(pk, ())),
            photos.get(pk, ""),
        )

    gatherings = tuple(
        Gathering(
            places[place][0].activity.facility_name,
            wording.to_count(*counted(found)),
            tuple(
                to_count(pk, found[pk])
                for pk in sorted(found, key=lambda pk: (day.children[pk].class_order, day.children[pk].order))
            ),
        )
        for place, found in there.items()
        if found
    )
    shows_health = any(day.children[pk].is_health_known for pk in children)
    return Evacuation(local, asked, products, gatherings, is_now, shows_health)
