"""A règlement tried on a real calendar before it is voted: each service day's limits, and the odd ones first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from marelle.domain.catalog.rules.acts import times_of
from marelle.domain.catalog.rules.cutoffs import ImpossibleCutoffError
from marelle.domain.catalog.rules.days import NO_REGLEMENT, service_end
from marelle.domain.catalog.rules.opening import OpeningDays, closed
from marelle.foundation.periods import SATURDAY, days_between

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date, datetime, time
    from zoneinfo import ZoneInfo

    from marelle.domain.catalog.rules.cutoffs import Deadline
    from marelle.domain.catalog.rules.reglements import Reglement
    from marelle.foundation.school_days import Calendar, NamedDays

OUT_OF_CALENDAR = "une date du règlement est hors de tout calendrier"


class Oddity(StrEnum):
    """Why a service day deserves a look before the vote, in the order in which the odd days are listed."""

    IMPOSSIBLE = "impossible"  # the règlement and the calendar give no limit
    AFTER_ANOTHER = "after_another"  # its limit falls after that of a later day
    ON_PUBLIC_HOLIDAY = "on_public_holiday"
    ON_BRIDGE_DAY = "on_bridge_day"
    FIRST_SCHOOL_DAY = "first_school_day"
    IN_SCHOOL_HOLIDAYS = "in_school_holidays"  # the limit falls in holidays, for a day of class
    FAR = "far"  # further ahead than usual for that weekday
    NEAR = "near"  # closer than usual for that weekday
    ON_SUNDAY = "on_sunday"
    ON_SATURDAY = "on_saturday"
    TOWN_HALL_SHUT = "town_hall_shut"  # a weekday on which nobody is there
    ESTIMATED = "estimated"  # the school calendar of that day is not published


_RANK = {oddity: place for place, oddity in enumerate(Oddity)}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one règlement gives for one service day. `impossible` says why it gives nothing at all."""

    opens: datetime | None = None
    book_by: Deadline | None = None
    late_by: Deadline | None = None
    cancel_by: Deadline | None = None
    change_by: Deadline | None = None
    impossible: str = ""

    @property
    def series(self) -> tuple[Deadline | None, ...]:
        """Will return the limits that may be compared from one day to the next."""
        return self.book_by, self.late_by, self.cancel_by, self.change_by


@dataclass(frozen=True, slots=True)
class Simulated:
    """One service day: its limits, those of the règlement that it would replace (None: not compared), why it is odd."""

    day: date
    limits: Limits
    before: Limits | None = None
    oddities: tuple[Oddity, ...] = ()

    @property
    def has_changed(self) -> bool:
        """Will tell whether the règlement that it would replace gives something else for that day."""
        return self.before is not None and self.before != self.limits

    @property
    def rank(self) -> int:
        """Will return how early it is listed: the oddest first."""
        return min((_RANK[oddity] for oddity in self.oddities), default=len(_RANK))


@dataclass(frozen=True, slots=True)
class Trial:
    """A simulation: its days in order, and whether some of them lie beyond the published calendar."""

    days: tuple[Simulated, ...] = field(default=())

    @property
    def odd(self) -> tuple[tuple[Oddity, tuple[Simulated, ...]], ...]:
        """Will return the odd days by their first reason, the most serious reason first."""
        groups: dict[Oddity, list[Simulated]] = {}
        for one in self.days:
            if one.oddities:
                groups.setdefault(one.oddities[0], []).append(one)
        return tuple((oddity, tuple(groups[oddity])) for oddity in Oddity if oddity in groups)

    @property
    def changed(self) -> int:
        """Will return how many days have another limit than before."""
        return sum(one.has_changed for one in self.days)

    @property
    def estimated(self) -> int:
        """Will return how many days lie beyond the published school calendar."""
        return sum(Oddity.ESTIMATED in one.oddities for one in self.days)


def open_days(
    opening: OpeningDays, closures: tuple[NamedDays, ...], calendar: Calendar, *, first: date, last: date
) -> tuple[date, ...]:
    """Will return the service days from `first` to `last`; after the activity's end, those of the same weekdays."""
    end = opening.period.ends_on
    carried = replace(opening, period=replace(opening.period, ends_on=last)) if end and end < last else opening
    return tuple(day for day in days_between(first, last) if closed(day, carried, calendar, closures) is None)


