"""Spans of time in which days are counted: a week, a month, a period between two holidays, a school year."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from marelle.foundation.periods import Period

if TYPE_CHECKING:
    from marelle.foundation.school_days import Calendar

SEPTEMBER: Final = 9
LONGEST_TERM: Final = 130  # days; no term nor holidays last longer


class Per(StrEnum):
    """In what days are counted."""

    WEEK = "week"  # Monday to Sunday
    MONTH = "month"
    PERIOD = "period"  # the school holidays that hold the day, else the days of class between two holidays
    SCHOOL_YEAR = "school_year"  # 1 September to 31 August


def span_of(day: date, per: Per, calendar: Calendar) -> Period:
    """Will return the span that holds `day`."""
    match per:
        case Per.WEEK:
            monday = day - timedelta(days=day.weekday())
            return Period(monday, monday + timedelta(days=6))
        case Per.MONTH:
            first = day.replace(day=1)
            return Period(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
        case Per.SCHOOL_YEAR:
            started = day.year if day.month >= SEPTEMBER else day.year - 1
            return Period(date(started, SEPTEMBER, 1), date(started + 1, SEPTEMBER, 1) - timedelta(days=1))
        case Per.PERIOD:
            return Period(_edge(day, -1, calendar), _edge(day, 1, calendar))


def _edge(day: date, step: int, calendar: Calendar) -> date:
    is_off = calendar.school_holiday(day) is not None
    edge = day
    for _ in range(LONGEST_TERM):
        beyond = edge + timedelta(days=step)
        if (calendar.school_holiday(beyond) is not None) is not is_off:
            return edge
        edge = beyond
    return edge
