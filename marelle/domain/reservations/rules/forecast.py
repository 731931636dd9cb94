"""How many children will come in the coming weeks: what is reserved so far, completed as the year before.

A year earlier, so long before a day, so many of those who came in the end had reserved: the same share is supposed of
what is reserved now. By day of the week, since a Wednesday fills otherwise than a Tuesday, and holidays by holidays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, Final

from marelle.foundation.school_days import A_YEAR_OF_WEEKS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from marelle.foundation.school_days import Calendar

# How many days of the year before one is compared with, and how far they are looked for on either side, in weeks.
COMPARED: Final = 3
NEARBY: Final = 3
# Under so many reservations a year before, at the same distance, their share says nothing.
ENOUGH: Final = 20


class Method(StrEnum):
    """How a forecast was made."""

    COMPLETED = "completed"  # what is reserved, completed as the year before
    LAST_YEAR = "last_year"  # the figure of the year before: too little was reserved then, so long before
    NOTHING_KNOWN = "nothing_known"  # no like day a year before: what is reserved, and nothing more


@dataclass(frozen=True, slots=True)
class Past:
    """A day of the year before: how many it had in the end, and how many had been reserved so long before it.

    `then` is by how many weeks the day stands from fifty-two weeks before the one that is foreseen: the same distance
    from today is another moment for each.
    """

    day: date
    final: int
    then: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Forecast:
    """A coming day: what is reserved, what is foreseen, what a like day had a year before (None when unknown).

    `share` is how much of the final figure was reserved at the same distance, in percent, and `days` those compared.
    `is_capped`: more was foreseen than can come, and `expected` is the most that can.
    """

    day: date
    booked: int
    expected: int
    last_year: int | None
    method: Method
    share: int | None = None
    days: tuple[date, ...] = ()
    is_capped: bool = False


def most_that_can_come(enrolled: int, products: Collection[frozenset[int]], places: int | None) -> int:
    """Will return the most reservations that an activity can have on a day; 0 when none of its products is open.

    Each child enrolled may have at once the products that share no part of the day: `products` are the parts (keys) of
    those that are open that day. `places` are all the places of that day, None without a limit; a reservation takes one
    of them at least.
    """
    children = enrolled * _together(tuple(sorted(products, key=sorted)))
    return children if places is None else min(children, places)


@lru_cache(maxsize=256)  # the same on most days
def _together(products: tuple[frozenset[int], ...]) -> int:
    """Will return how many of these products one child may have on a day.

    Two of them are kept apart only when one takes every part of the other: which parts are whose may depend on age.
    """
    return next(
        (
            count
            for count in range(len(products), 0, -1)
            if any(not any(map(_share, combinations(some, 2))) for some in combinations(products, count))
        ),
        0,
    )


def _share(pair: tuple[frozenset[int], frozenset[int]]) -> bool:
    one, other = pair
    return bool(one and other) and (one <= other or other <= one)


def shifts() -> tuple[int, ...]:
    """Will return the weeks that are looked at around fifty-two weeks before, the nearest first."""
    return tuple(sorted(range(-NEARBY, NEARBY + 1), key=lambda weeks: (abs(weeks), weeks)))


def foreseen(
    booked: Mapping[date, int],
    past: Iterable[Past],
    *,
    calendar: Calendar,
    closed: Collection[date] = (),
    most: Mapping[date, int] | None = None,
) -> tuple[Forecast, ...]:
    """Will foresee each day of `booked`, but those that are `closed`, in order.

    Never more than `most` of that day, when it is known; what is reserved already may come, whatever it says.
    """
    by_day = {one.day: one for one in past}
    found = (_one(day, booked[day], by_day, calendar) for day in sorted(booked) if day not in closed)
    return tuple(_capped(one, (most or {}).get(one.day)) for one in found)


def _capped(one: Forecast, most: int | None) -> Forecast:
    if most is None or one.expected <= (limit := max(most, one.booked)):
        return one
    return replace(one, expected=limit, is_capped=True)


def _one(day: date, booked: int, by_day: Mapping[date, Past], calendar: Calendar) -> Forecast:
    alike = []
    for weeks in shifts():
        other = by_day.get(day - A_YEAR_OF_WEEKS + timedelta(weeks=weeks))
        if other is not None and other.final and _is_alike(day, other.day, calendar):
            alike.append((other, other.then.get(weeks, 0)))
    compared = alike[:COMPARED]
    if not compared:
        return Forecast(day, booked, booked, None, Method.NOTHING_KNOWN)
    then = sum(count for _other, count in compared)
    final = sum(other.final for other, _count in compared)
    last_year, days = compared[0][0].final, tuple(sorted(other.day for other, _count in compared))
    if then < ENOUGH:
        usual = round(final / len(compared))
        return Forecast(day, booked, max(booked, usual), last_year, Method.LAST_YEAR, None, days)
    share = min(100, round(100 * then / final))
    return Forecast(day, booked, round(booked * final / then), last_year, Method.COMPLETED, share, days)


def _is_alike(day: date, other: date, calendar: Calendar) -> bool:
    """Will tell whether both are in holidays, or neither."""
    return (calendar.school_holiday(day) is None) is (calendar.school_holiday(other) is None)
