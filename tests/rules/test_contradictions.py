"""What no calendar can make sense of is found before it is recorded, with the first day on which it shows."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings

from marelle.domain.catalog.rules.absences import AbsenceClause, AbsenceRules, Notice
from marelle.domain.catalog.rules.acts import EVERYONE, RESIDENT, Act, Late, OpeningWave
from marelle.domain.catalog.rules.closings import Closing
from marelle.domain.catalog.rules.contradictions import (
    CLOSES_FIRST,
    LATE_BEFORE,
    LATE_NEVER,
    NO_SCHOOL_CALENDAR,
    Contradiction,
    contradictions,
)
from marelle.domain.catalog.rules.cutoffs import (
    DateList,
    Never,
    Offset,
    SameDay,
    Unit,
    WeekdayTable,
    Window,
    WindowDates,
)
from marelle.domain.catalog.rules.pricing import FULL_PRICE
from marelle.domain.catalog.rules.quotas import AtLeast, AtMost, Excludes, Requires, WholeWeek
from marelle.domain.catalog.rules.reglements import Reglement
from marelle.domain.catalog.rules.simulation import OUT_OF_CALENDAR
from marelle.domain.catalog.rules.spans import Per
from marelle.foundation.school_days import Calendar
from tests.rules.strategies import reglements
from tests.rules.test_simulation import CALENDAR, DAYS, FIRST, LAST, PARIS

NINE = time(9)
VEILLE = Closing(Offset(1, Unit.DAY, NINE))
NEVER = Closing(Never())
MONDAY = DAYS[0]


def found(rules, days=DAYS, calendar=CALENDAR, zone=PARIS):
    return contradictions(rules, days, calendar=calendar, zone=zone, ends_at=time(13, 30))


def booking(closes=VEILLE, opens=(), late=None):
    return Reglement(Act(closes, opens, late), Act(VEILLE))


def at(year, month, day, hour=9):
    return datetime(year, month, day, hour)  # noqa: DTZ001  by the clocks of the authority


class TestOpenings:
    def test_a_rule_that_opens_in_time_is_fine(self):
        assert found(booking(opens=(OpeningWave(EVERYONE, at(2026, 8, 20)),))) == ()

    def test_closing_before_opening_is_told_once_with_its_first_day(self):
        wave = OpeningWave(EVERYONE, at(2026, 10, 1))

        assert found(booking(opens=(wave,))) == (Contradiction("book", CLOSES_FIRST, MONDAY),)

    def test_opening_at_the_very_moment_of_closing_is_too_late(self):
        wave = OpeningWave(EVERYONE, Offset(1, Unit.DAY, NINE))

        assert found(booking(opens=(wave,)))[0].reason == CLOSES_FIRST

    def test_one_minute_is_enough(self):
        wave = OpeningWave(EVERYONE, Offset(1, Unit.DAY, time(8, 59)))

        assert found(booking(opens=(wave,))) == ()

    def test_a_window_that_opens_after_the_service_began(self):
        window = Window((WindowDates(FIRST, LAST, at(2027, 6, 1), at(2027, 5, 1)),))

        assert found(booking(Closing(window)))[0] == Contradiction("book", CLOSES_FIRST, MONDAY)

    def test_some_families_may_come_too_late_for_the_first_days(self):
        waves = (OpeningWave(RESIDENT, at(2026, 8, 20)), OpeningWave("voisins", at(2026, 10, 1)))

        assert found(booking(opens=waves)) == ()

    def test_but_not_for_every_day(self):
        waves = (OpeningWave(RESIDENT, at(2026, 8, 20)), OpeningWave("voisins", at(2028, 10, 1)))

        (wrong,) = found(booking(opens=waves))

        assert (wrong.key, wrong.day) == ("book.opens.1", None)
        assert found(booking(opens=waves), days=()) == ()

    def test_a_late_step_gives_time_to_those_who_open_late(self):
        waves = (OpeningWave(EVERYONE, Offset(1, Unit.DAY, time(10))),)

        assert found(booking(opens=waves, late=Late(FULL_PRICE))) == ()
        shut = Late(FULL_PRICE, Closing(Offset(2, Unit.DAY, NINE)))
        assert {one.reason for one in found(booking(opens=waves, late=shut))} == {CLOSES_FIRST, LATE_BEFORE}

    def test_nobody_waits_for_what_is_never_online(self):
        waves = (OpeningWave(EVERYONE, at(2099, 1, 1)),)

        assert found(booking(NEVER, waves)) == ()

    def test_a_wave_that_never_opens(self):
        assert found(booking(opens=(OpeningWave(EVERYONE, Never()),)))[0].reason == CLOSES_FIRST


class TestSecondStep:
    @pytest.mark.parametrize(
        ("until", "reason"),
        [
            (None, None),
            (Closing(SameDay(time(8))), None),
            (Closing(Offset(2, Unit.DAY, NINE)), LATE_BEFORE),
            (NEVER, LATE_NEVER),
            (Closing(WeekdayTable(((2, 0, NINE),))), LATE_NEVER),
        ],
    )
    def test_it_must_come_second(self, until, reason):
        reasons = [one.reason for one in found(booking(late=Late(FULL_PRICE, until)))]

        assert reasons == ([reason] if reason else [])

    def test_nothing_is_late_for_what_is_never_online(self):
        assert found(booking(NEVER, late=Late(FULL_PRICE, NEVER))) == ()


class TestCalendars:
    def test_a_list_of_dates_with_a_gap(self):
        dates = DateList(((2026, 9, date(2026, 8, 20)), (2026, 11, date(2026, 10, 20))))

        (gap,) = found(Reglement(Act(VEILLE), Act(Closing(dates))))

        assert gap == Contradiction("cancel", "aucune date n’est publiée pour ce mois", date(2026, 10, 1))

    def test_days_of_class_without_a_school_calendar(self):
        rules = Reglement(Act(VEILLE), Act(Closing(Offset(1, Unit.SCHOOL_DAY, NINE))))

        assert found(rules, calendar=Calendar()) == (Contradiction("cancel", NO_SCHOOL_CALENDAR),)
        assert found(booking(), calendar=Calendar()) == ()

    def test_a_date_that_no_clock_shows(self):
        window = Window((WindowDates(FIRST, LAST, at(9999, 12, 31, 23)),))
        rules = Reglement(
            Act(VEILLE),
            Act(VEILLE),
            Act(Closing(window)),
            absence=AbsenceRules((AbsenceClause(), AbsenceClause(told=Notice(window)))),
        )

        reasons = found(rules, zone=ZoneInfo("America/Cayenne"))

        assert reasons == (
            Contradiction("change", OUT_OF_CALENDAR, MONDAY),
            Contradiction("absence.clauses.1.told", OUT_OF_CALENDAR, MONDAY),
        )

    def test_the_hour_of_a_notice_that_the_calendar_cannot_give(self):
        clauses = (
            AbsenceClause(told=Notice(SameDay(NINE))),
            AbsenceClause(told=Notice(DateList(((2026, 9, date(2026, 8, 20)),)))),
        )
        rules = Reglement(Act(VEILLE), Act(VEILLE), absence=AbsenceRules(clauses))

        (wrong,) = found(rules)

        assert (wrong.key, wrong.day) == ("absence.clauses.1.told", date(2026, 10, 1))


class TestLimits:
    @pytest.mark.parametrize(
        ("quotas", "keys"),
        [
            ((AtLeast(3, Per.WEEK), AtMost(2, Per.WEEK)), ["limits.0"]),
            ((AtMost(4, Per.WEEK), AtMost(2, Per.WEEK), AtLeast(3, Per.WEEK)), ["limits.2"]),
            ((AtMost(2, Per.WEEK), AtMost(4, Per.WEEK), AtLeast(3, Per.WEEK)), ["limits.2"]),
            ((AtLeast(2, Per.WEEK), AtMost(2, Per.WEEK)), []),
            ((AtLeast(3, Per.WEEK), AtMost(2, Per.MONTH)), []),
            ((AtLeast(3, Per.WEEK),), []),
            ((Excludes(("a",)), Requires(("a",))), ["limits.1"]),
            ((Excludes(("a",)), Requires(("a", "b"))), []),
            ((Excludes(("a",)), Excludes(("b",)), Requires(("a", "b"))), ["limits.2"]),
            ((WholeWeek(),), []),
        ],
    )
    def test_limits_that_nobody_can_keep(self, quotas, keys):
        assert [one.key for one in found(Reglement(Act(VEILLE), Act(VEILLE), quotas=quotas))] == keys

    def test_they_are_told_even_where_the_calendar_is_missing(self):
        rules = Reglement(
            Act(Closing(Offset(1, Unit.SCHOOL_DAY, NINE))),
            Act(VEILLE),
            quotas=(AtLeast(3, Per.WEEK), AtMost(2, Per.WEEK)),
        )

        assert [one.key for one in found(rules, calendar=Calendar())] == ["limits.0", "book"]


@pytest.mark.law
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(reglements())
def test_whatever_can_be_written_is_judged_without_an_exception_each_fault_once(reglement):
    faults = found(reglement, days=DAYS[::5])

    assert len({(one.key, one.reason) for one in faults}) == len(faults)


def test_a_table_says_something_of_each_open_day_to_book_and_of_those_it_likes_to_cancel():
    mondays = WeekdayTable(((0, 4, time(9)),))
    others = {"mardi", "mercredi", "jeudi", "vendredi"}

    forgotten = found(booking(Closing(mondays)))
    not_given_back = found(Reglement(Act(VEILLE), Act(Closing(mondays))))

    assert {one.key for one in forgotten} == {"book"}
    assert {one.reason for one in forgotten} <= {
        f"le tableau ne dit rien du {day}, où le service est ouvert" for day in others
    }
    assert len(forgotten) >= 2
    assert not_given_back == ()
