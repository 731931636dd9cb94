"""What the calendar does to a limit: another rule in stated circumstances, another day when it may not fall there."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from marelle.domain.catalog.rules.closings import Circumstance, Closing, Direction, Replacement, When
from marelle.domain.catalog.rules.cutoffs import (
    Boundary,
    ImpossibleCutoffError,
    LastSchoolDay,
    Never,
    Obstacle,
    Offset,
    SameDay,
    Unit,
    WeekCutoff,
    WeekdayTable,
    Window,
    WindowDates,
)
from marelle.foundation.school_days import Calendar, NamedDays
from tests.rules.test_cutoffs import CALENDAR, MON, NINE, PARIS, THU, TUE, WED, paris, wall

EVE = Offset(1, Unit.DAY, NINE)
THURSDAY = WeekCutoff(THU, NINE)
BEFORE, AFTER = Direction.BEFORE, Direction.AFTER


def in_week(weekday):
    return Circumstance(When.PUBLIC_HOLIDAY_IN_WEEK, weekday)


AFTER_HOLIDAY = Circumstance(When.AFTER_PUBLIC_HOLIDAY)
FIRST_DAY = Circumstance(When.FIRST_SCHOOL_DAY)
FIRST_WEEK = Circumstance(When.FIRST_WEEK)
HOLIDAYS = Circumstance(When.SCHOOL_HOLIDAYS)

# Public holidays: Sunday 1 and Wednesday 11 November 2026, Friday 25 December, Friday 1 January 2027, Monday 29 March,
# Thursday 6 May. Class starts again on Monday 2 November, Monday 4 January and Monday 19 April.
CIRCUMSTANCES = {
    "the Monday of the week is a public holiday": (in_week(MON), date(2027, 4, 1), True),
    "it is the service day itself": (in_week(WED), date(2026, 11, 11), True),
    "it comes later in the week": (in_week(WED), date(2026, 11, 9), True),
    "it is of the same week on its Sunday": (in_week(WED), date(2026, 11, 15), True),
    "another weekday of the week is": (in_week(MON), date(2026, 11, 12), False),
    "that of the next week is": (in_week(MON), date(2027, 3, 28), False),
    "that of the week before was": (in_week(MON), date(2027, 4, 5), False),
    "the eve is a public holiday": (AFTER_HOLIDAY, date(2026, 11, 12), True),
    "Monday, after a Friday off": (AFTER_HOLIDAY, date(2026, 12, 28), True),
    "Monday, after a Sunday off": (AFTER_HOLIDAY, date(2026, 11, 2), True),
    "Sunday, after a Friday off": (AFTER_HOLIDAY, date(2026, 12, 27), True),
    "Monday, after a Friday like others": (AFTER_HOLIDAY, date(2026, 11, 23), False),
    "the public holiday itself": (AFTER_HOLIDAY, date(2026, 11, 11), False),
    "two days after": (AFTER_HOLIDAY, date(2026, 11, 13), False),
    "class starts again": (FIRST_DAY, date(2026, 11, 2), True),
    "the second day of class": (FIRST_DAY, date(2026, 11, 3), False),
    "the first day of the holidays": (FIRST_DAY, date(2026, 10, 17), False),
    "the week class starts again, on its first day": (FIRST_WEEK, date(2026, 11, 2), True),
    "the week class starts again, on its last": (FIRST_WEEK, date(2026, 11, 8), True),
    "the Sunday before that week": (FIRST_WEEK, date(2026, 11, 1), False),
    "the Monday after that week": (FIRST_WEEK, date(2026, 11, 9), False),
    "the first day of the holidays, a Saturday": (HOLIDAYS, date(2026, 10, 17), True),
    "the last day of the holidays": (HOLIDAYS, date(2026, 11, 1), True),
    "the eve of the holidays": (HOLIDAYS, date(2026, 10, 16), False),
    "the day after the holidays": (HOLIDAYS, date(2026, 11, 2), False),
}


@pytest.mark.parametrize(("circumstance", "day", "holds"), CIRCUMSTANCES.values(), ids=CIRCUMSTANCES.keys())
def test_a_service_day_is_in_a_circumstance_or_not(circumstance, day, holds):
    assert circumstance.holds(day, CALENDAR) is holds


def test_a_saturday_off_is_behind_the_monday_that_follows():
    first_of_may = Calendar(public_holidays=(NamedDays("Fête du Travail", date(2027, 5, 1), date(2027, 5, 1)),))

    assert AFTER_HOLIDAY.holds(date(2027, 5, 3), first_of_may)


def test_the_first_week_may_begin_on_a_thursday():
    until_wednesday = Calendar(school_holidays=(NamedDays("Été", date(2026, 7, 4), date(2026, 9, 2)),))

    days = [day for day in range(1, 14) if FIRST_WEEK.holds(date(2026, 9, day), until_wednesday)]

    assert days == [1, 2, 3, 4, 5, 6]


NEVER_IN_HOLIDAYS = Closing(EVE, (Replacement(HOLIDAYS, Never()),))
FIRST_DAY_FROM_LAST = Closing(EVE, (Replacement(FIRST_DAY, LastSchoolDay(1, NINE)),))
WEDNESDAY_IF_THURSDAY_OFF = Closing(
    THURSDAY, (Replacement(in_week(MON), WeekCutoff(WED, NINE)), Replacement(in_week(THU), WeekCutoff(TUE, NINE)))
)
ONLY_MONDAYS = WeekdayTable(((MON, TUE, NINE),))
A_TABLE_IN_THE_FIRST_WEEK = Closing(EVE, (Replacement(FIRST_WEEK, ONLY_MONDAYS),))
TWO_THAT_HOLD = Closing(EVE, (Replacement(FIRST_WEEK, SameDay(NINE)), Replacement(FIRST_DAY, Never())))

REPLACED = {
    "the day class starts again: the last day of class": (
        FIRST_DAY_FROM_LAST,
        date(2026, 11, 2),
        paris(2026, 10, 16, 9),
    ),
    "any other day: the main rule": (FIRST_DAY_FROM_LAST, date(2026, 11, 3), paris(2026, 11, 2, 9)),
    "never in the holidays": (NEVER_IN_HOLIDAYS, date(2026, 10, 20), None),
    "but in term": (NEVER_IN_HOLIDAYS, date(2026, 11, 3), paris(2026, 11, 2, 9)),
    "Monday off: a day earlier the week before": (WEDNESDAY_IF_THURSDAY_OFF, date(2027, 4, 1), paris(2027, 3, 24, 9)),
    "Thursday off: two days earlier": (WEDNESDAY_IF_THURSDAY_OFF, date(2027, 5, 4), paris(2027, 4, 27, 9)),
    "an ordinary week": (WEDNESDAY_IF_THURSDAY_OFF, date(2026, 11, 24), paris(2026, 11, 19, 9)),
    "the first that holds decides": (TWO_THAT_HOLD, date(2026, 11, 2), paris(2026, 11, 2, 9)),
    "a weekday of the other table": (A_TABLE_IN_THE_FIRST_WEEK, date(2026, 11, 2), paris(2026, 10, 27, 9)),
    "a weekday that it does not name": (A_TABLE_IN_THE_FIRST_WEEK, date(2026, 11, 3), paris(2026, 11, 2, 9)),
}


@pytest.mark.parametrize(("closing", "day", "expected"), REPLACED.values(), ids=REPLACED.keys())
def test_another_rule_in_a_circumstance(closing, day, expected):
    found = closing.deadline(day, CALENDAR, PARIS)

    assert (found.moment if found else None) == expected


def moved(cutoff, *moves):
    return Closing(cutoff, moves=moves)


OFF_BEFORE = (Obstacle.PUBLIC_HOLIDAY, BEFORE)
OFF_AFTER = (Obstacle.PUBLIC_HOLIDAY, AFTER)
WEEKEND_BEFORE = (Obstacle.WEEKEND, BEFORE)
WEEKEND_AFTER = (Obstacle.WEEKEND, AFTER)

MOVES = {
    "a limit that falls on nothing stays": (
        moved(EVE, OFF_BEFORE, WEEKEND_AFTER),
        date(2026, 11, 26),
        paris(2026, 11, 25, 9),
    ),
    "a public holiday: the day before": (moved(EVE, OFF_BEFORE), date(2026, 11, 12), paris(2026, 11, 10, 9)),
    "a public holiday: the day after": (moved(EVE, OFF_AFTER), date(2026, 11, 12), paris(2026, 11, 12, 9)),
    "a Sunday: two days before": (moved(EVE, WEEKEND_BEFORE), date(2026, 11, 23), paris(2026, 11, 20, 9)),
    "a Sunday: the Monday itself": (moved(EVE, WEEKEND_AFTER), date(2026, 11, 23), paris(2026, 11, 23, 9)),
    "a public holiday goes back onto a Sunday, which is not named": (
        moved(EVE, OFF_BEFORE),
        date(2027, 3, 30),
        paris(2027, 3, 28, 9),
    ),
    "or which is: on to Friday": (
        moved(EVE, OFF_BEFORE, WEEKEND_BEFORE),
        date(2027, 3, 30),
        paris(2027, 3, 26, 9),
    ),
    "the way of the first day met is kept to the end": (
        moved(EVE, OFF_BEFORE, WEEKEND_AFTER),
        date(2027, 3, 30),
        paris(2027, 3, 26, 9),
    ),
    "the other way too": (
        moved(Offset(2, Unit.DAY, NINE), OFF_BEFORE, WEEKEND_AFTER),
        date(2027, 3, 30),
        paris(2027, 3, 30, 9),
    ),
    "a day that is two kinds at once: the first named": (
        moved(EVE, OFF_AFTER, WEEKEND_BEFORE),
        date(2026, 11, 2),
        paris(2026, 11, 2, 9),
    ),
    "the first named, the other way round": (
        moved(EVE, WEEKEND_BEFORE, OFF_AFTER),
        date(2026, 11, 2),
        paris(2026, 10, 30, 9),
    ),
    "out of the school holidays": (
        moved(Offset(3, Unit.DAY, NINE), (Obstacle.SCHOOL_HOLIDAY, BEFORE)),
        date(2026, 11, 3),
        paris(2026, 10, 16, 9),
    ),
    "off a bridge day": (
        moved(Offset(3, Unit.DAY, NINE), (Obstacle.BRIDGE_DAY, BEFORE)),
        date(2027, 5, 10),
        paris(2027, 5, 6, 9),
    ),
    "to a day when the town hall is open": (
        moved(Offset(3, Unit.DAY, NINE), (Obstacle.TOWN_HALL_SHUT, AFTER)),
        date(2026, 11, 30),
        paris(2026, 11, 30, 9),
    ),
    "what replaces the rule is moved like it": (
        Closing(EVE, (Replacement(AFTER_HOLIDAY, Offset(1, Unit.DAY, time(12))),), (OFF_BEFORE,)),
        date(2026, 11, 12),
        paris(2026, 11, 10, 12),
    ),
}


@pytest.mark.parametrize(("closing", "day", "expected"), MOVES.values(), ids=MOVES.keys())
def test_a_limit_may_not_fall_on_such_a_day(closing, day, expected):
    assert closing.deadline(day, CALENDAR, PARIS).moment == expected


def test_a_limit_that_moves_keeps_its_side():
    closing = moved(Offset(1, Unit.DAY, NINE, Boundary.UNTIL), OFF_BEFORE)

    assert closing.deadline(date(2026, 11, 12), CALENDAR, PARIS).boundary is Boundary.UNTIL


def test_a_limit_that_moves_over_a_night_the_clocks_change_keeps_its_hour():
    closing = moved(Offset(1, Unit.DAY, NINE), WEEKEND_BEFORE)

    limit = closing.deadline(date(2026, 10, 26), CALENDAR, PARIS)

    assert limit.moment.astimezone(UTC) == datetime(2026, 10, 23, 7, tzinfo=UTC)


def test_what_never_closes_is_not_moved():
    assert moved(Never(), OFF_BEFORE).deadline(date(2026, 11, 12), CALENDAR, PARIS) is None


@pytest.mark.parametrize("way", Direction)
def test_a_limit_without_any_day_to_fall_on_is_a_mistake(way):
    never_open = Calendar(town_hall_weekdays=frozenset())

    with pytest.raises(ImpossibleCutoffError) as impossible:
        moved(EVE, (Obstacle.TOWN_HALL_SHUT, way)).deadline(date(2026, 11, 26), never_open, PARIS)

    assert str(impossible.value) == "aucun jour où cette limite puisse tomber"


@pytest.mark.parametrize(("way", "reached"), [(BEFORE, date(2025, 11, 20)), (AFTER, date(2027, 11, 30))])
def test_it_is_looked_for_as_far_as_any_count_goes(way, reached):
    limit_on = date(2026, 11, 25)

    def off(days):
        first, last = sorted((limit_on, limit_on.fromordinal(limit_on.toordinal() + days)))
        return Calendar(public_holidays=(NamedDays("Congés", first, last),))

    step = -1 if way is BEFORE else 1
    closing = moved(EVE, (Obstacle.PUBLIC_HOLIDAY, way))

    assert closing.deadline(date(2026, 11, 26), off(step * 369), PARIS).moment.date() == reached
    with pytest.raises(ImpossibleCutoffError):
        closing.deadline(date(2026, 11, 26), off(step * 370), PARIS)


WINDOW = Window((WindowDates(date(2026, 11, 1), date(2026, 11, 30), wall(2026, 10, 20), wall(2026, 10, 1, 8)),))
OPENINGS = {
    "of the main rule": (Closing(WINDOW), date(2026, 11, 26), paris(2026, 10, 1, 8)),
    "of what replaces it": (
        Closing(WINDOW, (Replacement(FIRST_WEEK, SameDay(NINE, from_time=time(7))),)),
        date(2026, 11, 3),
        paris(2026, 11, 3, 7),
    ),
    "of what replaces it, at once": (
        Closing(WINDOW, (Replacement(FIRST_WEEK, EVE),)),
        date(2026, 11, 3),
        None,
    ),
    "of the main rule, where a table says nothing": (
        Closing(WINDOW, (Replacement(FIRST_WEEK, ONLY_MONDAYS),)),
        date(2026, 11, 3),
        paris(2026, 10, 1, 8),
    ),
}


@pytest.mark.parametrize(("closing", "day", "expected"), OPENINGS.values(), ids=OPENINGS.keys())
def test_the_opening_is_that_of_the_rule_that_decides(closing, day, expected):
    assert closing.opening(day, CALENDAR, PARIS) == expected


NEEDS = {
    "a plain rule": (Closing(EVE), False),
    "a rule in school days": (Closing(Offset(1, Unit.SCHOOL_DAY)), True),
    "another rule after a public holiday": (Closing(EVE, (Replacement(AFTER_HOLIDAY, SameDay(NINE)),)), False),
    "another rule, in school days": (Closing(EVE, (Replacement(AFTER_HOLIDAY, Offset(1, Unit.SCHOOL_DAY)),)), True),
    "another rule the first day": (Closing(EVE, (Replacement(FIRST_DAY, SameDay(NINE)),)), True),
    "another rule the first week": (Closing(EVE, (Replacement(FIRST_WEEK, SameDay(NINE)),)), True),
    "another rule in the holidays": (Closing(EVE, (Replacement(HOLIDAYS, Never()),)), True),
    "moved off public holidays": (moved(EVE, OFF_BEFORE), False),
    "moved out of school holidays": (moved(EVE, OFF_BEFORE, (Obstacle.SCHOOL_HOLIDAY, BEFORE)), True),
}


@pytest.mark.parametrize(("closing", "needed"), NEEDS.values(), ids=NEEDS.keys())
def test_what_waits_for_the_school_calendar(closing, needed):
    assert closing.needs_school_calendar is needed


def test_an_authority_overseas_moves_by_its_own_days():
    miquelon = ZoneInfo("America/Miquelon")
    closing = moved(SameDay(time(22)), (Obstacle.WEEKEND, BEFORE))

    # Ten in the evening there is Monday in Paris already: the limit still falls on their Sunday.
    limit = closing.deadline(date(2026, 11, 22), CALENDAR, miquelon)

    assert limit.moment == datetime(2026, 11, 20, 22, tzinfo=miquelon)
