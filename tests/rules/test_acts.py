"""An act on a service day: for whom it opens and when, when it closes, what is possible late."""

from datetime import UTC, date, time, timedelta

import pytest

from marelle.domain.catalog.rules.acts import (
    EVERYONE,
    NON_RESIDENT,
    RESIDENT,
    Act,
    ActTimes,
    Count,
    Late,
    OpeningWave,
    times_of,
)
from marelle.domain.catalog.rules.closings import Circumstance, Closing, Replacement, When
from marelle.domain.catalog.rules.cutoffs import (
    Boundary,
    Deadline,
    ImpossibleCutoffError,
    MonthCutoff,
    Never,
    Offset,
    SameDay,
    Unit,
    WeekdayTable,
    Window,
    WindowDates,
    local_moment,
)
from marelle.domain.catalog.rules.pricing import PriceKind, PriceRule
from marelle.domain.catalog.rules.spans import Per
from tests.rules.test_cutoffs import CALENDAR, MON, NINE, PARIS, TUE, paris, wall

DAY = date(2026, 11, 26)
EVE = Closing(Offset(1, Unit.DAY, NINE))
OVER = Deadline(paris(2026, 11, 26, 13, 30), Boundary.BEFORE)
MORE = PriceRule(PriceKind.MORE_PERCENT, 50)
FIRST, SECOND, THIRD = paris(2026, 9, 1, 8), paris(2026, 9, 8, 8), paris(2026, 9, 15, 8)


def times(act, day=DAY, over=OVER):
    return times_of(act, day, CALENDAR, PARIS, over=over)


WAVES = {
    "no wave: at once": ((), None, {RESIDENT}, (True, None)),
    "no wave, but the shape opens": ((), FIRST, {RESIDENT}, (True, FIRST)),
    "one for everyone": (((EVERYONE, FIRST),), None, set(), (True, FIRST)),
    "mine first": (((RESIDENT, FIRST), (EVERYONE, SECOND)), None, {RESIDENT}, (True, FIRST)),
    "not mine: with everyone": (((RESIDENT, FIRST), (EVERYONE, SECOND)), None, {NON_RESIDENT}, (True, SECOND)),
    "mine comes after everyone's": (((EVERYONE, FIRST), (RESIDENT, SECOND)), None, {RESIDENT}, (True, FIRST)),
    "two are mine: the earlier": (((RESIDENT, SECOND), ("agents", FIRST)), None, {RESIDENT, "agents"}, (True, FIRST)),
    "none is mine": (((RESIDENT, FIRST),), None, {NON_RESIDENT}, (False, None)),
    "mine never opens that day": (((RESIDENT, None),), None, {RESIDENT}, (False, None)),
    "mine never opens, everyone's does": (((RESIDENT, None), (EVERYONE, SECOND)), None, {RESIDENT}, (True, SECOND)),
    "the shape opens later than my wave": (((RESIDENT, FIRST),), THIRD, {RESIDENT}, (True, THIRD)),
    "the shape opens earlier than my wave": (((RESIDENT, SECOND),), FIRST, {RESIDENT}, (True, SECOND)),
    "the shape opens, but no wave is mine": (((RESIDENT, FIRST),), THIRD, set(), (False, None)),
}


@pytest.mark.parametrize(("opens", "from_moment", "audiences", "expected"), WAVES.values(), ids=WAVES.keys())
def test_for_whom_it_opens_and_when(opens, from_moment, audiences, expected):
    placed = ActTimes(Act(EVE), OVER, opens, from_moment)

    assert placed.opens_for(frozenset(audiences)) == expected


MOMENTS = {
    "a moment by the authority's clocks": (wall(2026, 7, 1, 8), paris(2026, 7, 1, 8)),
    "a month before the month": (MonthCutoff(1, 1, time(8), Boundary.BEFORE), paris(2026, 10, 1, 8)),
    "thirty days before": (Offset(30, Unit.DAY, time(0)), paris(2026, 10, 27)),
    "two days of class before": (Offset(2, Unit.SCHOOL_DAY, NINE), paris(2026, 11, 23, 9)),
    "never on that weekday": (WeekdayTable(((MON, TUE, NINE),)), None),
}


@pytest.mark.parametrize(("opens", "expected"), MOMENTS.values(), ids=MOMENTS.keys())
def test_when_a_wave_opens(opens, expected):
    wave = OpeningWave(EVERYONE, opens)

    assert wave.moment(DAY, CALENDAR, PARIS) == expected
    assert times(Act(EVE, (wave,))).opens == ((EVERYONE, expected),)


