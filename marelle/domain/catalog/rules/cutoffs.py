"""Cut-offs: the moment after which an action on a service day is no longer free. One class a published shape.

The shapes and the meaning of « avant » and « jusqu'à » are those of the règlements that authorities publish.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from marelle.foundation.school_days import Calendar

MIDNIGHT: Final = time(0, 0)
LAST_MINUTE: Final = time(23, 59)
# No published rule counts back further than this; past it a calendar without any eligible day is a mistake.
FURTHEST_DAYS_BACK: Final = 370


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


class Obstacle(StrEnum):
    """A kind of day about which a règlement must choose: does it count, may a limit fall on it."""

    WEEKEND = "weekend"
    PUBLIC_HOLIDAY = "public_holiday"
    BRIDGE_DAY = "bridge_day"
    SCHOOL_HOLIDAY = "school_holiday"
    TOWN_HALL_SHUT = "town_hall_shut"

    def holds(self, day: date, calendar: Calendar) -> bool:
        """Will tell whether `day` is such a day."""
        match self:
            case Obstacle.WEEKEND:
                return calendar.is_weekend(day)
            case Obstacle.PUBLIC_HOLIDAY:
                return calendar.public_holiday(day) is not None
            case Obstacle.BRIDGE_DAY:
                return calendar.is_bridge_day(day)
            case Obstacle.SCHOOL_HOLIDAY:
                return calendar.school_holiday(day) is not None
            case Obstacle.TOWN_HALL_SHUT:
                return not calendar.is_town_hall_open(day)


EVERY_DAY: Final = frozenset({Unit.DAY, Unit.CLEAR_DAY})


class ImpossibleCutoffError(ValueError):
    """A cut-off that no calendar can give: the reason is the message, in French."""


class Deadline(NamedTuple):
    """A moment in the authority's zone and whether it still counts."""

    moment: datetime
    boundary: Boundary

    @property
    def over_at(self) -> datetime:
        """Will return the first moment that is too late."""
        if self.boundary is Boundary.BEFORE:
            return self.moment
        # Through UTC: the night the clocks go back, the minute after 2:59 is 2:00 again.
        return (self.moment.astimezone(UTC) + timedelta(minutes=1)).astimezone(self.moment.tzinfo)

    def is_past(self, at: datetime) -> bool:
        """Will tell whether `at` (aware) is too late."""
        # In UTC: moments of one zone are compared by their clocks, which show an hour twice the night they go back.
        return at.astimezone(UTC) >= self.over_at


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
                return deadline_on(day - timedelta(days=days_back), at_time, zone, self.boundary)
        return None

    def names(self, day: date) -> bool:
        """Will tell whether the table says something of the weekday of `day`."""
        return any(service_weekday == day.weekday() for service_weekday, _weekday, _time in self.table)


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
        return deadline_on(
            monday - timedelta(weeks=self.weeks) + timedelta(days=self.weekday), self.at_time, zone, self.boundary
        )


@dataclass(frozen=True, slots=True)
class Offset:
    """`count` units before the service day, at a time; hours count back from `at_time` of the service day itself.

    Days of the kinds in `not_counted` are passed over, besides those that the unit leaves out. Hours are real hours,
    those of a night when the clock changes included; where days are passed over, they are hours of the clock.
    """

    count: int
    unit: Unit = Unit.DAY
    at_time: time = MIDNIGHT
    boundary: Boundary = Boundary.BEFORE
    not_counted: frozenset[Obstacle] = frozenset()

    def deadline(self, day: date, calendar: Calendar, zone: ZoneInfo) -> Deadline:
        """Will return the limit for `day`; raises ImpossibleCutoffError when the calendar has no such day."""
        if self.unit is Unit.HOUR:
            return self._hours_before(day, calendar, zone)
        back = self._counted_back(day, calendar)
        if self.unit is Unit.CLEAR_DAY:
            # Neither the day of the act nor the day of the service counts (jours francs).
            back -= timedelta(days=1)
        return deadline_on(back, self.at_time, zone, self.boundary)

    def _counted_back(self, day: date, calendar: Calendar) -> date:
        if self.unit in EVERY_DAY and not self.not_counted and self.count <= FURTHEST_DAYS_BACK:
            return day - timedelta(days=self.count)
        left = self.count
        candidate = day
        while left:
            candidate = _day_before(candidate, day)
            left -= self.counts(candidate, calendar)
        return candidate

    def counts(self, day: date, calendar: Calendar) -> bool:
        """Will tell whether `day` is one of those that the unit counts."""
        if self.unit is Unit.WEEKDAY and calendar.is_weekend(day):
            return False
        if self.unit is Unit.WORKING_DAY and not calendar.is_working_day(day):
            return False
        if self.unit is Unit.SCHOOL_DAY and not calendar.is_school_day(day):
            return False
        return not self.not_counted or not any(obstacle.holds(day, calendar) for obstacle in self.not_counted)

    def _hours_before(self, day: date, calendar: Calendar, zone: ZoneInfo) -> Deadline:
        start = datetime.combine(day, self.at_time)
        if not self.not_counted:
            moment = start.replace(tzinfo=zone).astimezone(UTC) - timedelta(hours=self.count)
            return Deadline(moment.astimezone(zone), self.boundary)
        left = timedelta(hours=self.count)
        # The service day itself counts, from midnight to the hour of reference.
        reached, within = day, start - datetime.combine(day, MIDNIGHT)
        while left > within:
            left -= within
            reached = _day_before(reached, day)
            within = timedelta(days=1) if self.counts(reached, calendar) else timedelta(0)
        moment = datetime.combine(reached, MIDNIGHT) + within - left
        return deadline_on(moment.date(), moment.time(), zone, self.boundary)


