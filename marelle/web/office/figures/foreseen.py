"""How many children are foreseen in the coming weeks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.views.decorators.http import require_safe

from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.queries.disruptions import closed_by_events
from marelle.domain.reservations.queries.figures import (
    booked_ahead,
    enrolled_ahead,
    places_ahead,
    year_before,
)
from marelle.domain.reservations.rules.forecast import foreseen, most_that_can_come
from marelle.foundation.periods import days_between
from marelle.foundation.school_days import ONE_DAY
from marelle.foundation.spreadsheets import Sheet
from marelle.web.components.charts import Chart, Series, written
from marelle.web.doors import office_page
from marelle.web.office.figures import wording
from marelle.web.office.figures.asked import asked
from marelle.web.office.figures.forms import USUAL_WEEKS, HorizonForm
from marelle.web.office.figures.shown import Shown, Total, answered
from marelle.web.office.surroundings import ROLES, visit_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.reservations.rules.forecast import Forecast

MOST_CHARTS: Final = 4


@require_safe
@office_page(ROLES.VIEW_DAY)
def forecast(request: HttpRequest) -> HttpResponse:
    """Will show how many children are foreseen in the coming weeks, and how that is made."""
    visit = visit_of(request)
    offer = offer_of(visit.authority)
    form, products = asked(request, HorizonForm, semaines=str(USUAL_WEEKS))
    weeks = int(form.told("semaines"))
    first, last = visit.today + ONE_DAY, visit.today + timedelta(weeks=weeks)
    keys = [product.pk for product in products]
    groups = {product.pk: product.activity.service.pk for product in products}
    names = {product.activity.service.pk: product.activity.service.name for product in products}
    ahead = booked_ahead(visit.authority.pk, products=keys, first=first, last=last)
    before = year_before(
        visit.authority.pk, products=groups, first=first, last=last, today=visit.today, zone=visit.authority.zone.key
    )
    activities = {product.activity.pk for product in products}
    enrolled = enrolled_ahead(activities=activities, first=first, last=last)
    places = places_ahead(activities=activities, first=first, last=last)
    closed = closed_by_events(first, last)
    found: dict[str, tuple[Forecast, ...]] = {}
    left_out: dict[date, set[str]] = {}
    for service, name in names.items():
        own = [product for product in products if groups[product.pk] == service]
        booked, most = {}, {}
        for day in days_between(first, last):
            parts: dict[int, list[frozenset[int]]] = {}
            for product in own:
                if offer.day(product, day).closed is not None:
                    continue
                if (event := closed.get((product.pk, day))) is not None:
                    left_out.setdefault(day, set()).add(event)
                else:
                    parts.setdefault(product.activity.pk, []).append(frozenset(part.pk for part in product.parts))
            if parts:
                booked[day] = sum(ahead.get((product.pk, day), 0) for product in own)
                most[day] = sum(
                    most_that_can_come(enrolled.get((activity, day), 0), taken, places.get((activity, day)))
                    for activity, taken in parts.items()
                )
        found[name] = foreseen(booked, before.get(service, []), calendar=offer.calendar, most=most)
    busiest = sorted(found, key=lambda name: -sum(one.expected for one in found[name]))
    charts = [_foreseen_chart(name, found[name]) for name in busiest[:MOST_CHARTS] if found[name]]
    sheet = Sheet(
        "Jour par jour",
        ("Jour", "Service", "Réservés à ce jour", "Prévus", "L’an dernier", "Calcul"),
        [
            (one.day, name, one.booked, one.expected, one.last_year, wording.how(one))
            for name, days in found.items()
            for one in days
        ],
    )
    everyday = [one for days in found.values() for one in days]
    shown = Shown(
        "office_figures_forecast",
        f"prevision-{first.isoformat()}-{last.isoformat()}",
        (wording.FORECAST_NOTE, *wording.left_out(left_out)),
        totals=(
            Total("Réservés à ce jour", "calendar-check", written(sum(one.booked for one in everyday))),
            Total("Prévus", "users", written(sum(one.expected for one in everyday))),
            Total("L’an dernier", "history", written(_last_year(everyday)), "les mêmes jours"),
        ),
        charts=charts,
        sheets=(sheet,),
        empty="" if everyday else "Aucun jour n’est ouvert d’ici là.",
    )
    return answered(request, shown, form=form, period=wording.period(first, last))


def _last_year(days: Collection[Forecast]) -> int | None:
    """Will return how many came on the days alike of last year; None when nothing is known of any of them."""
    known = [one.last_year for one in days if one.last_year is not None]
    return sum(known) if known else None


def _foreseen_chart(name: str, days: tuple[Forecast, ...]) -> Chart:
    booked, expected = sum(one.booked for one in days), sum(one.expected for one in days)
    return Chart(
        f"{name} : prévision",
        [f"{one.day:%d/%m}" for one in days],
        (
            Series("Prévus", [one.expected for one in days]),
            Series("Réservés à ce jour", [one.booked for one in days]),
            *([] if _last_year(days) is None else [Series("L’an dernier", [one.last_year for one in days])]),
        ),
        f"{written(expected)} prévus en {len(days)} jours, {written(booked)} réservés à ce jour.",
        shape="lines",
        labelled="Jour",
    )
