"""The quotients of the families, and what is unpaid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.views.decorators.http import require_safe

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.queries.figures import overdue_invoices
from marelle.domain.billing.rules.ageing import aged
from marelle.domain.families.rules.spread import spread
from marelle.domain.reservations.queries.figures import (
    standing_quotients,
)
from marelle.foundation.money import in_euros
from marelle.foundation.spreadsheets import Cents, Sheet
from marelle.web.components.charts import Chart, Series, written
from marelle.web.office.billing.surroundings import billing_page
from marelle.web.office.figures import wording
from marelle.web.office.figures.shown import Shown, Total, answered
from marelle.web.office.surroundings import ROLES, visit_of, whole_authority_page

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
@whole_authority_page(ROLES.SEE_QUOTIENT)
def quotients(request: HttpRequest) -> HttpResponse:
    """Will show how the quotients of the families are spread, without letting anybody be found in them."""
    visit = visit_of(request)
    bands = spread(standing_quotients(on=visit.today))
    said = sum(band.families or 0 for band in bands)
    is_hidden = any(band.families is None for band in bands)
    labels = [wording.band(band) for band in bands]
    chart = Chart(
        "Familles par tranche de quotient",
        labels,
        (Series("Familles", [band.families for band in bands]),),
        f"{written(said)} familles dans les tranches dites.",
        labelled="Quotient",
    )
    sheet = Sheet(
        "Par tranche",
        ("Quotient", "Familles"),
        [
            (label, wording.FEW if band.families is None else band.families)
            for label, band in zip(labels, bands, strict=True)
        ],
    )
    shown = Shown(
        "office_figures_quotients",
        f"quotients-{visit.today.isoformat()}",
        (wording.QUOTIENT_NOTE,),
        totals=(Total("Familles comptées", "users", written(said), "hors tranches masquées" if is_hidden else ""),),
        charts=(chart,) if said else (),
        sheets=(sheet,),
        empty="" if said or is_hidden else "Aucune famille n’a d’enfant inscrit aujourd’hui.",
    )
    return answered(request, shown)


@require_safe
@billing_page
def unpaid(request: HttpRequest) -> HttpResponse:
    """Will show what is unpaid by how long it has been, in all and by régie."""
    visit = visit_of(request)
    rows = overdue_invoices(on=visit.today)
    bands = aged(rows, on=visit.today)
    names = {regie.pk: regie.name for regie in Regie.objects.order_by("name", "pk")}
    labels = [wording.age(band.after, band.until) for band in bands]
    total = sum(band.cents for band in bands)
    chart = Chart(
        "Impayés par ancienneté",
        labels,
        (
            Series("À la régie", [band.cents - band.at_treasury for band in bands]),
            Series("Au Trésor public", [band.at_treasury for band in bands]),
        ),
        f"{in_euros(total)} en tout, dont {in_euros(bands[-1].cents)} depuis plus de 90 jours.",
        shape="stacked",
        unit="€",
        labelled="Retard",
    )
    sheet = Sheet(
        "Par régie et ancienneté",
        ("Régie", "Retard", "Factures", "Payeurs", "Reste dû", "Dont au Trésor"),
        [
            (
                names[regie],
                wording.age(band.after, band.until),
                band.invoices,
                band.payers,
                Cents(band.cents),
                Cents(band.at_treasury),
            )
            for regie in names
            for band in aged((row for row in rows if row.regie == regie), on=visit.today)
            if band.invoices
        ],
    )
    shown = Shown(
        "office_figures_unpaid",
        f"impayes-{visit.today.isoformat()}",
        (wording.UNPAID_NOTE,),
        totals=(
            Total("Reste dû", "wallet", in_euros(total), f"{len(rows)} facture{'s' if len(rows) > 1 else ''}"),
            Total("Plus de 90 jours", "hourglass", in_euros(bands[-1].cents)),
            Total("Au Trésor", "landmark", in_euros(sum(band.at_treasury for band in bands))),
        ),
        charts=(chart,) if rows else (),
        sheets=(sheet,),
        empty="" if rows else "Aucune facture n’est en retard.",
    )
    return answered(request, shown)
