"""What is paid: a tariff of a common shape, what a meal costs the town, and the régie that cashes."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.views.decorators.http import require_http_methods

from marelle.domain.authorities.models import Regie
from marelle.domain.catalog.operations.tariffs import UnableToSaveTariffError
from marelle.domain.catalog.queries import offer_of
from marelle.domain.catalog.rules.written import InvalidTariffError
from marelle.domain.onboarding.operations.costs import say_costs
from marelle.domain.onboarding.operations.presets import give_tariff, open_regie
from marelle.domain.onboarding.queries.readiness import canteen_products, costs_by_product, is_running
from marelle.domain.onboarding.rules.checklist import Step
from marelle.foundation.money import in_amount
from marelle.web.office.guide import wording
from marelle.web.office.guide.forms import CostsForm, RegieForm, TariffForm
from marelle.web.office.guide.surroundings import guide_page, next_url, page
from marelle.web.office.surroundings import url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.catalog.queries import ProductOffer
    from marelle.web.doors import OfficeVisit


@require_http_methods(["GET", "HEAD", "POST"])
@guide_page
def tariff(request: HttpRequest) -> HttpResponse:
    """Will ask for the price of products that have none: those of one name together, whatever the place."""
    visit = visit_of(request)
    groups = _by_name(
        one for one in offer_of(visit.authority).products if not one.tariffs and is_running(one.activity, visit.today)
    )
    names = list(groups)
    first = groups[names[0]] if names else []
    form = TariffForm(
        request.POST if request.method == "POST" else None,
        products=[(name, name, wording.at_places(len(each))) for name, each in groups.items()],
        initial={
            "products": names[:1],
            "valid_from": min((one.activity.opening.period.starts_on for one in first), default=visit.today),
            "is_childcare": bool(first) and first[0].pk not in {one.pk for one in _canteens(visit)},
        },
    )
    status = HTTPStatus.OK
    if request.method == "POST":
        if not groups:
            messages.success(request, wording.ALREADY_PRICED, extra_tags="green")
            return SeeOther(next_url(visit, Step.TARIFF))
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid() and _priced(request, form, groups):
            return SeeOther(next_url(visit, Step.TARIFF))
    urls = {"offer_url": url_of(visit, "office_guide_offer"), "tariffs_url": url_of(visit, "office_tariffs")}
    return page(request, "tariff.html", status, form=form, left=len(groups), **urls)


def _priced(request: HttpRequest, form: TariffForm, groups: dict[str, list[ProductOffer]]) -> bool:
    visit = visit_of(request)
    said = form.cleaned_data
    try:
        count = give_tariff(
            visit.authority,
            [one.pk for name in said["products"] for one in groups[name]],
            form.written,
            valid_from=said["valid_from"],
            resolution=said["resolution"],
            by=visit.actor,
            at=visit.at,
        )
    except InvalidTariffError as error:
        form.add_error(None, f"{str(error)[:1].upper()}{str(error)[1:]}.")
        return False
    except UnableToSaveTariffError as error:
        form.add_error("valid_from", wording.OBSTRUCTIONS[error.obstruction])
        return False
    words = wording.priced(count, said["valid_from"]) if count else wording.ALREADY_PRICED
    messages.success(request, words, extra_tags="green")
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@guide_page
def costs(request: HttpRequest) -> HttpResponse:
    """Will ask what a meal of a school canteen costs the town, subsidies taken off."""
    visit = visit_of(request)
    groups = _by_name(_canteens(visit))
    known = costs_by_product()
    initial = {}
    for place, each in enumerate(groups.values()):
        said = {known.get(one.pk) for one in each}
        (only,) = said if len(said) == 1 else (None,)
        initial[f"cost-{place}"] = "" if only is None else in_amount(only)
    form = CostsForm(request.POST if request.method == "POST" else None, names=list(groups), initial=initial)
    if request.method != "POST" or not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
        return page(request, "costs.html", status, form=form, has_canteen=bool(groups))
    cents = {one.pk: form.cleaned_data[f"cost-{place}"] for place, each in enumerate(groups.values()) for one in each}
    say_costs(visit.authority, cents, by=visit.actor, at=visit.at)
    messages.success(request, wording.COSTS_SAVED, extra_tags="green")
    return SeeOther(url_of(visit, "office_guide"))


@require_http_methods(["GET", "HEAD", "POST"])
@guide_page
def regie(request: HttpRequest) -> HttpResponse:
    """Will ask for the régie that cashes, and give it the services that have none."""
    visit = visit_of(request)
    form = RegieForm(request.POST if request.method == "POST" else None, initial={"name": "Régie de recettes"})
    if request.method != "POST" or not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
        there = Regie.objects.order_by("name", "pk")
        return page(request, "regie.html", status, form=form, there=there, regies_url=url_of(visit, "office_regies"))
    said = form.cleaned_data
    made = open_regie(visit.authority, said["name"], said["payfip_id"], by=visit.actor, at=visit.at)
    messages.success(request, wording.regie_opened(made.name), extra_tags="green")
    return SeeOther(url_of(visit, "office_guide"))


def _by_name(products: Iterable[ProductOffer]) -> dict[str, list[ProductOffer]]:
    groups: dict[str, list[ProductOffer]] = {}
    for one in products:
        groups.setdefault(f"{one.name}, {one.activity.service.name}", []).append(one)
    return groups


def _canteens(visit: OfficeVisit) -> tuple[ProductOffer, ...]:
    return canteen_products(visit.authority, today=visit.today)
