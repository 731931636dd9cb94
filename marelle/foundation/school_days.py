"""The calendar as pure values: which days are taught, off, public holidays or closed. Knows nothing of tables."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Final

from marelle.foundation.periods import FRIDAY, MONDAY, SATURDAY, THURSDAY, TUESDAY

FOUR_DAY_WEEK: Final = frozenset({MONDAY, TUESDAY, THURSDAY, FRIDAY})
WEEKDAYS: Final = frozenset(range(SATURDAY))
ONE_DAY: Final = timedelta(days=1)
# A year later, the same weekdays: school holidays start on a Saturday whatever the year.
A_YEAR_OF_WEEKS: Final = timedelta(weeks=52)


@dataclass(frozen=True, slots=True)
class NamedDays:
    """A holiday or a closure: its name as families read it, first and last day off, both included."""

    name: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class Calendar:
    """What the year looks like for one authority.

    `known_until` is the last day for which the school holidays are published; after it nothing is certain.
    `town_hall_weekdays` are those on which the town hall is open, `town_hall_closures` the days it is shut besides.
    """

    school_holidays: tuple[NamedDays, ...] = ()
    public_holidays: tuple[NamedDays, ...] = ()
    taught_weekdays: frozenset[int] = field(default=FOUR_DAY_WEEK)
    known_until: date | None = None
    town_hall_weekdays: frozenset[int] = field(default=WEEKDAYS)
    town_hall_closures: tuple[NamedDays, ...] = ()

    @cached_property
    def _school_holiday_by_day(self) -> dict[date, NamedDays]:
        return _by_day(self.school_holidays)

    @cached_property
    def _public_holiday_by_day(self) -> dict[date, NamedDays]:
        return _by_day(self.public_holidays)

    def school_holiday(self, day: date) -> NamedDays | None:
        """Will return the school holidays that hold `day`, if any."""
        return self._school_holiday_by_day.get(day)

    def public_holiday(self, day: date) -> NamedDays | None:
        """Will return the public holiday of `day`, if any."""
        return self._public_holiday_by_day.get(day)

    @cached_property
    def _town_hall_closure_by_day(self) -> dict[date, NamedDays]:
        return _by_day(self.town_hall_closures)

    def is_weekend(self, day: date) -> bool:
        """Will tell whether `day` is a Saturday or a Sunday."""
        return day.weekday() >= SATURDAY

    def is_bridge_day(self, day: date) -> bool:
        """Will tell whether `day` is a weekday alone between a public holiday and a weekend (pont).

        A Friday after a Thursday off, a Monday before a Tuesday off; not a public holiday itself.
        """
        if day in self._public_holiday_by_day:
            return False
        if day.weekday() == FRIDAY:
            return day - ONE_DAY in self._public_holiday_by_day
        return day.weekday() == MONDAY and day + ONE_DAY in self._public_holiday_by_day

    def is_town_hall_open(self, day: date) -> bool:
        """Will tell whether the town hall is open on `day`."""
        return (
            day.weekday() in self.town_hall_weekdays
            and day not in self._public_holiday_by_day
            and day not in self._town_hall_closure_by_day
        )

    def is_first_school_day(self, day: date) -> bool:
        """Will tell whether class starts again on `day`, after school holidays (la rentrée)."""
        if not self.is_school_day(day):
            return False
        before = day - ONE_DAY
        # Never far: at the very most a public holiday and days without class stand between the two.
        while not self.is_school_day(before) and (day - before).days <= len(self.taught_weekdays) * 7:
            if before in self._school_holiday_by_day:
                return True
            before -= ONE_DAY
        return False

    def is_known(self, day: date) -> bool:
        """Will tell whether what is taught on `day` is published."""
        return self.known_until is None or day <= self.known_until

    def estimated(self, until: date) -> Calendar:
        """Will return a calendar that goes on to `until`: beyond what is published, the last published year again.

        Fifty-two weeks later, so that holidays keep their weekdays. `known_until` stays where it was. Public holidays
        are the caller's to give: they are set by law.
        """
        if self.known_until is None or until <= self.known_until:
            return self
        spans = list(self.school_holidays)
        last_year = [span for span in spans if span.ends_on > self.known_until - A_YEAR_OF_WEEKS]
        shift = A_YEAR_OF_WEEKS
        while last_year and self.known_until - A_YEAR_OF_WEEKS + shift < until:
            spans += [
                NamedDays(span.name, max(span.starts_on + shift, self.known_until + ONE_DAY), span.ends_on + shift)
                for span in last_year
                if span.ends_on + shift > self.known_until
            ]
            shift += A_YEAR_OF_WEEKS
        return replace(self, school_holidays=tuple(spans))

    def is_working_day(self, day: date) -> bool:
        """Will tell whether `day` is neither a Saturday, a Sunday nor a public holiday (jour ouvré)."""
        return day.weekday() < SATURDAY and day not in self._public_holiday_by_day

    def is_school_day(self, day: date) -> bool:
        """Will tell whether there is class on `day`."""
        return (
            day.weekday() in self.taught_weekdays
            and day not in self._public_holiday_by_day
            and day not in self._school_holiday_by_day
        )


def _by_day(spans: tuple[NamedDays, ...]) -> dict[date, NamedDays]:
    return {
        span.starts_on + timedelta(days=offset): span
        for span in spans
        for offset in range((span.ends_on - span.starts_on).days + 1)
    }
