"""A month of a shared custody, as a table shows it and as a list says it: whose day, since when, why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from django.utils.text import capfirst

from marelle.domain.reservations.rules.custody import NOON
from marelle.foundation.french_dates import MONTHS, WEEKDAY_LETTERS, WEEKDAYS, day_number, hour, in_full
from marelle.foundation.periods import SUNDAY, days_between, monday_of
from marelle.web.family.custody import wording

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from marelle.domain.reservations.rules.custody import CustodyTerms
    from marelle.foundation.school_days import Calendar

ONE_DAY: Final = timedelta(days=1)
OURS, THEIRS, EITHER = "ours", "theirs", "either"
WHOSE: Final = {OURS: wording.OURS, THEIRS: wording.THEIRS, EITHER: wording.EITHER}


@dataclass(frozen=True, slots=True)
class Known:
    """What months are drawn from: whose each day is (family key, None: either home), and why.

    `terms` says the terms of a day, for the hour of the changeover. `agreed` and `asked` are days agreed one by one,
    and days of an exchange that waits for an answer.
    """

    family: int
    home: Callable[[date], int | None]
    terms: Callable[[date], CustodyTerms | None]
    calendar: Calendar
    agreed: Collection[date]
    asked: Collection[date]
    today: date

    def whose(self, day: date) -> str:
        """Will tell whose day it is, as a word for the style of a square."""
        home = self.home(day)
        return EITHER if home is None else OURS if home == self.family else THEIRS


@dataclass(frozen=True, slots=True)
class DayView:
    """A day: `words` are all that there is to say of it; `note` and `off` what a wide screen also writes."""

    iso: str
    number: str
    words: str
    whose: str
    note: str
    off: str
    is_changeover: bool
    is_agreed: bool
    is_asked: bool
    is_today: bool
    ticks: str = ""
    is_ticked: bool = False


@dataclass(frozen=True, slots=True)
class WeekView:
    """A week of the table: its number, and seven days, None outside the month."""

    number: int
    days: tuple[DayView | None, ...]


@dataclass(frozen=True, slots=True)
class StayView:
    """Days in a row with one home, in a sentence."""

    days: str
    whose: str
    where: str
    note: str


@dataclass(frozen=True, slots=True)
class MonthView:
    """A month: « décembre 2026 », its weeks, and the stays that touch it."""

    key: str
    name: str
    weeks: tuple[WeekView, ...]
    stays: tuple[StayView, ...]
    weekdays: tuple[tuple[str, str], ...] = tuple(zip(WEEKDAY_LETTERS, WEEKDAYS, strict=True))


def month_of(day: date) -> date:
    """Will return the first day of a month."""
    return day.replace(day=1)


def months_after(first: date, count: int) -> date:
    """Will return the first day of the month `count` months later, or before."""
    months = first.year * 12 + first.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def month_view(first: date, known: Known, *, ticked: Mapping[str, Collection[date]] | None = None) -> MonthView:
    """Will draw the month that begins on `first`.

    With `ticked` (`donne` and `prend`), days to come of either home can be ticked, those already ticked are.
    """
    last = months_after(first, 1) - ONE_DAY
    weeks = []
    monday = monday_of(first)
    while monday <= last:
        days = tuple(
            _day(day, known, ticked) if first <= day <= last else None
            for day in days_between(monday, monday + timedelta(days=SUNDAY))
        )
        weeks.append(WeekView(monday.isocalendar().week, days))
        monday += timedelta(weeks=1)
    return MonthView(
        key=f"{first:%Y-%m}",
        name=f"{MONTHS[first.month - 1]} {first.year}",
        weeks=tuple(weeks),
        stays=tuple(_stays(first, last, known)),
    )


def changeover(day: date, known: Known) -> str | None:
    """Will say that the child passes from a home to the other that day, at what hour when terms say so; None if not.

    In the evening, on the last day of who had the child; in the morning, on the first day of who takes it.
    """
    terms = known.terms(day)
    is_evening = terms is None or terms.changeover_at > NOON
    other = day + ONE_DAY if is_evening else day - ONE_DAY
    both = known.home(day), known.home(other)
    if both[0] == both[1] or None in both:
        return None
    if terms is None or day.weekday() != terms.changeover or {day, other} & set(known.agreed):
        return str(wording.PASSES)
    return str(wording.PASSES_AT).format(hour=hour(terms.changeover_at))


def _off(day: date, calendar: Calendar) -> str:
    found = calendar.public_holiday(day) or calendar.school_holiday(day)
    return found.name if found else ""


def _day(day: date, known: Known, ticked: Mapping[str, Collection[date]] | None) -> DayView:
    whose, passes, off = known.whose(day), changeover(day, known), _off(day, known.calendar)
    is_agreed, is_asked, is_today = day in known.agreed, day in known.asked, day == known.today
    said = [
        str(WHOSE[whose]),
        passes,
        off,
        str(wording.AGREED_DAY) if is_agreed else "",
        str(wording.ASKED_DAY) if is_asked else "",
        str(wording.TODAY) if is_today else "",
    ]
    can_be_ticked = ticked is not None and day > known.today and whose != EITHER and not is_asked
    ticks = {OURS: "donne", THEIRS: "prend"}[whose] if can_be_ticked else ""
    return DayView(
        iso=day.isoformat(),
        number=day_number(day),
        words=f"{in_full(day)} : {', '.join(filter(None, said))}",
        whose=whose,
        note=passes or "",
        off=off,
        is_changeover=passes is not None,
        is_agreed=is_agreed,
        is_asked=is_asked,
        is_today=is_today,
        ticks=ticks,
        is_ticked=bool(ticks) and ticked is not None and day in ticked[ticks],
    )


def _stays(first: date, last: date, known: Known) -> list[StayView]:
    """Will cut the month where the home changes; a stay that began before, or goes on after, is said whole."""
    found = []
    day = first
    while day <= last:
        home = known.home(day)
        starts, ends = day, day
        if home is not None:
            while known.home(starts - ONE_DAY) == home and (day - starts).days < SUNDAY * 10:
                starts -= ONE_DAY
        while known.home(ends + ONE_DAY) == home and ends < last + timedelta(days=SUNDAY * 10):
            ends += ONE_DAY
        if home is None:
            ends = min(ends, last)
        found.append(_stay(starts, ends, known))
        day = ends + ONE_DAY
    return found


def _stay(starts: date, ends: date, known: Known) -> StayView:
    days = (
        str(wording.ONE_DAY).format(day=in_full(starts))
        if starts == ends
        else str(wording.STAY).format(first=in_full(starts), last=in_full(ends))
    )
    notes = []
    for day in (starts, ends):
        passes = changeover(day, known)
        if passes is not None:
            notes.append(f"{passes} le {in_full(day)}")
    agreed = [day for day in days_between(starts, ends) if day in known.agreed]
    if agreed:
        notes.append(str(wording.AGREED_DAY) if len(agreed) == 1 else f"{len(agreed)} jours convenus")
    offs = dict.fromkeys(filter(None, (_off(day, known.calendar) for day in days_between(starts, ends))))
    whose = known.whose(starts)
    return StayView(days=days, whose=whose, where=str(WHOSE[whose]), note=capfirst(" · ".join([*notes, *offs])))
