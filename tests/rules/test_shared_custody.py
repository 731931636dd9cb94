"""Whose day it is: as judgments and agreements say it, each day of exactly one home."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.reservations.rules.custody import (
    MOST_DAYS,
    WRITTEN_AHEAD,
    Booking,
    CustodyTerms,
    DaysFault,
    HolidayShare,
    Packages,
    Role,
    SummerShare,
    TermsFault,
    Weeks,
    as_json,
    double_weeks,
    fault_of_terms,
    faults_of_days,
    is_unanswered,
    role_on,
    terms_from,
    turns_of,
)
from marelle.foundation.periods import days_between
from marelle.foundation.school_days import Calendar, NamedDays

A, B = Role.FIRST, Role.SECOND
MONDAY_8, FRIDAY_16 = {"changeover": 0, "changeover_at": time(8, 30)}, {"changeover": 4, "changeover_at": time(16, 30)}
# Zone B, 2026–2027, from a Saturday to a Sunday.
CALENDAR = Calendar(
    school_holidays=(
        NamedDays("Toussaint", date(2026, 10, 17), date(2026, 11, 1)),
        NamedDays("Noël", date(2026, 12, 19), date(2027, 1, 3)),
        NamedDays("Printemps", date(2027, 4, 10), date(2027, 4, 25)),
        NamedDays("Été", date(2027, 7, 3), date(2027, 8, 31)),
    ),
    public_holidays=tuple(
        NamedDays("férié", day, day)
        for day in (date(2026, 11, 11), date(2027, 3, 29), date(2027, 5, 6), date(2027, 5, 17), date(2027, 7, 14))
    ),
    known_until=date(2027, 8, 31),
)
WEEKS_ONLY = {"holidays": HolidayShare.AS_WEEKS, "summer": SummerShare.AS_WEEKS}


def said(first, last, terms, calendar=CALENDAR):
    """Return a letter a day: A for the first home."""
    return "".join("A" if role_on(day, terms, calendar) is A else "B" for day in days_between(first, last))


class TestWeeks:
    def test_even_weeks_are_of_one_home_from_monday_to_sunday_when_the_child_passes_on_monday_morning(self):
        terms = CustodyTerms(**MONDAY_8, **WEEKS_ONLY)
        assert date(2026, 11, 23).isocalendar().week == 48
        assert said(date(2026, 11, 22), date(2026, 12, 7), terms) == "B" + "A" * 7 + "B" * 7 + "A"
        assert said(date(2026, 11, 23), date(2026, 11, 23), replace(terms, first_even=False)) == "B"

    def test_a_child_who_passes_on_friday_after_school_is_that_friday_still_with_who_had_it_at_noon(self):
        terms = CustodyTerms(**FRIDAY_16, **WEEKS_ONLY)
        # The week-end goes with the school week that follows: week 48 is even.
        assert said(date(2026, 11, 20), date(2026, 11, 28), terms) == "B" + "A" * 7 + "B"

    def test_a_passing_in_the_middle_of_the_week_has_the_number_of_that_week(self):
        terms = CustodyTerms(changeover=2, changeover_at=time(12), **WEEKS_ONLY)
        assert said(date(2026, 11, 24), date(2026, 12, 2), terms) == "B" + "A" * 7 + "B"

    def test_from_a_day_on_weeks_alternate_whatever_their_number_and_before_it_too(self):
        terms = CustodyTerms(weeks=Weeks.FROM_DAY, since=date(2026, 11, 27), **FRIDAY_16, **WEEKS_ONLY)
        assert said(date(2026, 11, 20), date(2026, 12, 12), terms) == "A" + "B" * 7 + "A" * 7 + "B" * 7 + "A"

    def test_always_with_one_home_but_for_holidays(self):
        terms = CustodyTerms(weeks=Weeks.SAME)
        assert said(date(2026, 11, 2), date(2026, 12, 18), terms) == "A" * 47
        assert "B" in said(date(2026, 12, 19), date(2027, 1, 3), terms)

    def test_the_year_of_53_weeks_gives_two_weeks_running_and_it_is_told(self):
        terms = CustodyTerms(**MONDAY_8, **WEEKS_ONLY)
        monday = date(2026, 12, 28)
        assert said(monday, monday + timedelta(days=13), terms) == "B" * 14
        assert double_weeks(terms, first=date(2026, 9, 1), last=date(2027, 7, 1)) == (monday,)
        assert double_weeks(replace(terms, weeks=Weeks.SAME), first=date(2026, 9, 1), last=date(2027, 7, 1)) == ()


class TestHolidays:
    def test_halves_the_first_one_in_even_years_and_the_second_in_odd_years(self):
        terms = CustodyTerms(**MONDAY_8)
        assert said(date(2026, 10, 17), date(2026, 11, 1), terms) == "A" * 8 + "B" * 8
        # Christmas begins in 2026: the year in which it ends changes nothing.
        assert said(date(2026, 12, 19), date(2027, 1, 3), terms) == "A" * 8 + "B" * 8
        assert said(date(2027, 4, 10), date(2027, 4, 25), terms) == "B" * 8 + "A" * 8
        assert said(date(2027, 4, 10), date(2027, 4, 25), replace(terms, first_half_even=False)) == "A" * 8 + "B" * 8

    def test_a_number_of_days_that_is_odd_gives_the_first_half_one_more(self):
        odd = Calendar(school_holidays=(NamedDays("Pont", date(2026, 11, 7), date(2026, 11, 11)),))
        assert said(date(2026, 11, 7), date(2026, 11, 11), CustodyTerms(), odd) == "AAABB"

    def test_whole_holidays_one_year_out_of_two(self):
        terms = CustodyTerms(holidays=HolidayShare.WHOLE)
        assert said(date(2026, 10, 17), date(2026, 11, 1), terms) == "A" * 16
        assert said(date(2027, 4, 10), date(2027, 4, 25), terms) == "B" * 16

    def test_the_summer_by_halves_or_by_fortnights(self):
        summer = date(2027, 7, 3), date(2027, 8, 31)
        assert said(*summer, CustodyTerms()) == "B" * 30 + "A" * 30
        fortnights = said(*summer, CustodyTerms(summer=SummerShare.FORTNIGHTS))
        assert fortnights == "B" * 14 + "A" * 14 + "B" * 14 + "A" * 14 + "B" * 4
        weeks = CustodyTerms(**WEEKS_ONLY)
        assert said(*summer, weeks) == said(*summer, weeks, Calendar())


class TestLongWeekends:
    TERMS = CustodyTerms(**MONDAY_8, **WEEKS_ONLY)

    def test_a_monday_off_is_of_who_has_the_weekend(self):
        # Easter Monday, 29 March 2027, and Whit Monday: the child would pass that morning.
        assert said(date(2027, 3, 26), date(2027, 3, 30), self.TERMS) == "AAABB"
        assert said(date(2027, 3, 26), date(2027, 3, 30), replace(self.TERMS, long_weekends=True)) == "AAAAB"

    def test_ascension_and_its_bridge_are_of_the_weekend(self):
        terms = replace(self.TERMS, changeover=4, changeover_at=time(16, 30))
        # Thursday 6 May 2027, the Friday between, Saturday and Sunday.
        assert said(date(2027, 5, 5), date(2027, 5, 9), terms) == "AAABB"
        assert said(date(2027, 5, 5), date(2027, 5, 9), replace(terms, long_weekends=True)) == "ABBBB"

    def test_a_day_off_alone_and_a_weekend_like_others_change_nothing(self):
        long = replace(self.TERMS, long_weekends=True)
        assert said(date(2026, 11, 9), date(2026, 11, 15), long) == said(
            date(2026, 11, 9), date(2026, 11, 15), self.TERMS
        )

    def test_a_day_off_within_school_holidays_is_shared_as_they_are(self):
        halves = replace(self.TERMS, long_weekends=True, summer=SummerShare.HALVES)
        assert said(date(2027, 7, 14), date(2027, 7, 14), halves) == "B"


def test_a_turn_begins_each_time_that_the_home_changes_and_agreed_days_come_first():
    terms = CustodyTerms(**MONDAY_8, **WEEKS_ONLY)
    thursday = date(2026, 11, 26)

    turns = turns_of(
        terms,
        {A: 7, B: 9},
        first=date(2026, 11, 24),
        last=date(2026, 12, 1),
        calendar=CALENDAR,
        exceptions={thursday: 9},
    )

    assert turns == (
        (date(2026, 11, 24), 7),
        (thursday, 9),
        (date(2026, 11, 27), 7),
        (date(2026, 11, 30), 9),
    )


class TestWhatIsAsked:
    def test_terms_that_say_nothing_sure_are_not_taken(self):
        good = CustodyTerms(services=((3, B),))
        assert fault_of_terms(good, services=[3]) is None
        assert fault_of_terms(good, services=[4]) is TermsFault.UNKNOWN_SERVICE
        assert fault_of_terms(replace(good, changeover=7), services=[3]) is TermsFault.NO_WEEKDAY
        by_day = replace(good, weeks=Weeks.FROM_DAY)
        assert fault_of_terms(by_day, services=[3]) is TermsFault.NO_SINCE
        assert (
            fault_of_terms(replace(by_day, since=date(2026, 11, 26)), services=[3]) is TermsFault.SINCE_NOT_CHANGEOVER
        )
        assert fault_of_terms(replace(by_day, since=date(2026, 11, 27)), services=[3]) is None

    @pytest.mark.parametrize(
        ("gives", "takes", "fault"),
        [
            ((), (), DaysFault.NO_DAYS),
            ([date(2026, 11, 24) + timedelta(days=each) for each in range(MOST_DAYS + 1)], (), DaysFault.TOO_MANY),
            ([date(2026, 11, 23)], (), DaysFault.PAST),
            ([date(2026, 11, 23) + WRITTEN_AHEAD + timedelta(days=1)], (), DaysFault.TOO_FAR),
            ([date(2026, 12, 1)], (), DaysFault.NOT_YOURS),
            ((), [date(2026, 11, 24)], DaysFault.NOT_THEIRS),
            ([date(2026, 11, 25)], (), DaysFault.ASKED_ALREADY),
        ],
    )
    def test_days_that_cannot_be_exchanged(self, gives, takes, fault):
        found = faults_of_days(
            gives,
            takes,
            mine=[date(2026, 11, 24), date(2026, 11, 25)],
            theirs=[date(2026, 12, 1)],
            asked=[date(2026, 11, 25)],
            today=date(2026, 11, 23),
        )
        assert found[0] is fault

    def test_days_of_each_may_be_exchanged(self):
        today = date(2026, 11, 23)
        day, other = date(2026, 11, 24), date(2026, 12, 1)
        assert faults_of_days([day], [other], mine=[day], theirs=[other], asked=[], today=today) == ()

    def test_the_other_home_has_until_the_eve_for_days_and_a_fortnight_at_most_for_terms(self):
        asked = date(2026, 11, 23)
        day = {"starts_on": None, "days": [date(2026, 11, 30), date(2026, 11, 26)]}
        assert not is_unanswered(asked, **day, today=date(2026, 11, 25))
        assert is_unanswered(asked, **day, today=date(2026, 11, 26))
        terms = {"starts_on": date(2027, 1, 4), "days": []}
        assert not is_unanswered(asked, **terms, today=date(2026, 12, 6))
        assert is_unanswered(asked, **terms, today=date(2026, 12, 7))
        assert is_unanswered(asked, starts_on=date(2026, 11, 25), days=[], today=date(2026, 11, 25))


TERMS = st.builds(
    CustodyTerms,
    weeks=st.sampled_from(Weeks),
    since=st.dates(date(2026, 9, 1), date(2027, 8, 31)),
    first_even=st.booleans(),
    changeover=st.integers(0, 6),
    changeover_at=st.times(time(7), time(20)).map(lambda at: at.replace(second=0, microsecond=0)),
    holidays=st.sampled_from(HolidayShare),
    summer=st.sampled_from(SummerShare),
    first_half_even=st.booleans(),
    long_weekends=st.booleans(),
    booking=st.sampled_from(Booking),
    packages=st.sampled_from(Packages),
    services=st.sampled_from([(), ((3, A),), ((3, B), (4, A))]),
)


@given(TERMS, st.dates(date(2026, 9, 1), date(2027, 9, 1)), st.integers(0, 200), st.data())
def test_turns_give_each_day_to_exactly_one_home_whatever_the_terms(terms, first, length, data):
    last = first + timedelta(days=length)
    exceptions = data.draw(st.dictionaries(st.dates(first, last), st.sampled_from([7, 9]), max_size=4))

    turns = turns_of(terms, {A: 7, B: 9}, first=first, last=last, calendar=CALENDAR, exceptions=exceptions)

    starts = [turn.starts_on for turn in turns]
    assert starts[0] == first
    assert starts == sorted(set(starts))
    assert all(one.home != other.home for one, other in itertools.pairwise(turns))
    for day in days_between(first, last):
        home = next(turn.home for turn in reversed(turns) if turn.starts_on <= day)
        assert home == exceptions.get(day, {A: 7, B: 9}[role_on(day, terms, CALENDAR)])


@given(TERMS)
def test_who_is_named_first_changes_nothing_when_all_else_is_turned_round(terms):
    """What one home proposes, seen by the other."""
    other = replace(
        terms,
        first_even=not terms.first_even,
        first_half_even=not terms.first_half_even,
        since=terms.since + timedelta(weeks=1),
    )
    if terms.weeks is Weeks.SAME:
        return
    first = date(2026, 9, 1)
    for offset in range(0, 365, 3):
        day = first + timedelta(days=offset)
        assert role_on(day, terms, CALENDAR) is role_on(day, other, CALENDAR).other


@given(TERMS)
def test_terms_are_read_as_they_were_kept(terms):
    assert terms_from(as_json(terms)) == terms
    assert terms_from(as_json(replace(terms, since=None))).since is None
