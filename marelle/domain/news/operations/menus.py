"""Menus: a week written, published or withdrawn; who cooks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from marelle.domain.authorities.models import Authority, Facility
from marelle.domain.authorities.rules.identifiers import is_siret
from marelle.domain.news.models import Dish, Kitchen, Menu
from marelle.domain.news.operations.articles import UnableToPublishError
from marelle.domain.news.rules.audience import Audience, PublishingReach
from marelle.domain.news.rules.menus import DayMenu, Meal, in_order
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation

BEYOND_REACH = "Vos droits ne vont pas jusque-là : choisissez parmi vos lieux."


@dataclass(frozen=True, slots=True)
class WeekWritten:
    """A week of one meal at one place (`facility` None: at all those without one of their own), as it was written.

    `days` holds the days of that week that have something; the others are emptied.
    """

    facility: Facility | None
    meal: Meal
    monday: date
    days: tuple[DayMenu, ...]
    allergens_checked: bool


@operation
def save_week(
    authority: Authority, week: WeekWritten, *, is_published: bool, reach: PublishingReach, by: Actor, at: datetime
) -> int:
    """Will write a week of menus in the place of what was written, and return how many days changed.

    With `is_published`, families read it from now on; without, what they read already stays read, with what changed.
    A day that is written the same keeps its date of change. Raises UnableToPublishError beyond the agent's reach.
    """
    _within(week.facility, reach)
    # Two agents may write the same week at once: the second reads what the first has written.
    Authority.objects.select_for_update(no_key=True).get(pk=authority.pk)
    before = {
        menu.day: menu
        for menu in _menus(week.facility, week.meal, week.monday).prefetch_related("dishes").order_by("pk")
    }
    wanted = {one.day: one for one in week.days if one.dishes}
    changed = 0
    for day, menu in before.items():
        if day not in wanted:
            menu.delete()
            changed += 1
    for day, said in sorted(wanted.items()):
        changed += _write_day(authority, before.get(day), week, said, is_published=is_published, at=at)
    if changed:
        _record("save_week", authority, week.facility, week.meal, week.monday, by=by, at=at, days=changed)
    return changed


def _write_day(
    authority: Authority, menu: Menu | None, week: WeekWritten, said: DayMenu, *, is_published: bool, at: datetime
) -> bool:
    special = " ".join(said.special.split())
    dishes = in_order(said.dishes)
    if menu is None:
        menu = Menu(authority=authority, facility=week.facility, day=said.day, meal=week.meal)
        is_same = is_told = False
    else:
        kept = tuple(dish.said for dish in sorted(menu.dishes.all(), key=lambda dish: dish.position))
        is_same = (kept, menu.special, menu.allergens_checked) == (dishes, special, week.allergens_checked)
        is_told = menu.published_at is not None or not is_published
    if is_same and is_told:
        return False
    menu.special, menu.allergens_checked = special, week.allergens_checked
    if is_published and menu.published_at is None:
        menu.published_at = at
    if not is_same:
        menu.changed_at = at
    menu.save()
    if not is_same:
        Dish.objects.filter(menu=menu).delete()
        Dish.objects.bulk_create(
            Dish(
                authority=authority,
                menu=menu,
                position=position,
                course=dish.course,
                name=dish.name,
                allergens=sorted(dish.allergens),
                marks=sorted(dish.marks),
                label=dish.label,
            )
            for position, dish in enumerate(dishes)
        )
    return True


@operation
def withdraw_week(
    authority: Authority,
    facility: Facility | None,
    meal: Meal,
    monday: date,
    *,
    reach: PublishingReach,
    by: Actor,
    at: datetime,
) -> int:
    """Will make a week a draft again, which nobody reads, and return how many days were read before.

    Raises UnableToPublishError beyond the agent's reach.
    """
    _within(facility, reach)
    count = _menus(facility, meal, monday).filter(published_at__isnull=False).update(published_at=None)
    if count:
        _record("withdraw_week", authority, facility, meal, monday, by=by, at=at, days=count)
    return count


@operation
def save_kitchen(
    authority: Authority, name: str, siret: str, *, reach: PublishingReach, by: Actor, at: datetime
) -> bool:
    """Will say who cooks for an authority, itself when `name` is empty; tells whether it was said otherwise before.

    Raises UnableToPublishError for a SIRET that is none, and beyond the agent's reach.
    """
    _within(None, reach)
    said, number = " ".join(name.split()), "".join(siret.split())
    if number and not is_siret(number):
        raise UnableToPublishError({"siret": "Ce SIRET n’en est pas un : 14 chiffres, relisez-les."})
    if number and not said:
        raise UnableToPublishError({"name": "Dites qui a ce SIRET."})
    Authority.objects.select_for_update(no_key=True).get(pk=authority.pk)
    kitchen = Kitchen.objects.filter(authority=authority).first()
    if (kitchen.name, kitchen.siret) == (said, number) if kitchen else not said:
        return False
    if not said:
        Kitchen.objects.filter(authority=authority).delete()
    else:
        Kitchen.objects.update_or_create(authority=authority, defaults={"name": said, "siret": number})
    audit.record("save_kitchen", authority=authority.pk, of="kitchen", key=None, by=by, at=at)
    return True


def _within(facility: Facility | None, reach: PublishingReach) -> None:
    audience = Audience(facilities=frozenset({facility.code})) if facility else Audience()
    if not reach.covers(audience):
        raise UnableToPublishError({"place": BEYOND_REACH})


def _menus(facility: Facility | None, meal: Meal, monday: date) -> QuerySet[Menu]:
    return Menu.objects.filter(facility=facility, meal=meal, day__range=(monday, monday + timedelta(days=6)))


def _record(
    verb: str,
    authority: Authority,
    facility: Facility | None,
    meal: Meal,
    monday: date,
    *,
    by: Actor,
    at: datetime,
    days: int,
) -> None:
    audit.record(
        verb,
        authority=authority.pk,
        of="menu",
        key=None,
        by=by,
        at=at,
        monday=monday.isoformat(),
        facility=facility.pk if facility else None,
        meal=meal.value,
        days=days,
    )
