"""Which days an activity is open, and why not on the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from marelle.foundation.periods import Period
    from marelle.foundation.school_days import Calendar, NamedDays


@dataclass(frozen=True, slots=True)
class OpeningDays:
    """When an activity opens: its period, its weekdays in term and in school holidays (0 Monday … 6 Sunday)."""

    period: Period
    term_weekdays: frozenset[int]
    holiday_weekdays: frozenset[int]

    @property
    def weekdays(self) -> frozenset[int]:
        """Will return every weekday on which it ever opens."""
        return self.term_weekdays | self.holiday_weekdays


@dataclass(frozen=True, slots=True)
class Closed:
    """Not open that day. `reason` is read by families; empty when the service never opens on such a weekday."""

    reason: str
    is_holiday: bool = False


def closed(day: date, opening: OpeningDays, calendar: Calendar, closures: tuple[NamedDays, ...]) -> Closed | None:
    """Will return why the activity is closed on `day`, None when it is open.

    A public holiday always closes; then the authority's own closures; then the weekdays of the term or of the holidays.
    """
    if day not in opening.period:
        return Closed("")
    holiday = calendar.school_holiday(day)
    weekdays = opening.holiday_weekdays if holiday else opening.term_weekdays
    if public_holiday := calendar.public_holiday(day):
        return Closed(public_holiday.name)
    for closure in closures:
        if closure.starts_on <= day <= closure.ends_on:
            return Closed(closure.name)
    if day.weekday() in weekdays:
        return None
    if holiday:
        return Closed(holiday.name, is_holiday=True)
    return Closed("")
