"""What a page of figures is asked for: a period, a place; and the counts that several of them read."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from marelle.domain.reservations.queries.figures import (
    day_counts,
)
from marelle.domain.reservations.rules.figures import (
    Counts,
    Step,
    step_for,
)
from marelle.foundation.french_dates import hour, in_full
from marelle.foundation.school_days import ONE_DAY
from marelle.web.office.surroundings import ROLES, reach, visit_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from django.http import HttpRequest

    from marelle.domain.catalog.queries import ProductOffer
    from marelle.domain.reservations.models import FiguresCount
    from marelle.domain.reservations.rules.figures import DayCounts
    from marelle.web.doors import OfficeVisit
    from marelle.web.office.figures.forms import PlaceForm

SEPTEMBER: Final = 9


def asked(request: HttpRequest, form: type[PlaceForm], **initial: Any) -> tuple[PlaceForm, tuple[ProductOffer, ...]]:
    """Will return the form as it was filled, and the products within reach that it asks for, of every year."""
    within = reach(visit_of(request), ROLES.VIEW_DAY).products
    services = {one.activity.service.code: one.activity.service.name for one in within}
    facilities = {one.activity.facility_code: one.activity.facility_name for one in within}
    names = {*form.base_fields} & {*request.GET}
    filled = form(
        request.GET if names else None, services=[*services.items()], facilities=[*facilities.items()], initial=initial
    )
    filled.is_valid()
    service, facility = filled.told("service"), filled.told("etablissement")
    return filled, tuple(
        one
        for one in within
        if service in {"", one.activity.service.code} and facility in {"", one.activity.facility_code}
    )


def period(form: PlaceForm) -> tuple[date, date, Step]:
    first, last = form.told("du"), form.told("au")
    if first > last or form.errors:
        first, last = form.initial["du"], form.initial["au"]
    return first, last, Step(form.told("pas") or step_for(first, last))


def school_year(visit: OfficeVisit) -> dict[str, date]:
    """Will return the school year until today."""
    today = visit.today
    return {"du": date(today.year if today.month >= SEPTEMBER else today.year - 1, SEPTEMBER, 1), "au": today}


def choices(visit: OfficeVisit) -> list[tuple[str, str]]:
    """Will return the periods that are most often asked for, as queries."""
    today = visit.today
    year = school_year(visit)["du"]
    quarter = today.replace(month=today.month - (today.month - 1) % 3, day=1)
    before = (quarter - ONE_DAY).replace(day=1)
    before = before.replace(month=before.month - (before.month - 1) % 3)
    spans = (
        ("Ce mois", today.replace(day=1), today),
        ("Trimestre dernier", before, quarter - ONE_DAY),
        ("Année scolaire", year, today),
        ("Année civile dernière", date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
        ("Trois ans", year.replace(year=year.year - 2), today),
    )
    return [(words, f"du={first.isoformat()}&au={last.isoformat()}") for words, first, last in spans]


def counts(
    visit: OfficeVisit,
    products: Collection[ProductOffer],
    first: date,
    last: date,
    step: Step,
    *,
    mark: FiguresCount | None,
) -> list[DayCounts]:
    """Will return what was counted of these products by steps, but what is nothing at all."""
    rows = day_counts(
        visit.authority.pk,
        products=[product.pk for product in products],
        first=first,
        last=last,
        step=step,
        until=mark.until if mark is not None else None,
    )
    return [row for row in rows if any(row.counts)]


def freshness(visit: OfficeVisit, first: date, mark: FiguresCount | None) -> tuple[str, ...]:
    """Will say since when older days are not counted anew, when the period holds some."""
    if mark is None or mark.until is None or mark.counted_at is None or mark.until < first:
        return ()
    local = mark.counted_at.astimezone(visit.authority.zone)
    return (f"Jusqu’au {in_full(mark.until, year=True)}, comptés {in_full(local.date())} à {hour(local)}.",)


def added(counts: Iterable[Counts]) -> Counts:
    found = Counts()
    for one in counts:
        found = found.with_(one)
    return found


def named(product: ProductOffer) -> tuple[str, str, str]:
    """Will name a product across the years: the copy of a year has another key, and the same names."""
    return product.activity.service.name, product.activity.facility_name, product.name