@dataclass(frozen=True, slots=True)
class SameDay:
    """The service day itself, until a time; not before `from_time` when it is given."""

    at_time: time
    boundary: Boundary = Boundary.BEFORE
    from_time: time | None = None

    def deadline(self, day: date, _calendar: Calendar, zone: ZoneInfo) -> Deadline:
        """Will return the limit for `day`."""
        return deadline_on(day, self.at_time, zone, self.boundary)


@dataclass(frozen=True, slots=True)
class MonthCutoff:
    """The given day of the month `months` before the service month, at a time.

    A day that the month lacks is its last. « Jusqu'au 20 » lasts until the end of the 20th, « avant le 20 » until the
    end of the 19th.
    """

    day_of_month: int
    months: int = 1
    at_time: time = LAST_MINUTE
    boundary: Boundary = Boundary.UNTIL

    def deadline(self, day: date, _calendar: Calendar, zone: ZoneInfo) -> Deadline:
        """Will return the one limit of the whole month of `day`."""
        index = day.year * 12 + day.month - 1 - self.months
        year, month = divmod(index, 12)
        first_of_next = date(year + month // 11, (month + 1) % 12 + 1, 1)
        last = (first_of_next - timedelta(days=1)).day
        cutoff_day = date(year, month + 1, min(self.day_of_month, last))
        return deadline_on(cutoff_day, self.at_time, zone, self.boundary)


@dataclass(frozen=True, slots=True)
class DateList:
    """One published date for each service month: `dates` are (year, month of service, date of the limit)."""

    dates: tuple[tuple[int, int, date], ...]
    at_time: time = LAST_MINUTE
    boundary: Boundary = Boundary.UNTIL

    def deadline(self, day: date, _calendar: Calendar, zone: ZoneInfo) -> Deadline:
        """Will return the limit of the month of `day`; raises ImpossibleCutoffError when none is published."""
        for year, month, limit in self.dates:
            if (year, month) == (day.year, day.month):
                return deadline_on(limit, self.at_time, zone, self.boundary)
        message = "aucune date n’est publiée pour ce mois"
        raise ImpossibleCutoffError(message)


@dataclass(frozen=True, slots=True)
class WindowDates:
    """Service days from `first` to `last`, and the local moments between which one may act on all of them."""

    first: date
    last: date
    closes: datetime
    opens: datetime | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Published opening and closing moments for spans of service days, which do not overlap."""

    windows: tuple[WindowDates, ...]
    boundary: Boundary = Boundary.UNTIL

    def deadline(self, day: date, _calendar: Calendar, zone: ZoneInfo) -> Deadline:
        """Will return the closing moment of the window of `day`; raises ImpossibleCutoffError when it is in none."""
        closes = self.of(day).closes
        return deadline_on(closes.date(), closes.time(), zone, self.boundary)

    def of(self, day: date) -> WindowDates:
        """Will return the window of `day`; raises ImpossibleCutoffError."""
        for window in self.windows:
            if window.first <= day <= window.last:
                return window
        message = "ce jour n’est dans aucune période publiée"
        raise ImpossibleCutoffError(message)


@dataclass(frozen=True, slots=True)
class LastSchoolDay:
    """The `count`-th last day of class before the school holidays that precede the service day, at a time."""

    count: int = 1
    at_time: time = MIDNIGHT
    boundary: Boundary = Boundary.BEFORE

    def deadline(self, day: date, calendar: Calendar, zone: ZoneInfo) -> Deadline:
        """Will return the limit for `day`; raises ImpossibleCutoffError when no holidays precede it."""
        reached = day
        while calendar.school_holiday(reached) is None:
            reached = _day_before(reached, day)
        left = self.count
        while left:
            reached = _day_before(reached, day)
            left -= calendar.is_school_day(reached)
        return deadline_on(reached, self.at_time, zone, self.boundary)


@dataclass(frozen=True, slots=True)
class Never:
    """Not possible online: a firm purchase."""

    def deadline(self, _day: date, _calendar: Calendar, _zone: ZoneInfo) -> None:
        """Will return None, always."""


Cutoff = WeekdayTable | WeekCutoff | Offset | SameDay | MonthCutoff | DateList | Window | LastSchoolDay | Never


def opening_of(cutoff: Cutoff, day: date, zone: ZoneInfo) -> datetime | None:
    """Will return the moment before which the shape itself does not let one act on `day`, None when at once."""
    if isinstance(cutoff, SameDay) and cutoff.from_time is not None:
        return local_moment(datetime.combine(day, cutoff.from_time), zone)
    if isinstance(cutoff, Window) and (opens := cutoff.of(day).opens) is not None:
        return local_moment(opens, zone)
    return None


def needs_school_calendar(cutoff: Cutoff) -> bool:
    """Will tell whether the limit depends on which days are taught: not published yet, it is only an estimate."""
    match cutoff:
        case Offset(unit=unit, not_counted=not_counted):
            return unit is Unit.SCHOOL_DAY or Obstacle.SCHOOL_HOLIDAY in not_counted
        case LastSchoolDay():
            return True
        case _:
            return False


def deadline_on(day: date, at_time: time, zone: ZoneInfo, boundary: Boundary) -> Deadline:
    """Will return the limit on `day` at `at_time` by the clocks of `zone`."""
    return Deadline(local_moment(datetime.combine(day, at_time), zone), boundary)


def local_moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """Will return the moment when the clocks of `zone` show `wall` (naive): the first of two the night they go back.

    A time skipped by the night the clock changes is the same instant, an hour later on the new clock.
    """
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)


def _day_before(day: date, service_day: date) -> date:
    before = day - timedelta(days=1)
    if (service_day - before).days > FURTHEST_DAYS_BACK:
        message = "aucun jour de ce genre dans l’année qui précède"
        raise ImpossibleCutoffError(message)
    return before
