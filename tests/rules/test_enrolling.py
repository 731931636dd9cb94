"""Who may be enrolled, from when to when, and what that adds to what is recorded."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.reservations.rules.enrolling import Ages, WhyNotEnrolled, Widened, against_enrolling, widened
from marelle.foundation.periods import Period

YEAR = Period(date(2026, 9, 1), date(2027, 7, 3))
TODAY = date(2026, 11, 23)
BORN = date(2017, 4, 9)  # nine years old, ten from 9 April 2027


def why(first=date(2026, 12, 1), last=date(2027, 7, 3), *, activity=YEAR, ages=(), on=TODAY, born=BORN):
    return against_enrolling(activity, ages, birth_date=born, starts_on=first, ends_on=last, on=on)


CASES = {
    "any age, inside the year": ({}, None),
    "on the first and last day of the year": ({"first": YEAR.starts_on}, None),
    "a single day": ({"last": date(2026, 12, 1)}, None),
    "an activity without end": ({"activity": Period(YEAR.starts_on)}, None),
    "the end before the start": ({"last": date(2026, 11, 30)}, WhyNotEnrolled.REVERSED),
    "the activity is over": ({"on": date(2027, 7, 4)}, WhyNotEnrolled.PERIOD_OVER),
    "the last day of the activity": ({"on": date(2027, 7, 3)}, None),
    "before the activity": ({"first": date(2026, 8, 31)}, WhyNotEnrolled.OUT_OF_PERIOD),
    "after the activity": ({"last": date(2027, 7, 4)}, WhyNotEnrolled.OUT_OF_PERIOD),
    "of the age": ({"ages": (Ages(6, 11),)}, None),
    "of one of the groups": ({"ages": (Ages(3, 5), Ages(6, 11))}, None),
    "a part of the day without ages": ({"ages": (Ages(3, 5), Ages())}, None),
    "too young": ({"ages": (Ages(11, None),)}, WhyNotEnrolled.WRONG_AGE),
    "too old": ({"ages": (Ages(None, 8),)}, WhyNotEnrolled.WRONG_AGE),
    "of the age from April on": ({"ages": (Ages(10, 12),)}, None),
    "of the age until April": ({"ages": (Ages(6, 9),)}, None),
    "not before the summer": (
        {"ages": (Ages(10, 12),), "last": date(2027, 4, 8)},
        WhyNotEnrolled.WRONG_AGE,
    ),
}


@pytest.mark.parametrize(("said", "expected"), CASES.values(), ids=CASES)
def test_who_may_be_enrolled(said, expected):
    assert why(**said) is expected


def days(first, last):
    return Period(date(2026, 12, first), date(2026, 12, last))


WANTED = days(10, 20)
WIDENINGS = {
    "nothing yet": ([], Widened(WANTED)),
    "there already": ([days(10, 20)], Widened()),
    "within a longer one": ([days(1, 31)], Widened()),
    "only others": ([days(1, 9), days(21, 31)], Widened(WANTED)),
    "one that ends inside is prolonged": ([days(5, 12)], Widened(None, {date(2026, 12, 5): date(2026, 12, 20)})),
    "one that begins inside is preceded": ([days(15, 25)], Widened(days(10, 14))),
    "one inside is preceded and prolonged": (
        [days(12, 15)],
        Widened(days(10, 11), {date(2026, 12, 12): date(2026, 12, 20)}),
    ),
    "two meet each other": (
        [days(15, 18), days(5, 12)],
        Widened(None, {date(2026, 12, 5): date(2026, 12, 14), date(2026, 12, 15): date(2026, 12, 20)}),
    ),
    "without end": ([Period(date(2026, 12, 12))], Widened(days(10, 11))),
}


@pytest.mark.parametrize(("known", "expected"), WIDENINGS.values(), ids=WIDENINGS)
def test_what_is_recorded_is_widened(known, expected):
    assert widened(WANTED, known) == expected


def test_wanted_without_end_prolongs_as_far_as_there_are_days():
    assert widened(Period(date(2026, 12, 10)), [days(5, 12)]).prolonged == {date(2026, 12, 5): date.max}


SOME_DAYS = st.tuples(st.integers(0, 60), st.integers(0, 20)).map(
    lambda pair: Period(YEAR.starts_on + timedelta(pair[0]), YEAR.starts_on + timedelta(pair[0] + pair[1]))
)


@given(wanted=SOME_DAYS, known=st.lists(SOME_DAYS, unique_by=lambda one: one.starts_on, max_size=5))
def test_each_wanted_day_is_covered_and_no_new_one_is_covered_twice(wanted, known):
    change = widened(wanted, known)
    after = [Period(one.starts_on, change.prolonged.get(one.starts_on, one.ends_on)) for one in known]
    after += [change.added] if change.added else []

    for offset in range(-5, 90):
        day = YEAR.starts_on + timedelta(offset)
        before, now = sum(day in one for one in known), sum(day in one for one in after)
        assert now == (before or (1 if day in wanted else 0))
    assert widened(wanted, after) == Widened()
