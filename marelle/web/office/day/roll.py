"""The roll of a day as the screen and the paper show it: facilities, classes, children; gauges; the kitchen's count."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from django.utils.text import slugify

from marelle.domain.reservations.queries.days import by_class
from marelle.domain.reservations.queries.french_names import folded
from marelle.web.office.day import wording
from marelle.web.office.health_words import care_plan_title, icon_for

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from marelle.domain.catalog.queries import ProductOffer
    from marelle.domain.reservations.queries.days import Day, DayChild, Health

MEAL = "repas"


@dataclass(frozen=True, slots=True)
class Alert:
    """A child to keep an eye on, in words."""

    name: str
    school_class: str
    allergies: str
    care_plan: str
    care_plan_title: str
    diet: str
    icon: str


@dataclass(frozen=True, slots=True)
class ClassRoll:
    """A class: one table, one printed page."""

    name: str
    teacher: str
    count: str
    children: tuple[DayChild, ...]
    alerts: tuple[Alert, ...]
    shows_health: bool


@dataclass(frozen=True, slots=True)
class FacilityRoll:
    """A facility: its products are the columns of its tables."""

    name: str
    products: tuple[ProductOffer, ...]
    classes: tuple[ClassRoll, ...]
    count: str
    told: str


@dataclass(frozen=True, slots=True)
class Gauge:
    """The places of one part of the day of a service, over the facilities shown."""

    label: str
    icon: str
    taken: int
    places: int | None
    waiting: int
    note: str


@dataclass(frozen=True, slots=True)
class Held:
    """A place held until the town hall confirms it."""

    child: str
    child_id: str
    product: str
    product_id: str
    family: str
    until: str
    is_prepaid: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """A child on a waiting list."""

    child: str
    school_class: str
    family: str
    rank: int


@dataclass(frozen=True, slots=True)
class WaitingList:
    """Those who wait for the same product at the same place."""

    title: str
    waits: tuple[Wait, ...]


@dataclass(frozen=True, slots=True)
class KitchenLine:
    """How many meals of a diet, by facility and in all."""

    diet: str
    counts: tuple[int, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Kitchen:
    """What the kitchen prepares."""

    facilities: tuple[str, ...]
    lines: tuple[KitchenLine, ...]
    total: KitchenLine
    alerts: int
    told: int


def facility_code(product: ProductOffer) -> str:
    """Will return the name of the product's facility as addresses write it."""
    return slugify(product.activity.facility_name)


def products_shown(
    products: Iterable[ProductOffer], *, service: str = "", facility: str = ""
) -> tuple[ProductOffer, ...]:
    """Will keep the products of a service (code) and of a facility (code), where given."""
    return tuple(
        product
        for product in products
        if service in {"", product.activity.service.code} and facility in {"", facility_code(product)}
    )


def ticked_together(day: Day, products: Sequence[ProductOffer]) -> str:
    """Will name what is ticked for « tous les autres » when it is more than one thing: « Repas, Soir »."""
    on_the_sheet = {product for _child, product in day.marks}
    names = dict.fromkeys(product.name for product in products if product.pk in on_the_sheet)
    return ", ".join(names) if len(names) > 1 else ""


def facility_rolls(day: Day, products: Sequence[ProductOffer]) -> tuple[FacilityRoll, ...]:
    """Will return the roll of these products, by facility in the order of the products, then by class."""
    by_facility: dict[str, list[ProductOffer]] = {}
    marked = {product for _child, product in day.marks}
    for product in products:
        if product.pk in marked:
            by_facility.setdefault(product.activity.facility_name, []).append(product)
    if not by_facility:
        return ()
    ordered = by_class(day.children.values())
    return tuple(_facility(day, name, tuple(columns), ordered) for name, columns in by_facility.items())


def _facility(day: Day, name: str, columns: tuple[ProductOffer, ...], ordered: Sequence[DayChild]) -> FacilityRoll:
    keys = {product.pk for product in columns}
    present = {child for child, product in day.marks if product in keys}
    children = [child for child in ordered if child.pk in present]
    classes = tuple(
        _class(day, tuple(members)) for _order, members in groupby(children, key=lambda child: child.class_order)
    )
    return FacilityRoll(
        name, columns, classes, wording.counted(len(children), "enfant"), wording.told_absent(day.told_absent(keys))
    )


