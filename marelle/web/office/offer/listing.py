"""The offer as a whole, and one service."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.catalog.models import Activity, Service
from marelle.domain.catalog.operations.offer import SERVICE_FIELDS, move_up, remove_service, save_service
from marelle.domain.catalog.queries import offer_of
from marelle.foundation.french_dates import without_weekday
from marelle.foundation.holding import StillHeldError
from marelle.web.doors import office_page
from marelle.web.office.holding_words import held_by
from marelle.web.office.offer import wording
from marelle.web.office.offer.forms import ServiceForm
from marelle.web.office.setting_fields import initial_of
from marelle.web.office.surroundings import ROLES, office_context, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.catalog.queries import ActivityOffer, Offer, ProductOffer
    from marelle.web.doors import OfficeVisit

NEW: Final = "nouveau"


@require_safe
@office_page(ROLES.ADMINISTER)
def every(request: HttpRequest) -> HttpResponse:
    """Will list services, their activities and what families reserve, in the order that families read."""
    visit = visit_of(request)
    offer = offer_of(visit.authority)
    by_activity: dict[int, list[ProductOffer]] = {}
    for product in offer.products:
        by_activity.setdefault(product.activity.pk, []).append(product)
    services = []
    for rank, service in enumerate(offer.services):
        mine = [one for one in offer.activities if one.service.pk == service.pk]
        ended = [one for one in mine if _end(one) < visit.today]
        coming = [one for one in mine if one not in ended]
        services.append(
            {
                "name": service.name,
                "icon": service.icon,
                "public_id": service.public_id,
                "is_first": rank == 0,
                "is_prepaid": service.is_prepaid,
                "url": url_of(visit, "office_offer_service", offered=service.public_id),
                "new_url": f"{url_of(visit, 'office_offer_activity', activity=NEW)}?service={service.public_id}",
                "activities": [
                    _activity(visit, one, by_activity.get(one.pk, []), is_first=not place)
                    for place, one in enumerate(coming)
                ],
                "ended": [_activity(visit, one, by_activity.get(one.pk, []), is_first=True) for one in ended],
            }
        )
    return page(
        request,
        "offer.html",
        services=services,
        new_url=url_of(visit, "office_offer_service", offered=NEW),
        move_url=url_of(visit, "office_offer_move"),
        reglements_url=url_of(visit, "office_reglements"),
        tariffs_url=url_of(visit, "office_tariffs"),
    )


def _activity(
    visit: OfficeVisit, one: ActivityOffer, products: list[ProductOffer], *, is_first: bool
) -> dict[str, Any]:
    period = one.opening.period
    return {
        "name": one.name,
        "facility": one.facility_name,
        "public_id": one.public_id,
        "is_first": is_first,
        "period": f"du {_start(period.starts_on, _end(one))} au {without_weekday(_end(one), year=True)}",
        "products": ", ".join(product.name for product in products),
        "lacks": _lacks(one, products),
        "url": url_of(visit, "office_offer_activity", activity=one.public_id),
        "opening_url": url_of(visit, "office_opening_day", activity=one.public_id),
        "has_waves": any(
            version.rules is not None and version.rules.book.opens
            for product in products
            for version in product.reglements
        ),
    }


def _end(one: ActivityOffer) -> date:
    return one.opening.period.ends_on or date.max


def _start(first: date, last: date) -> str:
    return without_weekday(first, year=first.year != last.year)


def _lacks(one: ActivityOffer, products: list[ProductOffer]) -> str:
    """Will say what keeps families from reserving it."""
    day = one.opening.period.starts_on
    if any(not any(version.valid_from <= day for version in product.reglements) for product in products):
        return "Sans règlement"
    if any(product.tariff_on(day) is None for product in products):
        return "Sans tarif"
    return ""


@require_POST
@office_page(ROLES.ADMINISTER)
def move(request: HttpRequest) -> HttpResponse:
    """Will put a service, or an activity, before the one above it."""
    visit = visit_of(request)
    row: Service | Activity | None
    if "activity" in request.POST:
        row = Activity.objects.filter(public_id=request.POST["activity"]).first()
    else:
        row = Service.objects.filter(public_id=request.POST.get("service", "")).first()
    if row is None:
        raise BadRequest
    move_up(row, by=visit.actor, at=visit.at)
    return SeeOther(url_of(visit, "office_offer"))


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.ADMINISTER)
def one(request: HttpRequest, offered: str) -> HttpResponse:
    """Will show a service, or a new one; a POST writes it."""
    visit = visit_of(request)
    found = None if offered == NEW else get_object_or_404(Service.objects.select_related("regie"), public_id=offered)
    if request.method != "POST":
        return _page(request, found, ServiceForm(initial=_initial(found)))
    form = ServiceForm(request.POST, initial=_initial(found))
    if not form.is_valid():
        return _page(request, found, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    save_service(visit.authority, found, form.cleaned_data, by=visit.actor, at=visit.at)
    messages.success(request, wording.SERVICE_SAVED, extra_tags="green")
    return SeeOther(url_of(visit, "office_offer"))


@require_POST
@office_page(ROLES.ADMINISTER)
def remove(request: HttpRequest, offered: str) -> HttpResponse:
    """Will remove a service under which nothing is."""
    visit = visit_of(request)
    found = get_object_or_404(Service.objects.select_related("regie"), public_id=offered)
    name = found.name
    try:
        remove_service(found, by=visit.actor, at=visit.at)
    except StillHeldError as error:
        problem = wording.service_held(name, held_by(error.holders))
        form = ServiceForm(initial=_initial(found))
        return _page(request, found, form, problem=problem, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.removed(name), extra_tags="green")
    return SeeOther(url_of(visit, "office_offer"))


def _initial(found: Service | None) -> dict[str, Any]:
    if found is None:
        return {"icon": "utensils", "payment_mode": Service.PaymentMode.IN_ARREARS, "hold_hours": 72}
    return {**initial_of(found, SERVICE_FIELDS), "regie": found.regie.code if found.regie else ""}


def _page(
    request: HttpRequest, found: Service | None, form: ServiceForm, *, problem: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    visit = visit_of(request)
    more = {"remove_url": url_of(visit, "office_offer_service_remove", offered=found.public_id)} if found else {}
    return page(
        request,
        "service.html",
        status,
        service=found,
        form=form,
        problem=problem,
        back_url=url_of(visit, "office_offer"),
        **more,
    )


def page(request: HttpRequest, template: str, status: int = HTTPStatus.OK, /, **context: Any) -> HttpResponse:
    """Will answer with a screen of the offer."""
    whole = office_context(visit_of(request), "office_offer", **context)
    return render(request, f"office/offer/{template}", whole, status=status)


def activity_or_404(offer: Offer, public_id: str) -> ActivityOffer:
    """Will return an activity of the offer."""
    found = next((one for one in offer.activities if one.public_id == public_id), None)
    if found is None:
        raise Http404
    return found