LATE = Act(EVE, late=Late(MORE, Closing(SameDay(time(8)))))
CLOSINGS = {
    "one step": (Act(EVE), paris(2026, 11, 25, 9), None),
    "two steps": (LATE, paris(2026, 11, 25, 9), paris(2026, 11, 26, 8)),
    "late until the service is over": (Act(EVE, late=Late(MORE)), paris(2026, 11, 25, 9), OVER.moment),
    "late, until the day of class before": (
        Act(Closing(Offset(9, Unit.DAY, NINE)), late=Late(MORE, Closing(Offset(1, Unit.SCHOOL_DAY, NINE)))),
        paris(2026, 11, 17, 9),
        paris(2026, 11, 24, 9),
    ),
    "never": (Act(Closing(Never())), None, None),
    "never, and so never late": (Act(Closing(Never()), late=Late(MORE)), None, None),
    "late, but never": (Act(EVE, late=Late(MORE, Closing(Never()))), paris(2026, 11, 25, 9), None),
    "no limit falls after the service": (Act(Closing(SameDay(time(18)))), OVER.moment, None),
    "nor does the second": (
        Act(EVE, late=Late(MORE, Closing(SameDay(time(18))))),
        paris(2026, 11, 25, 9),
        OVER.moment,
    ),
    "« avant » the very end is no later": (Act(Closing(SameDay(time(13, 30)))), OVER.moment, None),
}


@pytest.mark.parametrize(("act", "closes", "late_closes"), CLOSINGS.values(), ids=CLOSINGS.keys())
def test_when_it_closes(act, closes, late_closes):
    placed = times(act)

    assert placed.act is act
    assert (placed.closes.moment if placed.closes else None) == closes
    assert (placed.late_closes.moment if placed.late_closes else None) == late_closes


def test_the_minute_of_the_end_itself_is_over():
    limit = times(Act(Closing(SameDay(time(13, 30), Boundary.UNTIL)))).closes

    assert limit == OVER
    assert limit.is_past(OVER.moment)


def test_the_end_of_a_night_service_is_told_from_the_same_hour_before_the_clocks_go_back():
    night = date(2026, 10, 25)
    over = Deadline(local_moment(wall(2026, 10, 25, 2, 30), PARIS), Boundary.BEFORE)

    limit = times_of(Act(Closing(Offset(1, Unit.HOUR, time(3)))), night, CALENDAR, PARIS, over=over).closes

    assert limit.over_at.astimezone(UTC) == over.moment.astimezone(UTC)


def test_the_shape_itself_opens():
    window = Window((WindowDates(DAY, DAY, wall(2026, 11, 20, 12), wall(2026, 11, 2, 8)),))
    first_day = Replacement(Circumstance(When.AFTER_PUBLIC_HOLIDAY), SameDay(NINE, from_time=time(7)))

    assert times(Act(Closing(window))).from_moment == paris(2026, 11, 2, 8)
    assert times(Act(EVE)).from_moment is None
    assert times(Act(Closing(window, (first_day,))), date(2026, 11, 12)).from_moment == paris(2026, 11, 12, 7)


IMPOSSIBLE = {
    "its closing": Act(Closing(Window(()))),
    "its second step": Act(EVE, late=Late(MORE, Closing(Window(())))),
    "a wave": Act(EVE, (OpeningWave(EVERYONE, Window(())),)),
}


@pytest.mark.parametrize("act", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_a_moment_that_the_calendar_cannot_give_is_not_guessed(act):
    with pytest.raises(ImpossibleCutoffError):
        times(act)


TOLERANCE = {
    "none said": (Late(MORE), [False, False, False], None),
    "the first two free": (Late(MORE, free_first=Count(2, Per.MONTH)), [True, True, False, False], Per.MONTH),
    "only the first two at the price": (Late(MORE, only_first=Count(2, Per.WEEK)), [False, False, True], Per.WEEK),
}


@pytest.mark.parametrize(("late", "ordinary", "per"), TOLERANCE.values(), ids=TOLERANCE.keys())
def test_how_many_late_acts_keep_the_ordinary_price(late, ordinary, per):
    assert [late.is_at_ordinary_price(already) for already in range(len(ordinary))] == ordinary
    assert late.per is per


SCHOOL_DAY = Offset(1, Unit.SCHOOL_DAY)
NEEDS = {
    "nothing of the kind": (Act(EVE, (OpeningWave(EVERYONE, wall(2026, 9, 1)),), Late(MORE, EVE)), False),
    "its closing": (Act(Closing(SCHOOL_DAY)), True),
    "its second step": (Act(EVE, late=Late(MORE, Closing(SCHOOL_DAY))), True),
    "late without a second limit": (Act(EVE, late=Late(MORE)), False),
    "one of its waves": (
        Act(EVE, (OpeningWave(RESIDENT, wall(2026, 9, 1)), OpeningWave(EVERYONE, SCHOOL_DAY))),
        True,
    ),
    "a wave of plain days": (Act(EVE, (OpeningWave(EVERYONE, Offset(30)),)), False),
}


@pytest.mark.parametrize(("act", "needed"), NEEDS.values(), ids=NEEDS.keys())
def test_what_waits_for_the_school_calendar(act, needed):
    assert act.needs_school_calendar is needed


def test_a_limit_later_by_one_minute_is_still_cut_at_the_end():
    over = Deadline(OVER.moment - timedelta(minutes=1), Boundary.UNTIL)
    same = Act(Closing(SameDay(time(13, 30))))

    assert times(same, over=over).closes == Deadline(OVER.moment, Boundary.BEFORE)
    assert times(same, over=Deadline(over.moment, Boundary.BEFORE)).closes.moment == over.moment
