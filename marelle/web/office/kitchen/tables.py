"""The week of a kitchen and its days as screens show them; what leaves as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marelle.domain.reservations.queries.kitchen import portions_of
from marelle.domain.reservations.rules.kitchen import Counts, Portion, changes, said, same_words, together
from marelle.letters.kitchen_documents import Ordered
from marelle.web.office.kitchen import wording

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from marelle.domain.catalog.queries import ProductOffer
    from marelle.domain.reservations.queries.kitchen import KitchenDay


@dataclass(frozen=True, slots=True)
class Square:
    """A day at a place: how many are expected now, what was ordered, what changed since; or nothing, closed."""

    day: str
    url: str
    now: int
    ordered: int | None = None
    changed: str = ""
    state: tuple[str, str, str] | None = None
    due: str = ""


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A service at a facility over a week; a square is None where there is no service."""

    name: str
    squares: tuple[Square | None, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A number of a day: its name, now, as ordered (None: not ordered), and whether it is a part of the one above."""

    name: str
    now: int
    ordered: int | None
    difference: str
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The numbers of one product, or of all that is eaten at the place."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class PlaceDay:
    """A service at a facility on a day, whole."""

    name: str
    groups: tuple[Group, ...]
    changed: str
    state: tuple[str, str, str] | None
    due: str
    history: tuple[tuple[str, str, str], ...]
    is_known: bool
    is_ordered: bool
    can_be_sent_again: bool


def place_name(products: Sequence[ProductOffer], *, says_service: bool) -> str:
    """Will name a place: its facility, and its service where several are shown."""
    activity = products[0].activity
    return f"{activity.facility_name} · {activity.service.name}" if says_service else activity.facility_name


def week_rows(
    found: Sequence[KitchenDay],
    days: Sequence[date],
    *,
    known: Collection[int],
    zone: ZoneInfo,
    urls: Sequence[str],
    at: datetime,
) -> list[PlaceRow]:
    """Will return the places of a week, in the order they come in, as seen at `at`; `urls` are those of `days`."""
    by_place: dict[tuple[int, int], dict[date, KitchenDay]] = {}
    for one in found:
        by_place.setdefault(one.at, {})[one.date] = one
    says_service = len({at[0] for at in by_place}) > 1
    return [
        PlaceRow(
            place_name(next(iter(here.values())).products, says_service=says_service),
            tuple(
                _square(here[day], known, zone, url, at) if day in here else None
                for day, url in zip(days, urls, strict=True)
            ),
        )
        for here in by_place.values()
    ]


def totals(found: Iterable[KitchenDay], days: Sequence[date]) -> list[int]:
    """Will add up what is expected each day."""
    numbers = dict.fromkeys(days, 0)
    for one in found:
        numbers[one.date] += one.now.meals
    return list(numbers.values())


def _square(one: KitchenDay, known: Collection[int], zone: ZoneInfo, url: str, at: datetime) -> Square:
    order = one.order
    if order is None:
        return Square(wording.day_title(one.date), url, one.now.meals, due=_due(one, at, zone))
    return Square(
        wording.day_title(one.date),
        url,
        one.now.meals,
        order.meals,
        said(changes(*_before_and_after(one, known))),
        wording.state(order),
    )


def _due(one: KitchenDay, at: datetime, zone: ZoneInfo) -> str:
    """Will say when a day that was not ordered will be; nothing of a day that has gone."""
    if one.due_at is None or one.order is not None or one.date < at.astimezone(zone).date():
        return ""
    return wording.due(one.due_at.astimezone(zone)) if one.due_at > at else wording.DUE_NOW


def _is_known(one: KitchenDay, known: Collection[int]) -> bool:
    return all(product.pk in known for product in one.products)


def _before_and_after(one: KitchenDay, known: Collection[int]) -> tuple[Counts, Counts]:
    """Will return what was ordered and what is expected now: of meals alone to who may not know more."""
    now = one.now
    if one.order is None:
        return now, now
    if not _is_known(one, known):
        return Counts(one.order.meals), Counts(now.meals)
    return together(portion.counts for portion in portions_of(one.order)), now


def place_day(
    one: KitchenDay, *, known: Collection[int], says_service: bool, zone: ZoneInfo, can_send: bool, at: datetime
) -> PlaceDay:
    """Will return a day of a place with each of its numbers, now and as ordered."""
    order = one.order
    is_known = _is_known(one, known)
    told = {portion.product: portion for portion in portions_of(order)} if order else {}
    names = {product.pk: product.name for product in one.products} | {pk: one.name for pk, one in told.items()}
    eaten = [pk for pk in names if pk in one.expected or pk in told]
    before, after = _before_and_after(one, known)
    groups = []
    if len(eaten) > 1:
        groups.append(Group("En tout", (_meals(after, before if order else None),)))
    for pk in eaten or list(names)[:1]:
        now = one.expected.get(pk, Counts())
        then = told[pk].counts if pk in told else Counts()
        groups.append(Group(names[pk], tuple(_lines(now, then if order else None, is_known=is_known))))
    return PlaceDay(
        place_name(one.products, says_service=says_service),
        tuple(groups),
        said(changes(before, after)),
        wording.state(order) if order else None,
        _due(one, at, zone),
        tuple(
            (
                wording.frozen(row, row.frozen_at.astimezone(zone)),
                wording.sent(row, row.sent_at.astimezone(zone) if row.sent_at else None, row.returned_at),
                row.public_id,
            )
            for row in one.orders
        ),
        is_known,
        order is not None,
        can_send and order is not None and (order.state in {"kept", "failed"} or order.returned_at is not None),
    )


def _meals(now: Counts, then: Counts | None) -> Line:
    return _line("Repas", now.meals, None if then is None else then.meals, is_whole=True)


def _lines(now: Counts, then: Counts | None, *, is_known: bool) -> Iterable[Line]:
    yield _meals(now, then)
    if not is_known:
        return
    if now.diets or (then and then.diets):
        yield _line("Sans régime particulier", now.plain, None if then is None else then.plain)
    yield from _named(now.diets, None if then is None else then.diets)
    if now.with_allergy or (then and then.with_allergy):
        yield _line("Avec une allergie", now.with_allergy, None if then is None else then.with_allergy)
    allergies = _named(now.allergies, None if then is None else then.allergies)
    yield from (Line(f"Allergie : {one.name.lower()}", one.now, one.ordered, one.difference) for one in allergies)
    if now.care_plans or (then and then.care_plans):
        yield _line("PAI", now.care_plans, None if then is None else then.care_plans)


def _named(now: Iterable[tuple[str, int]], then: Iterable[tuple[str, int]] | None) -> list[Line]:
    present = {same_words(name): (name, number) for name, number in now}
    past = {same_words(name): (name, number) for name, number in then or ()}
    return [
        _line(
            (present.get(key) or past[key])[0],
            present.get(key, ("", 0))[1],
            None if then is None else past.get(key, ("", 0))[1],
        )
        for key in sorted(present.keys() | past.keys())
    ]


def _line(name: str, now: int, ordered: int | None, *, is_whole: bool = False) -> Line:
    moved = 0 if ordered is None else now - ordered
    words = f"{'+' if moved > 0 else '−'}{abs(moved)}" if moved else ""
    return Line(name, now, ordered, words, is_whole)


def as_files(found: Iterable[KitchenDay], *, known: Collection[int], zone: ZoneInfo) -> list[Ordered]:
    """Will return the days as files say them: as ordered where it was, else as expected."""
    rows = []
    for one in found:
        activity = one.products[0].activity
        order = one.order
        if order is not None:
            portions = portions_of(order)
            if not _is_known(one, known):
                portions = tuple(
                    Portion(row.product, row.name, Counts(row.counts.meals, is_known=False)) for row in portions
                )
            at, revision = order.frozen_at.astimezone(zone), order.revision
        else:
            nothing = Counts(is_known=_is_known(one, known))
            portions = tuple(
                Portion(product.pk, product.name, one.expected.get(product.pk, nothing)) for product in one.products
            )
            at, revision = None, 1
        rows.append(Ordered(one.date, activity.service.name, activity.facility_name, portions, at, revision))
    return rows
