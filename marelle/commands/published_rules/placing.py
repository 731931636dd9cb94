"""A rule placed on a service day by the portal's own functions, within what the file's calendar says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from marelle.commands.published_rules.published_calendar import PublishedCalendar
from marelle.commands.published_rules.shapes import NotExpressed
from marelle.domain.catalog.rules.acts import Act, ActTimes, times_of
from marelle.domain.catalog.rules.closings import Closing
from marelle.domain.catalog.rules.cutoffs import Boundary, Cutoff, Deadline, Offset, Unit, WeekdayTable, local_moment
from marelle.foundation.periods import monday_of
from marelle.foundation.school_days import Calendar


class OutsideCalendarError(Exception):
    """The rule counts days about which the file's calendar says nothing."""


@dataclass(frozen=True)
class World:
    """Where an entry lives: its clocks, its school zone (None: not given) and the calendar of its file."""

    zone: ZoneInfo
    school_zone: str | None
    published: PublishedCalendar

    @cached_property
    def calendar(self) -> Calendar:
        """Will return the calendar in which days are counted."""
        return self.published.of(self.school_zone)

    def end_of(self, day: date) -> datetime:
        """Will return the midnight that ends `day`."""
        return local_moment(datetime.combine(day + timedelta(days=1), time(0)), self.zone)


def placed(act: Act, day: date, world: World) -> ActTimes:
    """Will place an act on `day`, the service being over at midnight.

    Raises NotExpressed when the rule says nothing of such a day, OutsideCalendarError when the calendar does not,
    ImpossibleCutoffError when no limit comes out.
    """
    closings = [act.closes] + ([act.late.until] if act.late is not None and act.late.until is not None else [])
    for closing in closings:
        _check_is_said(closing, day, world)
    times = times_of(act, day, world.calendar, world.zone, over=Deadline(world.end_of(day), Boundary.BEFORE))
    limits = [limit.moment.date() for limit in (times.closes, times.late_closes) if limit is not None]
    for closing in closings:
        _check_is_known(closing, (min([day, *limits]), max([day, *limits])), world)
    return times


def _check_is_said(closing: Closing, day: date, world: World) -> None:
    cutoff = closing.cutoff_for(day, world.calendar)
    for each in (cutoff, closing.cutoff):
        if isinstance(each, WeekdayTable) and day.weekday() in {row[0] for row in each.table}:
            return
    if isinstance(cutoff, WeekdayTable):
        raise NotExpressed("le tableau ne dit rien de ce jour de la semaine")


def _check_is_known(closing: Closing, span: tuple[date, date], world: World) -> None:
    if _counts_public_holidays(closing.cutoff) and not world.published.knows_public_holidays(span):
        raise OutsideCalendarError
    week = (min(span[0], monday_of(span[1])), span[1])
    if closing.replacements and not world.published.knows_public_holidays(week):
        raise OutsideCalendarError
    if closing.needs_school_calendar:
        if world.school_zone is None:
            raise NotExpressed("zone de vacances scolaires non donnée (zone)")
        if not world.published.knows_school_holidays(world.school_zone, span):
            raise OutsideCalendarError
    if world.published.unknown and (closing.replacements or _counts_public_holidays(closing.cutoff)):
        raise NotExpressed(f"champ inconnu « {world.published.unknown[0]} » (meta.calendar)")


def _counts_public_holidays(cutoff: Cutoff) -> bool:
    return isinstance(cutoff, Offset) and cutoff.unit in {Unit.WORKING_DAY, Unit.SCHOOL_DAY}
