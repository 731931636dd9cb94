"""The meals of some days as a kitchen is to make them: expected now, ordered, due; of every product that is a meal."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, Exists, OuterRef

from marelle.domain.reservations.models import Absence, KitchenOrder, KitchenSettings, Reservation
from marelle.domain.reservations.queries.days import health_of
from marelle.domain.reservations.queries.french_names import folded
from marelle.domain.reservations.rules.kitchen import (
    FURTHEST_AHEAD,
    Counts,
    Meal,
    Moment,
    count,
    due_at,
    is_due,
    read_back,
    together,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from django.db.models import QuerySet

    from marelle.domain.catalog.queries import Offer, ProductOffer
    from marelle.domain.catalog.rules.cutoffs import Deadline
    from marelle.domain.reservations.rules.kitchen import Portion

# What is eaten, in the words of an offer: « Repas », « Déjeuner », « Journée avec repas », « Goûter », « Pique-nique ».
EATEN = ("repas", "dejeuner", "gouter", "pique nique", "diner", "cantine")


class Where(NamedTuple):
    """A service at a facility (keys): what one order is about, on a day."""

    service: int
    facility: int


def where(product: ProductOffer) -> Where:
    """Will return the service and the facility of a product."""
    return Where(product.activity.service.pk, product.activity.facility_pk)


def is_meal(product: ProductOffer) -> bool:
    """Will tell whether something is eaten, by the name that families read or the word that invoices use."""
    words = folded(f"{product.name} {product.noun}")
    return any(word in words for word in EATEN)


def meals_of(products: Iterable[ProductOffer], settings: Iterable[KitchenSettings] = ()) -> tuple[ProductOffer, ...]:
    """Will keep the products that are meals; of a service with a kitchen and none so named, all of them."""
    every = tuple(products)
    named = {product.activity.service.pk for product in every if is_meal(product)}
    cooked = {one.service_id for one in settings} - named
    return tuple(product for product in every if is_meal(product) or product.activity.service.pk in cooked)


def kitchens() -> list[KitchenSettings]:
    """Will return the settings of the authority in scope, those of every facility before those of one, by service."""
    found = KitchenSettings.objects.select_related("service", "facility")
    return sorted(
        found.order_by("service__position", "service__name", "service_id", "facility__name", "pk"),
        key=lambda one: (one.service.position, one.service.name, one.service_id, one.facility_id is not None),
    )


def kitchen_of(at: Where, settings: Iterable[KitchenSettings]) -> KitchenSettings | None:
    """Will return the settings that hold there: those of the facility, else those of the whole service."""
    mine = {one.facility_id: one for one in settings if one.service_id == at.service}
    return mine.get(at.facility) or mine.get(None)


def moment_of(settings: KitchenSettings) -> Moment:
    """Will return when these settings freeze an order, as the rules know it."""
    return Moment(settings.days_before, settings.at_time)


def cooked_by(
    settings: KitchenSettings, products: Iterable[ProductOffer], every: Iterable[KitchenSettings]
) -> tuple[ProductOffer, ...]:
    """Will keep the meals for which `settings` hold, among `every` settings of the authority."""
    all_settings = tuple(every)
    found = (
        product for product in meals_of(products, all_settings) if product.activity.service.pk == settings.service_id
    )
    return tuple(one for one in found if kitchen_of(where(one), all_settings) == settings)


def expected_meals(
    products: Sequence[ProductOffer], first: date, last: date, *, health_within: Collection[int]
) -> dict[tuple[date, int], Counts]:
    """Will count what is expected now of these products, by day and product (key), where there is something.

    A place that is held is expected; a child told absent is not. Diets and allergies are counted for the products
    (keys) `health_within`, those of which whoever asks may know them. Two statements at most, whatever the number of
    days, products and children.
    """
    keys = [product.pk for product in products]
    facility = {product.pk: product.activity.facility_pk for product in products}
    told = Absence.objects.filter(reservation=OuterRef("pk"), withdrawn_at__isnull=True)
    rows = Reservation.objects.active().filter(~Exists(told), product__in=keys, date__range=(first, last))
    if not health_within:
        numbers = rows.values_list("date", "product_id").annotate(number=Count("pk")).order_by()
        return {(day, product): Counts(number, is_known=False) for day, product, number in numbers}
    eaten = list(rows.values_list("date", "product_id", "child_id").order_by())
    health = health_of({child for _day, product, child in eaten if product in health_within})
    days: defaultdict[date, list[Meal]] = defaultdict(list)
    unknown: defaultdict[tuple[date, int], int] = defaultdict(int)
    for day, product, child in eaten:
        if product not in health_within:
            unknown[day, product] += 1
            continue
        known = health.get(child)
        days[day].append(
            Meal(facility[product], product, known.diet, known.allergies, bool(known.care_plan))
            if known
            else Meal(facility[product], product)
        )
    found = {(day, product): counts for day, meals in days.items() for (_at, product), counts in count(meals).items()}
    return found | {key: Counts(number, is_known=False) for key, number in unknown.items()}


def orders_between(
    first: date, last: date, *, places: Collection[Where]
) -> dict[tuple[date, Where], list[KitchenOrder]]:
    """Will return the orders of these days at these places, the latest revision first."""
    rows = KitchenOrder.objects.filter(
        date__range=(first, last),
        service__in={one.service for one in places},
        facility__in={one.facility for one in places},
    ).order_by("date", "service_id", "facility_id", "-revision")
    found: dict[tuple[date, Where], list[KitchenOrder]] = {}
    for row in rows:
        at = Where(row.service_id, row.facility_id)
        if at in places:
            found.setdefault((row.date, at), []).append(row)
    return found


def portions_of(order: KitchenOrder) -> tuple[Portion, ...]:
    """Will return what was ordered, product by product."""
    return read_back(order.content)


@dataclass(frozen=True, slots=True)
class KitchenDay:
    """A day of a service at a facility: what is expected now of each product, its orders (latest first), its moment.

    `due_at` None: nobody said when it is ordered.
    """

    date: date
    at: Where
    products: tuple[ProductOffer, ...]
    expected: Mapping[int, Counts]
    orders: tuple[KitchenOrder, ...]
    settings: KitchenSettings | None
    due_at: datetime | None

    @property
    def now(self) -> Counts:
        """Will return what is expected now, over all its products."""
        return together(self.expected.values())

    @property
    def order(self) -> KitchenOrder | None:
        """Will return what the kitchen was told last."""
        return self.orders[0] if self.orders else None


def open_on(day: date, products: Iterable[ProductOffer], offer: Offer) -> tuple[ProductOffer, ...]:
    """Will keep the products that are delivered on `day`."""
    return tuple(product for product in products if offer.day(product, day).closed is None)


def limits_on(day: date, products: Iterable[ProductOffer], offer: Offer) -> list[Deadline | None]:
    """Will return the limits of the règlements to book and to cancel these products on `day`."""
    rules = [offer.day(product, day) for product in products]
    return [limit for rule in rules for limit in (rule.book_by, rule.cancel_by)]


def kitchen_days(
    products: Sequence[ProductOffer], days: Sequence[date], *, offer: Offer, health_within: Collection[int]
) -> list[KitchenDay]:
    """Will return these days (in order), at each service and facility of the meals among `products`, where it is open.

    A day that closed after it was ordered is there too. Four statements at most.
    """
    settings = kitchens()
    meals = meals_of(products, settings)
    if not meals or not days:
        return []
    places: dict[Where, list[ProductOffer]] = {}
    for product in meals:
        places.setdefault(where(product), []).append(product)
    expected = expected_meals(meals, days[0], days[-1], health_within=health_within)
    orders = orders_between(days[0], days[-1], places=places.keys())
    found = []
    for at, cooked in places.items():
        holds = kitchen_of(at, settings)
        for day in days:
            delivered = open_on(day, cooked, offer)
            here = {product.pk: expected[day, product.pk] for product in cooked if (day, product.pk) in expected}
            ordered = orders.get((day, at), [])
            if delivered or here or ordered:
                due = holds and _due_at(day, holds, offer, settings)
                found.append(KitchenDay(day, at, delivered or tuple(cooked), here, tuple(ordered), holds, due or None))
    return found


def _due_at(day: date, settings: KitchenSettings, offer: Offer, every: Sequence[KitchenSettings]) -> datetime | None:
    """Will return when the order of `day` is frozen: the same moment wherever these settings hold."""
    delivered = open_on(day, cooked_by(settings, offer.products, every), offer)
    if not delivered:
        return None
    limits = limits_on(day, delivered, offer)
    return due_at(day, moment_of(settings), limits=limits, calendar=offer.calendar, zone=offer.zone)


@dataclass(frozen=True, slots=True)
class DueDay:
    """A day whose order is to be frozen now: what is made of it, at each facility (key)."""

    date: date
    products: Mapping[int, tuple[ProductOffer, ...]]


def due_days(
    settings: KitchenSettings, *, every: Sequence[KitchenSettings], offer: Offer, at: datetime
) -> list[DueDay]:
    """Will return the days, from today on, whose orders by these settings are due at `at` and not frozen.

    A day is due until the last of its meals is over. One statement.
    """
    cooked = cooked_by(settings, offer.products, every)
    today = at.astimezone(offer.zone).date()
    furthest = today + FURTHEST_AHEAD
    if not cooked:
        return []
    frozen = set(
        KitchenOrder.objects.filter(service=settings.service_id, revision=1, date__range=(today, furthest)).values_list(
            "date", "facility_id"
        )
    )
    found = []
    for distance in range((furthest - today).days + 1):
        day = today + timedelta(days=distance)
        delivered = open_on(day, cooked, offer)
        missing: dict[int, tuple[ProductOffer, ...]] = {}
        for product in delivered:
            facility = product.activity.facility_pk
            if (day, facility) not in frozen:
                missing[facility] = (*missing.get(facility, ()), product)
        if not missing:
            continue
        due = due_at(
            day,
            moment_of(settings),
            limits=limits_on(day, delivered, offer),
            calendar=offer.calendar,
            zone=offer.zone,
        )
        over = max(offer.day(product, day).ends_at for product in delivered)
        if is_due(due, over_at=over, at=at):
            found.append(DueDay(day, missing))
    return found


def kitchen_named(public_id: str) -> QuerySet[KitchenSettings]:
    """Will return the settings of this public id, as a queryset of one or none."""
    return KitchenSettings.objects.filter(public_id=public_id)