def simulate(
    rules_on: Callable[[date], Reglement | None],
    days: Sequence[date],
    *,
    before_on: Callable[[date], Reglement | None] | None,
    calendar: Calendar,
    zone: ZoneInfo,
    ends_at: time | None,
) -> Trial:
    """Will place the limits of `rules_on(day)` on each service day (sorted), beside those of `before_on(day)`."""

    def limits(rules: Reglement | None, day: date) -> Limits:
        return limits_of(rules, day, calendar=calendar, zone=zone, ends_at=ends_at)

    rows = [
        Simulated(day, limits(rules_on(day), day), limits(before_on(day), day) if before_on is not None else None)
        for day in days
    ]
    usual = _usual(rows)
    after_another = _after_another(rows)
    return Trial(
        tuple(
            replace(row, oddities=_oddities(row, usual, calendar, is_after_another=row.day in after_another))
            for row in rows
        )
    )


def limits_of(
    rules: Reglement | None, day: date, *, calendar: Calendar, zone: ZoneInfo, ends_at: time | None
) -> Limits:
    """Will return what `rules` give for `day`; never raises: what gives nothing says why."""
    if rules is None:
        return Limits(impossible=NO_REGLEMENT)
    try:
        over = service_end(day, ends_at, zone)
        book = times_of(rules.book, day, calendar, zone, over=over)
        cancel = times_of(rules.cancel, day, calendar, zone, over=over)
        change = times_of(rules.change, day, calendar, zone, over=over) if rules.change is not None else None
    except ImpossibleCutoffError as impossible:
        return Limits(impossible=str(impossible))
    except OverflowError:
        return Limits(impossible=OUT_OF_CALENDAR)
    moments = [moment for _audience, moment in book.opens if moment is not None]
    first = min(moments, default=None)
    if book.from_moment is not None:
        first = max(first, book.from_moment) if first is not None else book.from_moment
    return Limits(
        opens=first,
        book_by=book.closes,
        late_by=book.late_closes,
        cancel_by=cancel.closes,
        change_by=change.closes if change is not None else None,
    )


def _usual(rows: Sequence[Simulated]) -> dict[tuple[int, int], int]:
    """Will return, for each limit and weekday, how many days ahead it falls on more than half of the days."""
    ahead: dict[tuple[int, int], Counter[int]] = {}
    for row in rows:
        for place, limit in enumerate(row.limits.series):
            if limit is not None:
                days = (row.day - limit.moment.date()).days
                ahead.setdefault((place, row.day.weekday()), Counter())[days] += 1
    usual = {}
    for key, counter in ahead.items():
        days, count = counter.most_common(1)[0]
        # A limit that holds for a week or a month falls at every distance: none of them is the usual one.
        if count * 2 > counter.total():
            usual[key] = days
    return usual


def _after_another(rows: Sequence[Simulated]) -> set[date]:
    """Will return the days one limit of which falls after the same limit of a later day."""
    found = set()
    earliest: dict[int, datetime] = {}
    for row in reversed(rows):
        for place, limit in enumerate(row.limits.series):
            if limit is None:
                continue
            over = limit.over_at
            if place in earliest and over > earliest[place]:
                found.add(row.day)
            earliest[place] = min(over, earliest.get(place, over))
    return found


def _oddities(
    row: Simulated, usual: dict[tuple[int, int], int], calendar: Calendar, *, is_after_another: bool
) -> tuple[Oddity, ...]:
    found = set()
    if row.limits.impossible:
        found.add(Oddity.IMPOSSIBLE)
    if is_after_another:
        found.add(Oddity.AFTER_ANOTHER)
    if calendar.is_first_school_day(row.day):
        found.add(Oddity.FIRST_SCHOOL_DAY)
    if not calendar.is_known(row.day):
        found.add(Oddity.ESTIMATED)
    for place, limit in enumerate(row.limits.series):
        if limit is None:
            continue
        fell = limit.moment.date()
        ahead, expected = (row.day - fell).days, usual.get((place, row.day.weekday()))
        if expected is not None and ahead != expected:
            found.add(Oddity.FAR if ahead > expected else Oddity.NEAR)
        if ahead:  # on the service day itself, somebody is there, whatever day it is
            found.update(_of_fall(row.day, fell, calendar))
    return tuple(oddity for oddity in Oddity if oddity in found)


def _of_fall(day: date, fell: date, calendar: Calendar) -> Iterator[Oddity]:
    """Will yield what is odd in a limit of `day` falling on `fell`."""
    if calendar.public_holiday(fell) is not None:
        yield Oddity.ON_PUBLIC_HOLIDAY
    elif calendar.is_weekend(fell):
        yield Oddity.ON_SATURDAY if fell.weekday() == SATURDAY else Oddity.ON_SUNDAY
    elif calendar.is_bridge_day(fell):
        yield Oddity.ON_BRIDGE_DAY
    elif not calendar.is_town_hall_open(fell):
        yield Oddity.TOWN_HALL_SHUT
    if calendar.school_holiday(day) is None and calendar.school_holiday(fell) is not None:
        yield Oddity.IN_SCHOOL_HOLIDAYS
