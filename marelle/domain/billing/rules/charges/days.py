"""Days lived become charges: by the tariff of the day, then what the règlement makes of it."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from marelle.domain.billing.rules.charges.books import CAME, Unit
from marelle.domain.billing.rules.charges.charge import TROUBLE_OF, Kind, Name, Trouble
from marelle.domain.billing.rules.charges.packages import give_back_days, package_of
from marelle.domain.catalog.rules.price_steps import (
    Lacking,
    Priced,
    PriceFacts,
    PriceStep,
    Unpriced,
    late_pickup_steps,
)
from marelle.domain.catalog.rules.pricing import PriceRule
from marelle.domain.catalog.rules.tariffs import Counted
from marelle.domain.reservations.rules.delivered import Lived, What

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marelle.domain.billing.rules.charges.books import Books
    from marelle.domain.billing.rules.charges.goods import Good

HIGHEST_QUOTIENT: Final = 5_000_00
_LABELS: Final = {
    What.RESERVED: "{}",
    What.ABSENT: "{}, absence non signalée",
    What.TOLD: "{}, absence signalée",
    What.CANCELLED: "{}, annulation hors délai",
    What.UNBOOKED: "{}, sans réservation",
}
_RULED: Final = {
    What.ABSENT: "Absence non signalée",
    What.TOLD: "Absence signalée",
    What.UNBOOKED: "Sans réservation",
}
BOOKED_LATE: Final = "Réservation hors délai"
KEPT_DUE: Final = "Reste dû de l’annulation"
FIXED_THEN: Final = "Prix fixé à la réservation"
_WHO_COMES: Final = frozenset({Counted.RANK_PRESENT, Counted.SIBLINGS_PRESENT})
_BY_DAY: Final = _WHO_COMES | {Counted.DAYS_OF_WEEK}


def charge_days(books: Books) -> None:
    """Will charge each day lived, and each late departure."""
    for one in books.lived:
        good = books.goods[one.product]
        billable = _not_come(books, one) if one.what is What.CANCELLED else _enrolled(books, one, good)
        if not billable.days:
            continue
        for days in _alike(books, billable, good):
            _charge(books, billable, good, days)
        if billable.late_minutes:
            _late(books, billable, good)


def _enrolled(books: Books, one: Lived, good: Good) -> Lived:
    """Will keep the days on which the child is enrolled, and note the others."""
    first = books.home.enrollment(one.child, good.activity, one.days[0])
    if first is not None and one.days[-1] <= first.ends_on:
        return one
    outside = [day for day in one.days if books.home.enrollment(one.child, good.activity, day) is None]
    books.note(Trouble.NOT_ENROLLED, one, outside)
    return one._replace(days=tuple(day for day in one.days if day not in outside))


def _not_come(books: Books, one: Lived) -> Lived:
    """Will keep the cancelled days on which the child did not come after all: a day is paid once."""
    came = {
        day
        for other in books.lived
        if (other.child, other.product) == (one.child, one.product) and other.what is not What.CANCELLED
        for day in other.days
    }
    return one._replace(days=tuple(day for day in one.days if day not in came))


def _alike(books: Books, one: Lived, good: Good) -> Iterable[tuple[date, ...]]:
    """Will cut days where the price may change: a new tariff, quotient or enrollment; each day, where it counts."""
    days = one.days
    changed = [voted for voted in good.sold.tariffs if days[0] < voted.valid_from <= days[-1]]
    for voted in (good.tariff_on(days[0]), *changed):
        if voted is not None and voted.rules is not None and not voted.rules.counts.isdisjoint(_BY_DAY):
            return [(day,) for day in days]
    turns = [turn for turn in books.turns if days[0] < turn <= days[-1]]
    if not turns and not changed:
        return [days]
    cut: dict[int, list[date]] = defaultdict(list)
    edges = sorted({*turns, *(voted.valid_from for voted in changed)})
    for day in days:
        cut[bisect_right(edges, day)].append(day)
    return [tuple(each) for each in cut.values()]


def _charge(books: Books, one: Lived, good: Good, days: tuple[date, ...]) -> None:
    day = days[0]
    tariff = good.tariff_on(day)
    rules = tariff.rules if tariff is not None else None
    included = package_of(books, one, good, day)
    if included is not None and one.due is None:
        give_back_days(books, included, one, days, rules)
        return
    priced = _priced(books, one, good, day)
    if isinstance(priced, Unpriced):
        books.note(TROUBLE_OF[priced.lacking], one, days)
        return
    if one.what is What.CANCELLED and not priced.cents:
        return
    if priced.measured is not None and priced.measured > HIGHEST_QUOTIENT:
        books.note(Trouble.ABSURD_QUOTIENT, one, days)
    name = Name(Kind.DAY, one.child, one.product)
    label = _LABELS[one.what].format(good.sold.name)
    books.enter(Unit(name, priced.cents, label, priced.steps, priced.measured, priced.bracket), days, rules)


def _priced(books: Books, one: Lived, good: Good, day: date) -> Priced | Unpriced:
    """Will return what a unit costs: by the tariff, unless it is fixed already; then what the règlement makes."""
    if one.what is What.CANCELLED:
        due = one.due or 0
        return Priced(due, (PriceStep(KEPT_DUE, due),))
    tariff = good.tariff_on(day)
    price = tariff.price(_facts(books, one, good, day)) if tariff is not None else Unpriced(Lacking.TARIFF)
    price = _ruled(price, one.booked, BOOKED_LATE)
    if one.due is not None and not (isinstance(price, Priced) and price.cents == one.due):
        price = Priced(one.due, (PriceStep(FIXED_THEN, one.due),))
    return _ruled(price, one.rule, _RULED.get(one.what, ""))


def _late(books: Books, one: Lived, good: Good) -> None:
    for day in one.days:
        tariff = good.tariff_on(day)
        if tariff is None or tariff.rules is None or tariff.rules.late_pickup is None:
            continue
        steps = late_pickup_steps(tariff.rules.late_pickup, one.late_minutes)
        if steps:
            cents = sum(step.cents for step in steps)
            name = Name(Kind.LATE_PICKUP, one.child, one.product)
            books.enter(Unit(name, cents, f"{good.sold.name}, départ tardif", steps), (day,), tariff.rules)


def _facts(books: Books, one: Lived, good: Good, day: date) -> PriceFacts:
    tariff = good.tariff_on(day)
    counts = tariff.rules.counts if tariff is not None and tariff.rules is not None else frozenset()
    return books.home.facts(
        one.child,
        good.activity,
        day,
        together=good.together,
        present=_present(books, good, day) if counts & _WHO_COMES else (),
        days_of_week=_days_of_week(books, one, day) if Counted.DAYS_OF_WEEK in counts else 1,
        minutes=one.minutes,
    )


def _present(books: Books, good: Good, day: date) -> set[int]:
    return {child for child, activity in books.coming.get(day, ()) if activity in good.together}


def _days_of_week(books: Books, one: Lived, day: date) -> int:
    monday = day - timedelta(days=day.weekday())
    days = {
        each
        for other in books.lived
        if (other.child, other.product) == (one.child, one.product) and other.what in CAME
        for each in other.days
        if monday <= each < monday + timedelta(days=7)
    }
    return len(days | {day})


def _ruled(price: Priced | Unpriced, rule: PriceRule | None, label: str) -> Priced | Unpriced:
    """Will apply a rule of the règlement, which may fix the price where there is none."""
    if rule is None:
        return price
    if isinstance(price, Priced):
        return price.ruled(rule, label)
    due = rule.applied_to(None)
    return price if due is None else Priced(due, (PriceStep(label, due),))