def _class(day: Day, children: tuple[DayChild, ...]) -> ClassRoll:
    return ClassRoll(
        name=children[0].class_name or wording.WITHOUT_CLASS,
        teacher=children[0].class_teacher,
        count=wording.counted(len(children), "enfant"),
        children=children,
        alerts=alerts(children, on=day.date),
        shows_health=shows_health(children),
    )


def shows_health(children: Iterable[DayChild]) -> bool:
    """Will tell whether whoever looks may know the health of one of them at least: nothing speaks of it otherwise."""
    return any(child.is_health_known for child in children)


def alerts(children: Iterable[DayChild], *, on: date) -> tuple[Alert, ...]:
    """Will return the children with an allergy or a care plan, by name, as it is to be read that day."""
    return tuple(
        Alert(
            child.full_name,
            child.class_name,
            child.health.allergies,
            child.health.care_plan,
            care_plan_title(child.health, on=on),
            child.health.diet,
            icon_for(child.health.allergies, "triangle-alert") if child.health.allergies else "heart-pulse",
        )
        for child in sorted((one for one in children if one.health.is_alert), key=lambda child: child.order)
    )


def expected_children(day: Day, products: Iterable[ProductOffer]) -> tuple[DayChild, ...]:
    """Will return the children who have a place for one of these products."""
    keys = {product.pk for product in products}
    return tuple(
        day.children[pk]
        for pk in {child for (child, product), mark in day.marks.items() if product in keys and mark.state}
    )


def watched_words(children: Iterable[DayChild]) -> tuple[int, str]:
    """Will count the children to mind and say « 3 allergies, 1 PAI, 4 régimes »."""
    health = [child.health for child in children if child.health.is_watched]
    parts = (
        (sum(1 for one in health if one.allergies), "allergie", "allergies"),
        (sum(1 for one in health if one.care_plan), "PAI", "PAI"),
        (sum(1 for one in health if one.diet), "régime", "régimes"),
    )
    words = ", ".join(wording.counted(count, noun, plural) for count, noun, plural in parts if count)
    return len(health), words or "Rien à signaler"


def gauges(day: Day, products: Collection[ProductOffer], closed: Mapping[int, str]) -> tuple[Gauge, ...]:
    """Will return the places of each service, one gauge for each part of its day when it has several.

    `closed` has the event that closes each product (key): what is closed everywhere has no place left.
    """
    activities = {product.activity.pk: product.activity for product in products}
    open_ones = {product.activity.pk for product in products if product.pk not in closed}
    events = {product.activity.pk: closed[product.pk] for product in products if product.pk in closed}
    names: dict[int, list[str]] = {}
    grouped: dict[tuple[int, str], list[tuple[str, int, int | None, int]]] = {}
    titles: dict[tuple[int, str], str] = {}
    waiting = Counter(wait.slot for wait in day.waits)
    for slot in day.slots:
        activity = activities.get(slot.activity)
        if activity is None:
            continue
        if slot.name not in names.setdefault(activity.service.pk, []):
            names[activity.service.pk].append(slot.name)
        rows = grouped.setdefault((activity.service.pk, slot.name), [])
        if slot.activity in open_ones:
            rows.append((activity.facility_name, slot.taken, slot.capacity, waiting[slot.pk]))
        else:
            titles.setdefault((activity.service.pk, slot.name), events[slot.activity])
    services = {activity.service.pk: activity.service for activity in activities.values()}
    return tuple(
        _gauge(
            services[pk].name if len(names[pk]) == 1 else f"{services[pk].name} · {name}",
            services[pk].icon,
            grouped[pk, name],
            titles.get((pk, name), ""),
        )
        for pk in services
        for name in names.get(pk, ())
    )


