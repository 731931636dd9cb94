"""An opening day tried before it happens, on the children who are enrolled today."""

from __future__ import annotations

from datetime import date, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.views.decorators.http import require_safe

from marelle.domain.catalog.queries import offer_of
from marelle.domain.catalog.rules.opening_day import oddities
from marelle.domain.reservations.queries.opening_day import Habit, opening_day
from marelle.foundation.french_dates import moment
from marelle.web.doors import office_page
from marelle.web.office.offer import wording
from marelle.web.office.offer.forms import OpeningForm
from marelle.web.office.offer.listing import activity_or_404, page
from marelle.web.office.surroundings import ROLES, url_of, visit_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.catalog.queries import ActivityOffer, Offer
    from marelle.domain.catalog.rules.opening_day import Outcome, WaveOddity
    from marelle.domain.reservations.queries.opening_day import Trial

USUAL_SPAN: Final = timedelta(days=60)


@require_safe
@office_page(ROLES.ADMINISTER)
def show(request: HttpRequest, activity: str) -> HttpResponse:
    """Will play the waves of an activity over some days and say who gets what; writes nothing."""
    visit = visit_of(request)
    offer = offer_of(visit.authority)
    found = activity_or_404(offer, activity)
    is_asked = any(name in request.GET for name in ("starts_on", "ends_on", "habit"))
    form = OpeningForm(request.GET if is_asked else _usual(found, visit.today))
    trial = None
    if form.is_valid():
        given = form.cleaned_data
        trial = opening_day(found, offer, first=given["starts_on"], last=given["ends_on"], habit=given["habit"])
    context = {
        "activity": found,
        "form": form,
        "trial": trial,
        "waves": _waves(trial, offer) if trial else [],
        "back_url": url_of(visit, "office_offer"),
        "reglements_url": url_of(visit, "office_reglement", ruled=found.public_id),
    }
    status = HTTPStatus.OK if trial else HTTPStatus.UNPROCESSABLE_ENTITY
    return page(request, "opening.html", status, **context)


def _usual(activity: ActivityOffer, today: date) -> dict[str, Any]:
    """Will return the next two months of the activity."""
    period = activity.opening.period
    end = period.ends_on or date.max
    first = min(max(today, period.starts_on), end)
    last = min(first + USUAL_SPAN, end)
    return {"starts_on": first.isoformat(), "ends_on": last.isoformat(), "habit": Habit.LAST_YEAR.value}


def _waves(trial: Trial, offer: Offer) -> list[dict[str, Any]]:
    odd = oddities([outcome.wave for outcome in trial.outcome.waves], offer.calendar)
    names = {product.pk: product.name for product in offer.products}
    return [_wave(outcome, names, odd.get(outcome.wave, ()), offer.zone) for outcome in trial.outcome.waves]


def _wave(outcome: Outcome, names: dict[int, str], odd: Sequence[WaveOddity], zone: tzinfo) -> dict[str, Any]:
    return {
        "name": wording.audience(outcome.wave.audience),
        "opens": _opens(outcome, zone),
        "oddities": [wording.ODDITIES[one] for one in odd],
        "children": len(outcome.children),
        "products": [
            {"name": names[key], "asked": one.asked, "given": one.given, "refused": one.refused}
            for key, one in outcome.products.items()
        ],
        "left": outcome.left,
        "full_days": outcome.full_days,
        "with_none": len(outcome.with_none),
        "full_on_arrival": len(outcome.full_on_arrival),
    }


def _opens(outcome: Outcome, zone: tzinfo) -> str:
    if outcome.last is None:
        return "dès maintenant"
    last = moment(outcome.last.astimezone(zone))
    if outcome.first is None or outcome.first == outcome.last:
        return last
    return f"selon le jour, de {moment(outcome.first.astimezone(zone))} à {last}"
