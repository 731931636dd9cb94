"""In what days are counted: weeks, months, periods between holidays, school years."""

from datetime import date, timedelta

import pytest

from marelle.domain.catalog.rules.spans import LONGEST_TERM, Per, span_of
from marelle.foundation.periods import Period
from marelle.foundation.school_days import Calendar, NamedDays
from tests.rules.test_cutoffs import CALENDAR

SPANS = {
    "a week from its Monday": (date(2026, 11, 23), Per.WEEK, date(2026, 11, 23), date(2026, 11, 29)),
    "a week from its Sunday": (date(2026, 11, 29), Per.WEEK, date(2026, 11, 23), date(2026, 11, 29)),
    "a week across the new year": (date(2026, 12, 31), Per.WEEK, date(2026, 12, 28), date(2027, 1, 3)),
    "a month of 30 days": (date(2026, 11, 26), Per.MONTH, date(2026, 11, 1), date(2026, 11, 30)),
    "December, from its last day": (date(2026, 12, 31), Per.MONTH, date(2026, 12, 1), date(2026, 12, 31)),
    "February": (date(2027, 2, 1), Per.MONTH, date(2027, 2, 1), date(2027, 2, 28)),
    "a leap February": (date(2028, 2, 29), Per.MONTH, date(2028, 2, 1), date(2028, 2, 29)),
    "the year that begins on 1 September": (
        date(2026, 9, 1),
        Per.SCHOOL_YEAR,
        date(2026, 9, 1),
        date(2027, 8, 31),
    ),
    "the year that ends on 31 August": (date(2026, 8, 31), Per.SCHOOL_YEAR, date(2025, 9, 1), date(2026, 8, 31)),
    "the year seen from January": (date(2027, 1, 4), Per.SCHOOL_YEAR, date(2026, 9, 1), date(2027, 8, 31)),
    "the year seen from December": (date(2026, 12, 31), Per.SCHOOL_YEAR, date(2026, 9, 1), date(2027, 8, 31)),
    "the days between two holidays": (date(2026, 11, 26), Per.PERIOD, date(2026, 11, 2), date(2026, 12, 18)),
    "from their first day": (date(2026, 11, 2), Per.PERIOD, date(2026, 11, 2), date(2026, 12, 18)),
    "from their last": (date(2026, 12, 18), Per.PERIOD, date(2026, 11, 2), date(2026, 12, 18)),
    "the holidays themselves": (date(2026, 10, 20), Per.PERIOD, date(2026, 10, 17), date(2026, 11, 1)),
    "the holidays from their first day": (date(2026, 10, 17), Per.PERIOD, date(2026, 10, 17), date(2026, 11, 1)),
}


@pytest.mark.parametrize(("day", "per", "first", "last"), SPANS.values(), ids=SPANS.keys())
def test_the_span_that_holds_a_day(day, per, first, last):
    assert span_of(day, per, CALENDAR) == Period(first, last)


def test_a_term_without_holidays_does_not_last_for_ever():
    day = date(2026, 11, 26)
    reach = timedelta(days=LONGEST_TERM)

    assert span_of(day, Per.PERIOD, Calendar()) == Period(day - reach, day + reach)


def test_nor_do_holidays_without_an_end():
    day = date(2026, 11, 26)
    reach = timedelta(days=LONGEST_TERM)
    off = Calendar(school_holidays=(NamedDays("Sans fin", date(2025, 1, 1), date(2028, 1, 1)),))

    assert span_of(day, Per.PERIOD, off) == Period(day - reach, day + reach)


@pytest.mark.parametrize("per", Per)
def test_every_day_of_a_span_gives_the_same_span(per):
    span = span_of(date(2026, 11, 26), per, CALENDAR)
    days = [span.starts_on, span.starts_on + (span.ends_on - span.starts_on) // 2, span.ends_on]

    if per is Per.SCHOOL_YEAR:
        assert span.starts_on.month == 9
    assert [span_of(day, per, CALENDAR) for day in days] == [span] * 3
