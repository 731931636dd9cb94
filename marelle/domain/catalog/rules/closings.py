"""When an act closes: a cut-off, what replaces it in stated circumstances, and what the calendar does to its day.

« Si le lundi est férié… », « pour le jour de la rentrée… », « si la limite tombe un jour férié, la veille »: each is
an explicit choice of the règlement. What it does not choose leaves the limit where the shape puts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from marelle.domain.catalog.rules.cutoffs import (
    FURTHEST_DAYS_BACK,
    Cutoff,
    Deadline,
    ImpossibleCutoffError,
    Obstacle,
    WeekdayTable,
    deadline_on,
    needs_school_calendar,
    opening_of,
)

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from marelle.foundation.school_days import Calendar


class Direction(StrEnum):
    """Where a limit goes that may not fall on a day."""

    BEFORE = "before"
    AFTER = "after"


class When(StrEnum):
    """A circumstance of the service day in which another cut-off holds."""

    PUBLIC_HOLIDAY_IN_WEEK = "public_holiday"  # a given weekday of the service week is a public holiday
    AFTER_PUBLIC_HOLIDAY = "after_public_holiday"  # the weekday before the service day is a public holiday
    FIRST_SCHOOL_DAY = "first_school_day"  # the day class starts again after holidays
    FIRST_WEEK = "first_week"  # the week in which class starts again
    SCHOOL_HOLIDAYS = "school_holidays"  # the service day is in school holidays


@dataclass(frozen=True, slots=True)
class Circumstance:
    """A circumstance; `weekday` (0 Monday … 6 Sunday) only for a public holiday in the service week."""

    when: When
    weekday: int | None = None

    def holds(self, day: date, calendar: Calendar) -> bool:
        """Will tell whether the service day `day` is in this circumstance."""
        match self.when:
            case When.PUBLIC_HOLIDAY_IN_WEEK:
                in_week = day + timedelta(days=(self.weekday or 0) - day.weekday())
                return calendar.public_holiday(in_week) is not None
            case When.AFTER_PUBLIC_HOLIDAY:
                before = day - timedelta(days=1)
                while calendar.is_weekend(before) and calendar.public_holiday(before) is None:
                    before -= timedelta(days=1)
                return calendar.public_holiday(before) is not None
            case When.FIRST_SCHOOL_DAY:
                return calendar.is_first_school_day(day)
            case When.FIRST_WEEK:
                monday = day - timedelta(days=day.weekday())
                week = (monday + timedelta(days=offset) for offset in range(7))
                return any(calendar.is_first_school_day(each) for each in week)
            case When.SCHOOL_HOLIDAYS:
                return calendar.school_holiday(day) is not None


@dataclass(frozen=True, slots=True)
class Replacement:
    """In these circumstances, this cut-off instead; for a weekday that its table does not name, the main one."""

    circumstance: Circumstance
    cutoff: Cutoff


@dataclass(frozen=True, slots=True)
class Closing:
    """Until when an act is possible.

    `replacements` are tried in order, the first that holds decides. `moves` say, for each kind of day on which the
    limit may not fall, whether it goes to the day before or after, at the same hour.
    """

    cutoff: Cutoff
    replacements: tuple[Replacement, ...] = ()
    moves: tuple[tuple[Obstacle, Direction], ...] = ()

    def cutoff_for(self, day: date, calendar: Calendar) -> Cutoff:
        """Will return the cut-off that decides for `day`, before any move."""
        for replacement in self.replacements:
            if replacement.circumstance.holds(day, calendar):
                # « Jamais » is an answer; a table that does not name that weekday gives none.
                is_silent = isinstance(replacement.cutoff, WeekdayTable) and not replacement.cutoff.names(day)
                return self.cutoff if is_silent else replacement.cutoff
        return self.cutoff

    def deadline(self, day: date, calendar: Calendar, zone: ZoneInfo) -> Deadline | None:
        """Will return the limit for `day`, None when never; raises ImpossibleCutoffError."""
        found = self.cutoff_for(day, calendar).deadline(day, calendar, zone)
        return self._moved(found, calendar, zone) if found is not None and self.moves else found

    def opening(self, day: date, calendar: Calendar, zone: ZoneInfo) -> datetime | None:
        """Will return the moment before which the shape lets nobody act on `day`; raises ImpossibleCutoffError."""
        return opening_of(self.cutoff_for(day, calendar), day, zone)

    @property
    def needs_school_calendar(self) -> bool:
        """Will tell whether it depends on which days are taught."""
        return (
            needs_school_calendar(self.cutoff)
            or any(
                needs_school_calendar(each.cutoff)
                or each.circumstance.when in {When.FIRST_SCHOOL_DAY, When.FIRST_WEEK, When.SCHOOL_HOLIDAYS}
                for each in self.replacements
            )
            or any(obstacle is Obstacle.SCHOOL_HOLIDAY for obstacle, _direction in self.moves)
        )

    def _moved(self, found: Deadline, calendar: Calendar, zone: ZoneInfo) -> Deadline:
        first = reached = found.moment.date()
        way: Direction | None = None
        while (met := self._obstacle(reached, calendar)) is not None:
            way = way or met
            reached += timedelta(days=-1 if way is Direction.BEFORE else 1)
            if abs((reached - first).days) > FURTHEST_DAYS_BACK:
                message = "aucun jour où cette limite puisse tomber"
                raise ImpossibleCutoffError(message)
        if way is None:
            return found
        return deadline_on(reached, found.moment.time(), zone, found.boundary)

    def _obstacle(self, day: date, calendar: Calendar) -> Direction | None:
        for obstacle, direction in self.moves:
            if obstacle.holds(day, calendar):
                return direction
        return None
