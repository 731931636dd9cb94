"""How many reserved and came over time, how full the sessions were."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.views.decorators.http import require_safe

from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.queries.figures import (
    counted_until,
    fillings,
)
from marelle.domain.reservations.rules.figures import (
    Counts,
    Filled,
    Step,
    counted_by,
    start_of,
    starts_between,
)
from marelle.foundation.periods import SATURDAY
from marelle.foundation.spreadsheets import Sheet
from marelle.web.components.charts import Chart, Series, written
from marelle.web.doors import office_page
from marelle.web.office.figures import wording
from marelle.web.office.figures.asked import added, asked, choices, counts, freshness, named, period, school_year
from marelle.web.office.figures.forms import PeriodForm, StepForm
from marelle.web.office.figures.shown import Shown, Total, answered
from marelle.web.office.surroundings import ROLES, visit_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.reservations.rules.figures import DayCounts
    from marelle.web.doors import OfficeVisit


@require_safe
@office_page(ROLES.VIEW_DAY)
def attendance(request: HttpRequest) -> HttpResponse:
    """Will show how many reserved and came, over time and by place."""
    visit = visit_of(request)
    form, products = asked(request, StepForm, **school_year(visit))
    first, last, step = period(form)
    mark = counted_until(visit.authority.pk)
    rows = counts(visit, products, first, last, step, mark=mark)
    found = counted_by(rows, lambda row: row.day)
    starts = [
        start
        for start in starts_between(first, last, step)
        if start in found or step is not Step.DAY or start.weekday() < SATURDAY
    ]
    total = added(found.values())
    has_years = first.year != last.year
    labels = [wording.step_label(start, step, has_years=has_years) for start in starts]
    each = [found.get(start, Counts()) for start in starts]
    chart = Chart(
        "Fréquentation",
        labels,
        (
            Series("Présents", [one.present for one in each]),
            Series("Absents", [one.absent for one in each]),
            Series("Sans réservation", [one.unbooked for one in each]),
            Series("Non pointés, ou à venir", [one.unticked for one in each]),
        ),
        f"{written(total.reserved)} réservations {wording.period(first, last)}, {written(total.came)} présences, "
        f"{written(total.absent)} absences.",
        shape="stacked",
        labelled=wording.BY_STEP[step],
    )
    shown = Shown(
        "office_figures",
        f"frequentation-{first.isoformat()}-{last.isoformat()}",
        (wording.ATTENDANCE_NOTE, *freshness(visit, first, mark)),
        totals=(
            Total("Réservations", "calendar-check", written(total.reserved)),
            Total("Présences", "user-check", written(total.came), f"dont {written(total.unbooked)} sans réservation"),
            Total(
                "Absences",
                "user-x",
                written(total.absent),
                f"{wording.percent(total.share)} des pointés étaient là",
            ),
            Total("Non pointés", "clock", written(total.unticked), "ou à venir"),
        ),
        charts=(chart,) if rows else (),
        sheets=(_places(rows, visit),) if rows else (),
        behind=(_over_time(rows, visit, step),),
        empty="" if rows else "Rien n’est réservé sur cette période.",
        choices=choices(visit),
    )
    return answered(request, shown, form=form, period=wording.period(first, last))


@require_safe
@office_page(ROLES.VIEW_DAY)
def filling(request: HttpRequest) -> HttpResponse:
    """Will show how full the sessions were, and are."""
    visit = visit_of(request)
    form, products = asked(request, PeriodForm, **school_year(visit))
    first, last, _step = period(form)
    activities = {product.activity.pk: product.activity for product in products}
    by_part: dict[tuple[str, str, str], Filled] = defaultdict(Filled)
    for sitting, one in fillings(visit.authority.pk, activities=list(activities), first=first, last=last).items():
        activity = activities[sitting.activity]
        key = (activity.service.name, activity.facility_name, sitting.name)
        by_part[key] = by_part[key].with_(one)
    limited = {key: one for key, one in by_part.items() if one.capacity}
    by_service: dict[str, Filled] = defaultdict(Filled)
    for (service, _facility, part), one in limited.items():
        name = f"{service} : {part}" if service.casefold() != part.casefold() else service
        by_service[name] = by_service[name].with_(one)
    total = filled(by_part.values())
    chart = Chart(
        "Places prises, en pourcentage",
        list(by_service),
        (Series("Places prises", [one.share for one in by_service.values()]),),
        f"{wording.percent(total.share)} des places sont prises {wording.period(first, last)}.",
        unit="%",
        labelled="Service et moment",
        highest=100,
    )
    sheet = Sheet(
        "Par service, lieu et moment",
        ("Service", "Lieu", "Moment", "Séances", "Complètes", "Places", "Prises", "Part", "Prises, sans limite"),
        [
            (
                *key,
                one.sessions + one.unlimited,
                one.full,
                one.capacity,
                one.taken,
                wording.percent(one.share),
                one.taken_there,
            )
            for key, one in by_part.items()
        ],
    )
    shown = Shown(
        "office_figures_filling",
        f"remplissage-{first.isoformat()}-{last.isoformat()}",
        (wording.FILLING_NOTE,),
        totals=(
            Total("Places", "users", written(total.capacity)),
            Total("Prises", "calendar-check", written(total.taken), wording.percent(total.share)),
            Total("Séances complètes", "check-check", written(total.full), f"sur {written(total.sessions)} limitées"),
        ),
        charts=(chart,) if limited else (),
        sheets=(sheet,),
        empty="" if by_part else "Aucune séance sur cette période.",
        choices=choices(visit),
    )
    return answered(request, shown, form=form, period=wording.period(first, last))


def _places(rows: list[DayCounts], visit: OfficeVisit) -> Sheet:
    """Will count by service and facility."""
    products = offer_of(visit.authority).product_by_pk
    found = counted_by(rows, lambda row: named(products[row.product])[:2])
    return Sheet(
        "Par service et lieu",
        ("Service", "Lieu", "Réservés", "Présents", "Absents", "Sans réservation", "Non pointés"),
        [(*place, *one, one.unticked) for place, one in sorted(found.items())],
    )


def _over_time(rows: list[DayCounts], visit: OfficeVisit, step: Step) -> Sheet:
    """Will count by step, service and facility: what the file says, line by line."""
    products = offer_of(visit.authority).product_by_pk
    found = counted_by(rows, lambda row: (start_of(row.day, step), *named(products[row.product])))
    return Sheet(
        "Dans le temps",
        (
            wording.BY_STEP[step],
            "Service",
            "Lieu",
            "Prestation",
            "Réservés",
            "Présents",
            "Absents",
            "Sans réservation",
            "Non pointés",
        ),
        [(*key, *one, one.unticked) for key, one in sorted(found.items())],
    )


def filled(some: Iterable[Filled]) -> Filled:
    found = Filled()
    for one in some:
        found = found.with_(one)
    return found
