"""A school year copied into the next: which activities, on which dates, with which versions of what was voted.

A day moves with what it stands by. The first day of class after the summer becomes that of the year after, the last
Friday before the holidays becomes theirs, whatever the date: towns open « à la rentrée » and close « aux vacances ».
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from marelle.domain.catalog.rules.spans import SEPTEMBER
from marelle.foundation.school_days import A_YEAR_OF_WEEKS, ONE_DAY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from marelle.foundation.school_days import Calendar, NamedDays

# Nearer to the edge of holidays than this, a day is told by that edge; further, by its weekday too.
NEAR: Final = 3
# The same holidays a year later: never more than that away from fifty-two weeks.
_DRIFT: Final = timedelta(days=45)
LONGEST_CODE: Final = 60
_YEAR_AT_THE_END: Final = re.compile(r"-20\d\d$")
_SCHOOL_YEAR: Final = re.compile(r"\b20\d\d([-–/]| - )20\d\d\b")
_DAY: Final = re.compile(r"(20\d\d-\d\d-\d\d)( \d\d:\d\d)?")
_MONTH: Final = re.compile(r"20\d\d-\d\d")


class Fate(StrEnum):
    """What becomes of an activity in the next school year."""

    ENDS = "ends"  # it ends in the year: it may be copied
    COPIED = "copied"  # it was already
    GOES_ON = "goes_on"  # it lasts beyond the year: nothing to do


@dataclass(frozen=True, slots=True)
class Voted:
    """A version of a règlement or of a tariff, as it is stored."""

    valid_from: date
    resolution: str
    rules: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Carried:
    """A day of the next school year; `is_estimated` when its calendar is not published that far."""

    day: date
    is_estimated: bool


def school_year_of(day: date) -> int:
    """Will return the year in which the school year of `day` began, on the first of September."""
    return day.year if day.month >= SEPTEMBER else day.year - 1


def fate_of(starts_on: date, ends_on: date, year: int, *, is_copied: bool) -> Fate | None:
    """Will return what becomes of an activity after the school year `year`; None when it is not of that year."""
    first, last = date(year, SEPTEMBER, 1), date(year + 1, SEPTEMBER, 1) - ONE_DAY
    if starts_on > last or ends_on < first:
        return None
    if ends_on > last:
        return Fate.GOES_ON
    return Fate.COPIED if is_copied else Fate.ENDS


def next_period(starts_on: date, ends_on: date, year: int, calendar: Calendar) -> tuple[Carried, Carried]:
    """Will return the first and last day of an activity that ends in the school year `year`, a year later.

    Of an activity of several years, only the last one is carried: it begins again with the school year.
    """
    first = carried(max(starts_on, _first_day_of(year, calendar)), calendar)
    last = carried(ends_on, calendar)
    return first, last if last.day >= first.day else first


def carried(day: date, calendar: Calendar) -> Carried:
    """Will return where `day` stands a year later, by the school holidays next to it or in which it is.

    Without holidays to go by, fifty-two weeks later: the same weekday.
    """
    moved = _by_its_holidays(day, calendar) or day + A_YEAR_OF_WEEKS
    return Carried(moved, not calendar.is_known(moved))


def _by_its_holidays(day: date, calendar: Calendar) -> date | None:
    spans = sorted(calendar.school_holidays, key=lambda span: span.starts_on)
    inside = calendar.school_holiday(day)
    if inside is not None:
        later = _a_year_after(inside, spans)
        if later is None:
            return None
        if (inside.ends_on - day) < (day - inside.starts_on):
            return max(later.ends_on - (inside.ends_on - day), later.starts_on)
        return min(later.starts_on + (day - inside.starts_on), later.ends_on)
    before = max((span for span in spans if span.ends_on < day), key=lambda span: span.ends_on, default=None)
    after = min((span for span in spans if span.starts_on > day), key=lambda span: span.starts_on, default=None)
    edges = [(day - before.ends_on, before, 1)] if before else []
    edges += [(after.starts_on - day, after, -1)] if after else []
    for distance, span, way in sorted(edges, key=lambda edge: edge[0]):
        later = _a_year_after(span, spans)
        if later is not None:
            edge = later.ends_on if way == 1 else later.starts_on
            moved = edge + distance * way
            return moved if distance.days <= NEAR else _same_weekday(moved, day)
    return None


def _a_year_after(span: NamedDays, spans: Sequence[NamedDays]) -> NamedDays | None:
    aimed = span.starts_on + A_YEAR_OF_WEEKS
    alike = [one for one in spans if one.name == span.name and abs(one.starts_on - aimed) <= _DRIFT]
    return min(alike, key=lambda one: abs(one.starts_on - aimed), default=None)


def _same_weekday(moved: date, day: date) -> date:
    step = (day.weekday() - moved.weekday()) % 7
    return moved + timedelta(days=step if step <= 7 // 2 else step - 7)


def _first_day_of(year: int, calendar: Calendar) -> date:
    """Will return the first day of class of a school year; the first of September without a calendar."""
    day = date(year, SEPTEMBER, 1)
    holiday = calendar.school_holiday(day)
    return holiday.ends_on + ONE_DAY if holiday is not None else day


def next_code(code: str, year: int) -> str:
    """Will return the code of the copy that begins in `year`: « cantine », « cantine-2026 » give « cantine-2027 »."""
    return f"{_YEAR_AT_THE_END.sub('', code)[: LONGEST_CODE - 5].rstrip('-_')}-{year}"


def next_name(name: str, year: int) -> str:
    """Will return the name of the copy: « Cantine 2026-2027 » becomes « Cantine 2027-2028 », « Cantine » stays."""
    return _SCHOOL_YEAR.sub(lambda found: f"{year}{found[1]}{year + 1}", name)


def versions_carried(
    versions: Sequence[Voted], starts_on: date, ends_on: date, *, was_until: date
) -> tuple[Voted, ...]:
    """Will return the versions of a copy from `starts_on` to `ends_on`: the one in force then, from its first day on.

    One that was voted to come later during that time comes too. The dates written in rules of the year that ended, on
    `was_until`, are carried; those of a version that was voted for afterwards are right already.
    """
    in_force = max(
        (one for one in versions if one.valid_from <= starts_on), key=lambda one: one.valid_from, default=None
    )
    found = []
    if in_force is not None:
        is_of_the_year = in_force.valid_from <= was_until
        rules = moved_dates(in_force.rules) if is_of_the_year else in_force.rules
        found.append(Voted(starts_on, in_force.resolution, rules))
    later = [one for one in versions if starts_on < one.valid_from <= ends_on]
    return (*found, *sorted(later, key=lambda one: one.valid_from))


def has_dates(rules: Any) -> bool:
    """Will tell whether a règlement or a tariff names days or months: somebody should read it again each year."""
    return bool(moved_dates(rules) != rules)


def moved_dates(written: Any) -> Any:
    """Will return written rules with each day fifty-two weeks later, the same weekday, and each month a year later."""
    if isinstance(written, dict):
        return {_moved_month(name): moved_dates(each) for name, each in written.items()}
    if isinstance(written, list):
        return [moved_dates(each) for each in written]
    if isinstance(written, str) and (found := _DAY.fullmatch(written)):
        return f"{date.fromisoformat(found[1]) + A_YEAR_OF_WEEKS}{found[2] or ''}"
    return written


def _moved_month(name: str) -> str:
    return f"{int(name[:4]) + 1}{name[4:]}" if _MONTH.fullmatch(name) else name


def with_codes(rules: Mapping[str, Any], codes: Mapping[str, str]) -> dict[str, Any]:
    """Will return the rules of a règlement, products that were copied (by code) being named by their copies."""
    limits = [
        {
            name: [codes.get(code, code) for code in each] if name in {"excludes", "requires"} else each
            for name, each in one.items()
        }
        for one in rules.get("limits", ())
    ]
    return {**rules, **({"limits": limits} if limits else {})}


def flat_price(rules: Mapping[str, Any]) -> str | None:
    """Will return the price of a tariff that is one amount for all, as it is written; None for any other."""
    price = rules.get("price")
    return price if isinstance(price, str) else None


def with_price(rules: Mapping[str, Any], amount: str | None) -> dict[str, Any]:
    """Will return a tariff at another amount; as it is without one, or when its price is not one amount for all."""
    return {**rules, "price": amount} if amount is not None and flat_price(rules) is not None else dict(rules)
