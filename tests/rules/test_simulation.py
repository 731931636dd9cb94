"""A règlement tried before the vote: each day's limits, the odd days by kind, what changes, and never an exception."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marelle.domain.catalog.rules.acts import EVERYONE, RESIDENT, Act, Late, OpeningWave
from marelle.domain.catalog.rules.closings import Circumstance, Closing, Replacement, When
from marelle.domain.catalog.rules.cutoffs import (
    Boundary,
    DateList,
    Deadline,
    MonthCutoff,
    Never,
    Offset,
    SameDay,
    Unit,
    WeekCutoff,
    WeekdayTable,
    Window,
    WindowDates,
)
from marelle.domain.catalog.rules.days import NO_REGLEMENT
from marelle.domain.catalog.rules.opening import OpeningDays
from marelle.domain.catalog.rules.pricing import FULL_PRICE
from marelle.domain.catalog.rules.public_holidays import estimated_until, published_public_holidays
from marelle.domain.catalog.rules.reglements import Reglement
from marelle.domain.catalog.rules.simulation import (
    OUT_OF_CALENDAR,
    Limits,
    Oddity,
    Simulated,
    Trial,
    limits_of,
    open_days,
    simulate,
)
from marelle.domain.catalog.rules.trial_sentences import NEVER, ODDITIES, limit_in_words
from marelle.domain.catalog.rules.written import read_reglement, write_reglement
from marelle.foundation.periods import Period
from marelle.foundation.school_days import Calendar, NamedDays
from tests.rules.strategies import reglements

PARIS = ZoneInfo("Europe/Paris")
MON, TUE, WED, THU, FRI = range(5)
FIRST, LAST = date(2026, 9, 1), date(2027, 7, 2)


def off(name, first, last=None):
    return NamedDays(name, first, last or first)


CALENDAR = Calendar(
    school_holidays=(
        off("Toussaint", date(2026, 10, 17), date(2026, 11, 1)),
        off("Noël", date(2026, 12, 19), date(2027, 1, 3)),
        off("Été", date(2027, 7, 3), date(2027, 8, 31)),
    ),
    public_holidays=tuple(published_public_holidays("77", date(2026, 1, 1), date(2027, 12, 31))),
    known_until=date(2027, 8, 31),
    town_hall_closures=(off("Inventaire", date(2026, 11, 26)),),
)
OPENING = OpeningDays(Period(FIRST, LAST), frozenset({MON, TUE, THU, FRI}), frozenset())
DAYS = open_days(OPENING, (), CALENDAR, first=FIRST, last=LAST)


def rule(cutoff, cancel=None, **act):
    book = Act(Closing(cutoff), **act)
    return Reglement(book, Act(Closing(cancel or cutoff)))


def tried(rules, before=None, *, days=DAYS, calendar=CALENDAR, ends_at=time(13, 30)):
    return simulate(
        lambda _day: rules,
        days,
        before_on=(lambda _day: before) if before is not None else None,
        calendar=calendar,
        zone=PARIS,
        ends_at=ends_at,
    )


def of(trial, day):
    (found,) = (one for one in trial.days if one.day == day)
    return found


DAY_BEFORE = rule(Offset(1, Unit.DAY, time(9)))
CLASS_DAY_BEFORE = rule(Offset(1, Unit.SCHOOL_DAY, time(9)))


class TestOddDays:
    @pytest.mark.parametrize(
        ("rules", "day", "odd"),
        [
            (DAY_BEFORE, date(2026, 11, 30), {Oddity.ON_SUNDAY}),
            (rule(Offset(2, Unit.DAY, time(9))), date(2026, 11, 30), {Oddity.ON_SATURDAY}),
            (DAY_BEFORE, date(2026, 11, 12), {Oddity.ON_PUBLIC_HOLIDAY}),
            (rule(Offset(4, Unit.DAY, time(9))), date(2027, 5, 11), {Oddity.ON_BRIDGE_DAY}),
            (DAY_BEFORE, date(2026, 11, 27), {Oddity.TOWN_HALL_SHUT}),
            (
                DAY_BEFORE,
                date(2027, 1, 4),
                {Oddity.ON_SUNDAY, Oddity.FIRST_SCHOOL_DAY, Oddity.IN_SCHOOL_HOLIDAYS},
            ),
            (CLASS_DAY_BEFORE, date(2027, 1, 4), {Oddity.FIRST_SCHOOL_DAY, Oddity.FAR}),
            (DAY_BEFORE, date(2026, 11, 24), set()),
            (rule(SameDay(time(8))), date(2026, 11, 26), set()),
            (rule(Never()), date(2027, 1, 4), {Oddity.FIRST_SCHOOL_DAY}),
        ],
        ids=[
            "a Sunday",
            "a Saturday",
            "a public holiday",
            "a bridge day",
            "the town hall shut",
            "back to school, in the holidays",
            "back to school, before the holidays",
            "a day like others",
            "the town hall shut but the service open",
            "never online",
        ],
    )
    def test_each_kind_is_told(self, rules, day, odd):
        assert set(of(tried(rules), day).oddities) == odd

    def test_a_limit_after_that_of_a_later_day(self):
        # Tuesday closes on Monday noon, Thursday on the Friday before.
        table = WeekdayTable(((TUE, MON, time(12)), (THU, FRI, time(9))))

        trial = tried(rule(table))

        assert Oddity.AFTER_ANOTHER in of(trial, date(2026, 11, 24)).oddities
        assert Oddity.AFTER_ANOTHER not in of(trial, date(2026, 11, 26)).oddities

    def test_the_limit_to_cancel_counts_too(self):
        table = WeekdayTable(((TUE, MON, time(12)), (THU, FRI, time(9))))

        assert Oddity.AFTER_ANOTHER in of(tried(rule(SameDay(time(8)), table)), date(2026, 11, 24)).oddities

    def test_a_limit_nearer_or_further_than_usual_for_its_weekday(self):
        christmas = Replacement(Circumstance(When.FIRST_WEEK), SameDay(time(8)))
        rules = Reglement(Act(Closing(Offset(2, Unit.DAY, time(9)), (christmas,))), Act(Closing(Never())))

        trial = tried(rules)

        assert Oddity.NEAR in of(trial, date(2027, 1, 4)).oddities
        assert Oddity.NEAR not in of(trial, date(2027, 1, 11)).oddities

    def test_a_limit_for_the_whole_month_is_at_no_usual_distance(self):
        trial = tried(rule(MonthCutoff(20)))

        assert not {Oddity.FAR, Oddity.NEAR} & {oddity for one in trial.days for oddity in one.oddities}

    def test_a_day_without_limit_says_why(self):
        trial = tried(rule(DateList(((2026, 11, date(2026, 10, 20)),))))

        assert of(trial, date(2026, 12, 1)).limits.impossible == "aucune date n’est publiée pour ce mois"
        assert trial.odd[0][0] is Oddity.IMPOSSIBLE
        assert of(trial, date(2026, 12, 1)).rank == 0

    def test_days_beyond_the_calendar_are_estimated(self):
        carried = estimated_until(CALENDAR, "77", date(2028, 8, 31))
        days = open_days(OPENING, (), carried, first=date(2027, 9, 1), last=date(2028, 8, 31))

        trial = tried(CLASS_DAY_BEFORE, days=days, calendar=carried)

        assert trial.estimated == len(trial.days) > 100
        assert all(one.limits.book_by is not None for one in trial.days)
        assert date(2027, 12, 24) not in days  # off as the year before
        assert date(2028, 5, 1) not in days  # the law, not an estimate

    def test_groups_come_the_most_serious_first_each_day_once(self):
        trial = tried(DAY_BEFORE)

        kinds = [oddity for oddity, _days in trial.odd]
        assert kinds == sorted(kinds, key=list(Oddity).index)
        days = [one.day for _oddity, group in trial.odd for one in group]
        assert len(days) == len(set(days)) == sum(bool(one.oddities) for one in trial.days)
        assert Simulated(FIRST, Limits()).rank == len(Oddity)


class TestWhatChanges:
    def test_nothing_to_compare_with(self):
        trial = tried(DAY_BEFORE)

        assert trial.changed == 0
        assert not of(trial, date(2026, 11, 24)).has_changed

    def test_only_days_with_another_limit_are_counted(self):
        trial = tried(CLASS_DAY_BEFORE, DAY_BEFORE)

        tuesday, monday = of(trial, date(2026, 11, 24)), of(trial, date(2026, 11, 30))
        assert not tuesday.has_changed
        assert monday.has_changed
        assert monday.before.book_by.moment.date() == date(2026, 11, 29)
        assert trial.changed == sum(one.limits.book_by != one.before.book_by for one in trial.days)

    def test_a_new_opening_or_late_step_is_a_change(self):
        opened = rule(
            Offset(1, Unit.DAY, time(9)),
            opens=(OpeningWave(EVERYONE, datetime(2026, 8, 20, 9)),),  # noqa: DTZ001
        )
        late = rule(Offset(1, Unit.DAY, time(9)), late=Late(FULL_PRICE))

        assert of(tried(opened, DAY_BEFORE), date(2026, 11, 24)).has_changed
        assert of(tried(late, DAY_BEFORE), date(2026, 11, 24)).has_changed

    def test_days_that_nothing_ruled_before(self):
        trial = simulate(
            lambda _day: DAY_BEFORE, DAYS, before_on=lambda _day: None, calendar=CALENDAR, zone=PARIS, ends_at=None
        )

        assert trial.changed == len(DAYS)
        assert trial.days[0].before.impossible == NO_REGLEMENT
        assert Trial().odd == ()


class TestLimits:
    def limits(self, rules, day=date(2026, 11, 24)):
        return limits_of(rules, day, calendar=CALENDAR, zone=PARIS, ends_at=time(13, 30))

    def test_it_opens_with_the_first_wave(self):
        waves = (
            OpeningWave(RESIDENT, datetime(2026, 8, 20, 9)),  # noqa: DTZ001
            OpeningWave(EVERYONE, datetime(2026, 8, 27, 9)),  # noqa: DTZ001
            OpeningWave("agents", Never()),
        )

        assert self.limits(rule(Never(), opens=waves)).opens.date() == date(2026, 8, 20)

    def test_but_not_before_its_own_window(self):
        window = Window(
            (WindowDates(FIRST, LAST, datetime(2026, 11, 1, 9), datetime(2026, 10, 1, 9)),)  # noqa: DTZ001
        )

        assert self.limits(rule(window)).opens.date() == date(2026, 10, 1)
        early = (OpeningWave(EVERYONE, datetime(2026, 8, 27, 9)),)  # noqa: DTZ001
        late = (OpeningWave(EVERYONE, datetime(2026, 10, 20, 9)),)  # noqa: DTZ001
        assert self.limits(rule(window, opens=early)).opens.date() == date(2026, 10, 1)
        assert self.limits(rule(window, opens=late)).opens.date() == date(2026, 10, 20)

    def test_changing_has_its_own_limit_when_the_reglement_speaks_of_it(self):
        change = Act(Closing(SameDay(time(8))))
        rules = Reglement(DAY_BEFORE.book, DAY_BEFORE.cancel, change)

        assert self.limits(DAY_BEFORE).change_by is None
        assert self.limits(rules).change_by.moment.hour == 8

    def test_a_date_out_of_time_is_said_not_raised(self):
        window = Window((WindowDates(FIRST, LAST, datetime(9999, 12, 31, 23, 59)),), Boundary.UNTIL)  # noqa: DTZ001
        overseas = limits_of(
            rule(window), date(2026, 11, 24), calendar=CALENDAR, zone=ZoneInfo("America/Cayenne"), ends_at=None
        )

        assert overseas.impossible == OUT_OF_CALENDAR


class TestOpenDays:
    def test_after_the_activity_the_same_weekdays_are_supposed(self):
        days = open_days(OPENING, (), CALENDAR, first=date(2027, 7, 1), last=date(2027, 9, 10))

        assert days == tuple(
            date(2027, month, day) for month, day in ((7, 1), (7, 2), (9, 2), (9, 3), (9, 6), (9, 7), (9, 9), (9, 10))
        )

    def test_closures_and_holidays_are_left_out(self):
        closure = off("Grève", date(2026, 11, 24))

        days = open_days(OPENING, (closure,), CALENDAR, first=date(2026, 11, 9), last=date(2026, 11, 24))

        assert days == tuple(date(2026, 11, day) for day in (9, 10, 12, 13, 16, 17, 19, 20, 23))


class TestCarriedOn:
    def test_the_calendar_s_own_public_holidays_stay_as_they_are(self):
        edited = Calendar(public_holidays=(off("Fête du village", date(2027, 6, 24)),), known_until=None)

        carried = estimated_until(edited, "77", date(2027, 12, 31))

        assert carried.public_holiday(date(2027, 5, 1)) is None
        assert carried.public_holiday(date(2027, 6, 24)).name == "Fête du village"
        assert carried.public_holiday(date(2027, 7, 14)).name == "Fête nationale"

    def test_nothing_is_added_to_a_calendar_that_goes_far_enough_or_knows_nothing(self):
        assert estimated_until(CALENDAR, "77", date(2027, 1, 1)) == CALENDAR
        assert estimated_until(Calendar(), "77", date(2027, 1, 1)) == Calendar()


class TestWords:
    def test_every_kind_has_a_few_words_and_a_sentence(self):
        assert set(ODDITIES) == set(Oddity)
        assert all(few and sentence.endswith(".") for few, sentence in ODDITIES.values())

    def test_a_limit_says_whether_it_counts(self):
        at = datetime(2026, 11, 26, 9, tzinfo=PARIS)

        assert limit_in_words(Deadline(at, Boundary.BEFORE)).replace("\N{NO-BREAK SPACE}", " ") == (
            "avant le jeudi 26 novembre, 9 h"
        )
        assert limit_in_words(Deadline(at, Boundary.UNTIL)).replace("\N{NO-BREAK SPACE}", " ") == (
            "jusqu’au jeudi 26 novembre, 9 h"
        )
        assert limit_in_words(None) == NEVER


@st.composite
def calendars(draw):
    """A calendar of ten years: some holidays each year, the town hall's own days, published so far or not at all."""
    spans = []
    for year in range(2026, 2036):
        start = date(year, draw(st.integers(1, 12)), draw(st.integers(1, 28)))
        spans.append(off("Vacances", start, start + timedelta(days=draw(st.integers(0, 60)))))
    return Calendar(
        school_holidays=tuple(spans),
        public_holidays=tuple(published_public_holidays("67", date(2026, 1, 1), date(2035, 12, 31))),
        taught_weekdays=draw(st.frozensets(st.integers(0, 6))),
        known_until=draw(st.none() | st.just(date(2030, 8, 31))),
        town_hall_weekdays=draw(st.frozensets(st.integers(0, 6))),
        town_hall_closures=tuple(draw(st.lists(st.sampled_from(spans), max_size=2))),
    )


TEN_YEARS = [date(2026, 1, 1) + timedelta(days=11 * step) for step in range(332)]


@pytest.mark.law
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(reglements(), reglements(), calendars(), st.sampled_from(["Europe/Paris", "Indian/Reunion", "America/Cayenne"]))
def test_whatever_can_be_written_is_tried_over_ten_years_without_an_exception(new, old, calendar, zone):
    new = read_reglement(write_reglement(new))

    trial = simulate(
        lambda _day: new,
        TEN_YEARS,
        before_on=lambda _day: old,
        calendar=calendar,
        zone=ZoneInfo(zone),
        ends_at=time(18),
    )

    assert [one.day for one in trial.days] == TEN_YEARS
    for one in trial.days:
        assert bool(one.limits.impossible) is (Oddity.IMPOSSIBLE in one.oddities)
        for limit in one.limits.series:
            # Nothing closes after the service has ended.
            assert limit is None or limit.moment.date() <= one.day


def test_weeks_closed_together_keep_their_order():
    trial = tried(rule(WeekCutoff(THU, time(9))))

    assert Oddity.AFTER_ANOTHER not in {oddity for one in trial.days for oddity in one.oddities}
