"""The hours of care of a period, for what is declared to the CAF."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.views.decorators.http import require_safe

from marelle.domain.billing.queries.figures import billed_minutes
from marelle.domain.reservations.queries.figures import (
    counted_until,
    hours_of,
)
from marelle.foundation.spreadsheets import Sheet
from marelle.web.components.charts import Chart, Series, written
from marelle.web.doors import office_page
from marelle.web.office.figures import wording
from marelle.web.office.figures.asked import asked, choices, freshness, named, period
from marelle.web.office.figures.forms import PeriodForm
from marelle.web.office.figures.shown import Hundredths, Shown, Total, answered
from marelle.web.office.need_to_know import knows_every_quotient
from marelle.web.office.surroundings import ROLES, visit_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.catalog.queries import ProductOffer
    from marelle.domain.reservations.queries.figures import Hours


@require_safe
@office_page(ROLES.VIEW_DAY)
def hours(request: HttpRequest) -> HttpResponse:
    """Will show the hours of care of a period, seen and billed, for what is declared to the CAF."""
    visit = visit_of(request)
    form, products = asked(request, PeriodForm, du=visit.today.replace(month=1, day=1), au=visit.today)
    first, last, _step = period(form)
    keys = [product.pk for product in products]
    mark = counted_until(visit.authority.pk)
    seen = hours_of(
        visit.authority.pk,
        products=keys,
        first=first,
        last=last,
        until=mark.until if mark is not None else None,
        today=visit.today,
    )
    billed = billed_minutes(visit.authority.pk, products=keys, first=first, last=last)
    by_product = {product.pk: product for product in products}
    table: dict[tuple[str, str, str, bool], list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for one in seen:
        sums = table[(*named(by_product[one.product]), one.is_young)]
        for place, value in enumerate((one.presences, one.noted, one.minutes)):
            sums[place] += value
    for (product, is_young), (units, minutes) in billed.items():
        sums = table[(*named(by_product[product]), is_young)]
        sums[3] += units
        sums[4] += minutes
    rows = sorted(
        ((key, sums) for key, sums in table.items() if any(sums)), key=lambda row: (*row[0][:3], not row[0][3])
    )
    services = list(dict.fromkeys(key[0] for key, _sums in rows))
    sheets = [
        Sheet(
            "Heures par prestation",
            (
                "Service",
                "Lieu",
                "Prestation",
                "Âge",
                "Présences",
                "Durées notées",
                "Heures réalisées",
                "Jours facturés",
                "Heures facturées",
            ),
            [
                (
                    *key[:3],
                    wording.YOUNG if key[3] else wording.OLDER,
                    *sums[:2],
                    _in_hours(sums[2]),
                    sums[3],
                    _in_hours(sums[4]),
                )
                for key, sums in rows
            ],
        )
    ]
    if knows_every_quotient(visit) and seen:
        sheets.append(_by_scheme(seen, by_product))
    chart = Chart(
        "Heures réalisées",
        services,
        tuple(
            Series(
                words,
                [
                    sum(sums[2] for key, sums in rows if key[0] == service and key[3] is is_young) / 60
                    for service in services
                ],
            )
            for words, is_young in ((wording.YOUNG, True), (wording.OLDER, False))
        ),
        f"{written(round(sum(sums[2] for _key, sums in rows) / 60))} heures {wording.period(first, last)}.",
        shape="stacked",
        unit="h",
        labelled="Service",
    )
    unticked = sum(one.unticked for one in seen)
    shown = Shown(
        "office_figures_hours",
        f"heures-{first.isoformat()}-{last.isoformat()}",
        (wording.HOURS_NOTE, *((wording.SCHEME_NOTE,) if len(sheets) > 1 else ()), *freshness(visit, first, mark)),
        totals=(
            Total(
                "Heures réalisées",
                "clock",
                written(round(sum(sums[2] for _key, sums in rows) / 60), "h"),
                wording.period(first, last),
            ),
            Total("Moins de 6 ans", "users", written(round(sum(sums[2] for key, sums in rows if key[3]) / 60), "h")),
            Total("6 ans et plus", "users", written(round(sum(sums[2] for key, sums in rows if not key[3]) / 60), "h")),
            Total("Heures facturées", "receipt-euro", written(round(sum(sums[4] for _key, sums in rows) / 60), "h")),
        ),
        charts=(chart,) if rows else (),
        sheets=sheets,
        warning=(
            f"{written(unticked)} réservation{'s' if unticked > 1 else ''} sans pointage",
            wording.UNTICKED,
        )
        if unticked
        else None,
        empty="" if rows else "Aucune présence ni facture sur cette période.",
        choices=choices(visit),
    )
    return answered(request, shown, form=form, period=wording.period(first, last))


def _by_scheme(seen: Iterable[Hours], products: dict[int, ProductOffer]) -> Sheet:
    """Will add hours up by who pays the benefits of the families."""
    found: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for one in seen:
        if not one.presences:
            continue
        scheme = wording.SCHEMES.get(one.provider, wording.NO_SCHEME)
        sums = found[products[one.product].activity.service.name, scheme]
        sums[0] += one.presences
        sums[1] += one.minutes
    return Sheet(
        "Par régime",
        ("Service", "Régime", "Présences", "Heures réalisées"),
        [(*key, presences, _in_hours(minutes)) for key, (presences, minutes) in sorted(found.items())],
    )


def _in_hours(minutes: int) -> Hundredths:
    """Will return minutes as hours and hundredths, as a declaration takes them."""
    return Hundredths(round(minutes * 100 / 60))
