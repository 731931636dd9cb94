"""The calendar as pure values: which days are taught, off, public holidays or closed. Knows nothing of tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Final

from marelle.foundation.periods import FRIDAY, MONDAY, SATURDAY, THURSDAY, TUESDAY

FOUR_DAY_WEEK: Final = frozenset({MONDAY, TUESDAY, THURSDAY, FRIDAY})


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
    """

    school_holidays: tuple[NamedDays, ...] = ()
    public_holidays: tuple[NamedDays, ...] = ()
    taught_weekdays: frozenset[int] = field(default=FOUR_DAY_WEEK)
    known_until: date | None = None

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