def _gauge(label: str, icon: str, rows: list[tuple[str, int, int | None, int]], closed_by: str) -> Gauge:
    if not rows:
        return Gauge(label, icon, 0, None, 0, f"Fermé : {closed_by}")
    taken = sum(row[1] for row in rows)
    waiting = sum(row[3] for row in rows)
    capacities = [row[2] for row in rows if row[2] is not None]
    if len(capacities) < len(rows):
        return Gauge(label, icon, taken, None, waiting, "Places non limitées")
    left = sum(capacities) - taken
    full = [facility for facility, used, capacity, _ in rows if used >= (capacity or 0)]
    note = ""
    if left > 0 and full:
        note = f"{wording.counted(left, 'place libre', 'places libres')}, complet à {', '.join(full)}"
    if left > 0 and waiting:
        note = f"{note or wording.counted(left, 'place libre', 'places libres')}, {waiting} en attente"
    return Gauge(label, icon, taken, sum(capacities), waiting, note)


def tallied(day: Day, products: Iterable[ProductOffer]) -> str:
    """Will say how many squares of these products are ticked, and how many are not; none awaits who was told absent."""
    keys = {product.pk for product in products}
    marks = [mark for (_child, product), mark in day.marks.items() if product in keys]
    present = sum(mark.seen == "present" for mark in marks)
    absent = sum(mark.seen == "absent" for mark in marks)
    return wording.tally(present, absent, sum(not mark.seen and not mark.is_told for mark in marks))


def held_places(day: Day, products: Iterable[ProductOffer], *, zone: ZoneInfo) -> tuple[Held, ...]:
    """Will return the places held for these products, by child."""
    by_key = {product.pk: product for product in products}
    found = [
        (day.children[child], by_key[product], mark)
        for (child, product), mark in day.marks.items()
        if product in by_key and mark.is_held and mark.held_until
    ]
    return tuple(
        Held(
            child.full_name,
            child.public_id,
            product.name,
            product.public_id,
            mark.family,
            wording.held_until(mark.held_until.astimezone(zone)) if mark.held_until else "",
            product.activity.service.is_prepaid,
        )
        for child, product, mark in sorted(found, key=lambda row: (row[0].order, row[1].pk))
    )


def waiting_lists(day: Day, products: Iterable[ProductOffer]) -> tuple[WaitingList, ...]:
    """Will return who waits, by product and facility, in the order of asking."""
    lists: list[WaitingList] = []
    for product in products:
        waits = [wait for wait in day.waits if wait.product == product.pk]
        if waits:
            lists.append(
                WaitingList(
                    f"{product.name}, {product.activity.facility_name}",
                    tuple(
                        Wait(day.children[w.child].full_name, day.children[w.child].class_name, w.family, w.rank)
                        for w in sorted(waits, key=lambda w: (w.rank, w.child))
                    ),
                )
            )
    return tuple(lists)


def kitchen(day: Day, products: Iterable[ProductOffer]) -> Kitchen | None:
    """Will count the meals by diet and facility; None when no product shown is a meal.

    Whoever may not know the diet of all those who eat sees how many eat: « without a diet » would be wrong.
    """
    meals = {product.pk: product for product in products if MEAL in folded(f"{product.name} {product.noun}")}
    eaten = [
        (meals[product].activity.facility_name, day.children[child])
        for (child, product), mark in day.marks.items()
        if product in meals and mark.state
    ]
    if not eaten:
        return None
    facilities = tuple(dict.fromkeys(product.activity.facility_name for product in meals.values()))
    facilities = tuple(name for name in facilities if any(name == place for place, _child in eaten))
    is_known = all(child.is_health_known for _place, child in eaten)
    counts: Counter[tuple[str, str]] = Counter((_diet(child.health), place) for place, child in eaten)
    titles = {_diet(child.health): child.health.diet for _place, child in eaten} if is_known else {}
    by_place: Counter[str] = Counter(place for place, _child in eaten)
    lines = [
        KitchenLine(
            title[:1].upper() + title[1:] if title else "Sans régime particulier",
            tuple(counts[diet, place] for place in facilities),
            sum(counts[diet, place] for place in facilities),
        )
        for diet, title in sorted(titles.items(), key=lambda item: (item[0] != "", item[0]))
    ]
    total = KitchenLine(
        "Total",
        tuple(by_place[place] for place in facilities),
        len(eaten),
    )
    alerts = sum(1 for _place, child in eaten if child.health.is_alert) if is_known else 0
    return Kitchen(facilities, tuple(lines), total, alerts, day.told_absent(meals))


def _diet(health: Health) -> str:
    return folded(health.diet)
