"""Where a town stands, gathered in a few statements for the list to judge."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q

from marelle.domain.accounts.models import Agent, Grant
from marelle.domain.authorities.models import Authority, Facility
from marelle.domain.catalog.models import Activity, Service, Slot, SlotTemplate, Tariff
from marelle.domain.catalog.queries import ActivityOffer, Offer, ProductOffer, offer_of
from marelle.domain.catalog.rules.acts import EVERYONE
from marelle.domain.catalog.rules.price_bounds import highest_price
from marelle.domain.families.models import ConsentText
from marelle.domain.onboarding.models import ProductCost
from marelle.domain.onboarding.rules.checklist import (
    ActivityFacts,
    Item,
    PlaceFacts,
    ProductFacts,
    RegieFacts,
    TownFacts,
    checklist,
    is_school_canteen,
)
from marelle.domain.payments.queries.settings import setting_of, settings_by_regie
from marelle.domain.payments.rules.checklist import is_tried
from marelle.domain.procedures.models import ProcedureVersion, ServiceInCharge
from marelle.foundation.one_read import read_together


def readiness(authority: Authority, *, today: date) -> tuple[Item, ...]:
    """Will return the list of an authority on a day."""
    return checklist(town_facts(authority, today=today))


def town_facts(authority: Authority, *, today: date) -> TownFacts:
    """Will gather what the list looks at: the offer, one statement for the little tables, two for the régies."""
    offer = offer_of(authority)
    coming = Slot.objects.filter(authority=authority, activity=OuterRef("pk"), date__gte=today)
    found = read_together(
        places=Facility.objects.order_by("name", "pk").values("id", "name", "kind", rooms=Count("classes")),
        open_activities=Activity.objects.filter(Exists(coming)).order_by("pk").values("id"),
        limited=SlotTemplate.objects.filter(capacity__isnull=False).order_by("pk").values("activity_id"),
        without_regie=Service.objects.filter(regie=None).order_by("position", "pk").values("id", "name"),
        agents=Agent.objects.filter(is_active=True).order_by("pk").values("id"),
        see_health=Grant.objects.filter(role=Grant.Role.SEE_HEALTH, agent__is_active=True)
        .order_by("pk")
        .values("agent_id"),
        tariffs=Tariff.objects.order_by("pk").values("product_id", "rules"),
        costs=ProductCost.objects.order_by("pk").values("product_id", "cost_cents"),
        consents=ConsentText.objects.filter(withdrawn_at=None).order_by("pk").values("title", "body"),
        procedures=ProcedureVersion.objects.filter(procedure__is_open=True, number=F("procedure__current_number"))
        .order_by("pk")
        .values("title", "content"),
        unreachable=ServiceInCharge.objects.filter(Q(phone="") & Q(email="")).order_by("name", "pk").values("name"),
    )
    kinds = {row["id"]: row["kind"] for row in found["places"]}
    running = [one for one in offer.activities if is_running(one, today)]
    canteens = {one.pk for one in running if _is_canteen(one, kinds)}
    return TownFacts(
        today=today,
        phone=authority.phone,
        email=authority.email,
        siret=authority.siret,
        known_until=offer.calendar.known_until,
        places=tuple(PlaceFacts(row["name"], row["kind"], row["rooms"]) for row in found["places"]),
        activities=tuple(_activities(offer, running, canteens, found)),
        products=tuple(_products(offer, running, canteens, found)),
        services_without_regie=tuple(row["name"] for row in found["without_regie"]),
        regies=tuple(
            RegieFacts(row.regie.name, is_online=bool(row.gateway), is_proved=is_tried(setting_of(row)))
            for row in settings_by_regie(authority.pk)
        ),
        agents=len(found["agents"]),
        see_health=len({row["agent_id"] for row in found["see_health"]}),
        open_procedures=len(found["procedures"]),
        unreachable=tuple(row["name"] for row in found["unreachable"]),
        texts=tuple(_texts(offer, found)),
    )


def product_label(product: ProductOffer) -> str:
    """Will name a product where several places sell the same: « Repas, École des Tilleuls »."""
    return f"{product.name}, {product.activity.facility_name}"


def activity_label(activity: ActivityOffer) -> str:
    """Will name an activity with its place."""
    return f"{activity.name}, {activity.facility_name}"


def is_running(activity: ActivityOffer, today: date) -> bool:
    """Will tell whether an activity is not over: what is over needs nothing any more."""
    ends_on = activity.opening.period.ends_on
    return ends_on is None or ends_on >= today


def costs_by_product() -> dict[int, int]:
    """Will return what the products (keys) of the authority in scope cost it, in cents, when it is known."""
    return dict(ProductCost.objects.values_list("product_id", "cost_cents"))


def canteen_products(authority: Authority, *, today: date) -> tuple[ProductOffer, ...]:
    """Will return the products of school canteens that are not over."""
    offer = offer_of(authority)
    kinds = dict(Facility.objects.values_list("pk", "kind"))
    return tuple(one for one in offer.products if is_running(one.activity, today) and _is_canteen(one.activity, kinds))


def _is_canteen(activity: ActivityOffer, kinds: dict[int, str]) -> bool:
    words = f"{activity.service.name} {activity.name}"
    has_days = bool(activity.opening.term_weekdays)
    return is_school_canteen(words, kinds.get(activity.facility_pk, ""), has_days_of_class=has_days)


def _activities(
    offer: Offer, running: list[ActivityOffer], canteens: set[int], found: dict[str, list[dict[str, Any]]]
) -> Iterator[ActivityFacts]:
    opened = {row["id"] for row in found["open_activities"]}
    limited = {row["activity_id"] for row in found["limited"]}
    for activity in running:
        products = [one for one in offer.products if one.activity.pk == activity.pk]
        readable = [[version.rules for version in one.reglements if version.rules is not None] for one in products]
        yield ActivityFacts(
            name=activity_label(activity),
            is_canteen=activity.pk in canteens,
            has_products=bool(products),
            has_open_days=activity.pk in opened,
            is_limited=activity.pk in limited,
            has_reglement=all(readable),
            has_waves=any(
                wave.audience != EVERYONE for rules in readable for each in rules for wave in each.book.opens
            ),
            ends_on=activity.opening.period.ends_on,
        )


def _products(
    offer: Offer, running: list[ActivityOffer], canteens: set[int], found: dict[str, list[dict[str, Any]]]
) -> Iterator[ProductFacts]:
    costs = {row["product_id"]: row["cost_cents"] for row in found["costs"]}
    keys = {one.pk for one in running}
    for product in offer.products:
        if product.activity.pk in keys:
            readable = [each.rules for each in product.tariffs if each.rules is not None]
            # The latest first: the one that was voted last, in force or to come.
            yield ProductFacts(
                name=product_label(product),
                is_canteen=product.activity.pk in canteens,
                has_tariff=bool(readable),
                highest=highest_price(readable[0]) if readable else None,
                cost=costs.get(product.pk),
            )


def _texts(offer: Offer, found: dict[str, list[dict[str, Any]]]) -> Iterator[tuple[str, str]]:
    names = {one.pk: one.name for one in offer.products}
    for service in {one.service.pk: one.service for one in offer.activities}.values():
        yield f"service « {service.name} »", service.name
    for activity in offer.activities:
        yield f"activité « {activity.name} »", activity.name
    for product in offer.products:
        yield f"prestation « {product.name} »", f"{product.name} {product.noun} {product.plural}"
    for row in found["tariffs"]:
        yield f"tarif de « {names.get(row['product_id'], '')} »", json.dumps(row["rules"], ensure_ascii=False)
    for row in found["consents"]:
        yield f"autorisation « {row['title']} »", f"{row['title']} {row['body']}"
    for row in found["procedures"]:
        text = json.dumps(row["content"], ensure_ascii=False)
        yield f"démarche « {row['title']} »", f"{row['title']} {text}"
