"""Cut-offs: the moment after which an action on a service day is no longer free. One class a published shape.

The shapes and the meaning of « avant » and « jusqu'à » are those of the règlements that authorities publish.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from marelle.foundation.school_days import Calendar

MIDNIGHT = time(0, 0)
# No published rule counts back further than this; past it a calendar without any eligible day is a mistake.
FURTHEST_DAYS_BACK = 370


class Boundary(StrEnum):
    """Whether the moment itself is still in time."""

    BEFORE = "lt"  # « avant 9 h »: 9:00 is too late
    UNTIL = "le"  # « jusqu'à 9 h », « au plus tard »: 9:00 is in time, for the whole minute


class Unit(StrEnum):
    """What is counted back from the service day."""

    DAY = "day"
    WEEKDAY = "weekday"
    WORKING_DAY = "working_day"
    CLEAR_DAY = "clear_day"
    SCHOOL_DAY = "school_day"
    HOUR = "hour"


class ImpossibleCutoffError(ValueError):
    """A cut-off that no calendar can give: the reason is the message, in French."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment in the authority's zone and whether it still counts."""

    moment: datetime
    boundary: Boundary

    def is_past(self, at: datetime) -> bool:
        """Will tell whether `at` (aware) is too late."""
        last = self.moment if self.boundary is Boundary.BEFORE else self.moment + timedelta(minutes=1)
        return at >= last


@dataclass(frozen=True, slots=True)
class WeekdayTable:
    """For each service weekday, the last given weekday strictly before the service day, at a time.

    `table` maps a service weekday (0 Monday … 6 Sunday) to (weekday, time); a weekday absent from it is never open.
    """

    table: tuple[tuple[int, int, time], ...]
    boundary: Boundary = Boundary.BEFORE

    def deadline(self, day: date, _calendar: Calendar, zone: ZoneInfo) -> Deadline | None:
        """Will return the limit for `day`, None when the table says nothing of its weekday."""
        for service_weekday, weekday, at_time in self.table:
            if service_weekday == day.weekday():
                days_back = (day.weekday() - weekday - 1) % 7 + 1
                return _deadline(day - timedelta(days=days_back), at_time, zone, self.boundary)
        return None


@dataclass(frozen=True, slots=True)
class WeekCutoff:
    """The given weekday and time of the week `weeks` weeks before the service week; weeks run Monday to Sunday."""

    weekday: int
    at_time: time
    weeks: int = 1
    boundary: Boundary = Boundary.BEFORE

    def deadline(self, day: date, _calendar: Calendar, zone: ZoneInfo) -> Deadline:
        """Will return the one limit of the whole week of `day`."""
        monday = day - timedelta(days=day.weekday())
        return _deadline(
            monday - timedelta(weeks=self.weeks) + timedelta(days=self.weekday), self.at_time, zone, self.boundary
        )


@dataclass(frozen=True, slots=True)
class Offset:
    """`count` units before the service day, at a time; hours count back from 0:00 of the service day."""

    count: int
    unit: Unit = Unit.DAY
    at_time: time = MIDNIGHT
    boundary: Boundary = Boundary.BEFORE

    def deadline(self, day: date, calendar: Calendar, zone: ZoneInfo) -> Deadline:
        """Will return the limit for `day`; raises ImpossibleCutoffError when the calendar has no such day."""
        if self.unit is Unit.HOUR:
            start = datetime.combine(day, MIDNIGHT, zone).astimezone(UTC)
            return Deadline((start - timedelta(hours=self.count)).astimezone(zone), self.boundary)
        return _deadline(self._day(day, calendar), self.at_time, zone, self.boundary)

    def _day(self, day: date, calendar: Calendar) -> date:
        if self.unit is Unit.DAY:
            return day - timedelta(days=self.count)
        if self.unit is Unit.CLEAR_DAY:
            # Neither the day of the act nor the day of the service counts (jours francs).
            return day - timedelta(days=self.count + 1)
        counted = {
            Unit.WEEKDAY: lambda candidate: candidate.weekday() < 5,  # noqa: PLR2004  Saturday
            Unit.WORKING_DAY: calendar.is_working_day,
            Unit.SCHOOL_DAY: calendar.is_school_day,
        }[self.unit]
        left = self.count
        candidate = day
        while left:
            candidate -= timedelta(days=1)
            if (day - candidate).days > FURTHEST_DAYS_BACK:
                message = "aucun jour de ce genre dans l’année qui précède"
                raise ImpossibleCutoffError(message)
            left -= counted(candidate)
        return candidate


@dataclass(frozen=True, slots=True)
class SameDay:
    """The service day itself, until a time."""

    at_time: time
    boundary: Boundary = Boundary.BEFORE

    def deadline(self, day: date, _calendar: Calendar, zone: ZoneInfo) -> Deadline:
        """Will return the limit for `day`."""
        return _deadline(day, self.at_time, zone, self.boundary)


@dataclass(frozen=True, slots=True)
class MonthCutoff:
    """The given day of the month `months` before the service month, until the end of that day."""

    day_of_month: int
    months: int = 1

    def deadline(self, day: date, _calendar: Calendar, zone: ZoneInfo) -> Deadline:
        """Will return the one limit of the whole month of `day`; a day that the month lacks is its last."""
        index = day.year * 12 + day.month - 1 - self.months
        year, month = divmod(index, 12)
        first_of_next = date(year + month // 11, (month + 1) % 12 + 1, 1)
        last = (first_of_next - timedelta(days=1)).day
        cutoff_day = date(year, month + 1, min(self.day_of_month, last))
        return _deadline(cutoff_day, time(23, 59), zone, Boundary.UNTIL)


@dataclass(frozen=True, slots=True)
class Never:
    """Not possible online: a firm purchase."""

    def deadline(self, _day: date, _calendar: Calendar, _zone: ZoneInfo) -> None:
        """Will return None, always."""


Cutoff = WeekdayTable | WeekCutoff | Offset | SameDay | MonthCutoff | Never


def _deadline(day: date, at_time: time, zone: ZoneInfo, boundary: Boundary) -> Deadline:
    # A time skipped by the night the clock changes is read as the same instant an hour on the new clock.
    moment = datetime.combine(day, at_time, zone).astimezone(UTC).astimezone(zone)
    return Deadline(moment, boundary)
