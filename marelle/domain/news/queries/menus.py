"""Menus: to be changed, to be read, to be given as open data."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Prefetch, Q

from marelle.domain.authorities.models import Facility, SchoolClass
from marelle.domain.authorities.rules.identifiers import is_siret
from marelle.domain.news.models import Dish, Kitchen, Menu
from marelle.domain.news.rules.menus import DayMenu, Meal
from marelle.domain.news.rules.open_data import Publisher, Restaurant, ServedMenu, school_type

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from django.db.models import QuerySet

    from marelle.domain.authorities.models import Authority

# How far back open data goes: a school year.
OPEN_DAYS: Final = 366


@dataclass(frozen=True, slots=True)
class MenuRow:
    """A meal of a day at a place (`facility` None: wherever none of its own is written)."""

    facility: Facility | None
    meal: Meal
    menu: DayMenu
    allergens_checked: bool
    is_published: bool


@dataclass(frozen=True, slots=True)
class MenuWeek:
    """The meals of a week at a place, by day, and whether all that is written is published, its allergens checked."""

    facility: Facility | None
    meal: Meal
    rows: tuple[MenuRow, ...]

    @property
    def days(self) -> tuple[DayMenu, ...]:
        """Will return what is served, by day."""
        return tuple(row.menu for row in self.rows)

    @property
    def is_published(self) -> bool:
        """Will tell whether families read all of it."""
        return all(row.is_published for row in self.rows)

    @property
    def allergens_checked(self) -> bool:
        """Will tell whether the allergens of every day were checked."""
        return all(row.allergens_checked for row in self.rows)


def weeks_written(first: date, last: date) -> dict[date, list[MenuWeek]]:
    """Will return, by Monday, what is written of the weeks of those days, drafts included: the common menus first.

    Two statements, however many weeks, places and dishes.
    """
    found: dict[tuple[date, int, str], list[MenuRow]] = defaultdict(list)
    for row in _rows(Menu.objects.filter(day__range=(first, last))):
        monday = row.menu.day - timedelta(days=row.menu.day.weekday())
        found[monday, row.facility.pk if row.facility else 0, row.meal].append(row)
    weeks: dict[date, list[MenuWeek]] = defaultdict(list)
    for (monday, _place, _meal), rows in found.items():
        weeks[monday].append(MenuWeek(rows[0].facility, rows[0].meal, tuple(rows)))
    return {monday: sorted(own, key=_place_of) for monday, own in weeks.items()}


def week_written(monday: date, facility: Facility | None, meal: Meal) -> MenuWeek:
    """Will return what is written of one week, drafts included. Two statements."""
    rows = Menu.objects.filter(day__range=(monday, monday + timedelta(days=6)), meal=meal, facility=facility)
    return MenuWeek(facility, meal, tuple(_rows(rows)))


def weeks_published(monday: date, *, places: Collection[str] | None = None) -> list[MenuWeek]:
    """Will return the menus of a week that families read: the common ones first, then those of places.

    With `places` (codes), those of these places alone beside the common ones. Two statements.
    """
    menus = Menu.objects.filter(day__range=(monday, monday + timedelta(days=6)), published_at__isnull=False)
    if places is not None:
        menus = menus.filter(Q(facility__isnull=True) | Q(facility__code__in=list(places)))
    found: dict[tuple[int, str], list[MenuRow]] = defaultdict(list)
    for row in _rows(menus):
        found[row.facility.pk if row.facility else 0, row.meal].append(row)
    weeks = [MenuWeek(rows[0].facility, rows[0].meal, tuple(rows)) for rows in found.values()]
    return sorted(weeks, key=_place_of)


def _place_of(week: MenuWeek) -> tuple[bool, str, int]:
    return week.facility is not None, week.facility.name if week.facility else "", list(Meal).index(week.meal)


def _rows(menus: QuerySet[Menu]) -> Iterator[MenuRow]:
    for menu in _with_dishes(menus):
        yield MenuRow(
            menu.facility,
            Meal(menu.meal),
            _said(menu),
            allergens_checked=menu.allergens_checked,
            is_published=menu.published_at is not None,
        )


def _with_dishes(menus: QuerySet[Menu]) -> QuerySet[Menu]:
    dishes = Prefetch("dishes", Dish.objects.order_by("position"))
    return menus.select_related("facility").prefetch_related(dishes).order_by("day", "pk")


def _said(menu: Menu) -> DayMenu:
    return DayMenu(menu.day, tuple(dish.said for dish in menu.dishes.all()), menu.special)


def publisher_of(authority: Authority) -> Publisher:
    """Will return who publishes the menus of an authority, and who cooks: itself, unless somebody was named."""
    kitchen = Kitchen.objects.filter(authority=authority).first()
    return Publisher(
        name=authority.name,
        siret=authority.siret,
        insee_code=authority.insee_code,
        kitchen=kitchen.name if kitchen else authority.name,
        kitchen_siret=kitchen.siret if kitchen else authority.siret,
    )


def may_be_open_data(authority: Authority) -> bool:
    """Will tell whether its menus can be given as open data: the schema asks for its SIRET."""
    return is_siret(authority.siret)


def served_menus(authority: Authority, *, on: date) -> list[ServedMenu]:
    """Will return the published menus of a year and of the days to come, where they are eaten. Four statements.

    A common menu is eaten at each school that has none of its own that day; where no school is known, at the authority.
    """
    menus = list(_with_dishes(Menu.objects.filter(day__gte=on - timedelta(days=OPEN_DAYS), published_at__isnull=False)))
    levels: dict[int, list[str]] = defaultdict(list)
    for place, level in SchoolClass.objects.values_list("facility_id", "level"):
        levels[place].append(level)
    schools = list(Facility.objects.filter(kind=Facility.Kind.SCHOOL).order_by("name", "pk"))
    own = {(menu.day, menu.meal, menu.facility_id) for menu in menus if menu.facility_id}
    served = []
    for menu in menus:
        one = ServedMenu(
            restaurant=authority.name,
            kind=Restaurant.OTHER,
            meal=Meal(menu.meal),
            menu=_said(menu),
            allergens_checked=menu.allergens_checked,
            published_at=menu.published_at,  # type: ignore[arg-type]  # only those that are published
            changed_at=menu.changed_at,
        )
        if menu.facility is not None:
            places = [menu.facility]
        else:
            places = [school for school in schools if (menu.day, menu.meal, school.pk) not in own]
        served += [replace(one, restaurant=place.name, kind=_kind_of(place, levels[place.pk])) for place in places]
        if menu.facility is None and not schools:
            served.append(one)
    return served


def _kind_of(place: Facility, levels: Collection[str]) -> Restaurant:
    if place.kind == Facility.Kind.LEISURE_CENTRE:
        return Restaurant.LEISURE_CENTRE
    return school_type(levels)
