"""What the State publishes of the calendar, and what a new authority's own calendar begins with."""

from datetime import date, timedelta
from itertools import pairwise

from marelle.domain.catalog.rules.published_calendar import (
    PUBLIC,
    SCHOOL,
    published_days,
    published_school_holidays,
    start_of_previous_school_year,
)


def test_the_calendar_begins_with_the_school_year_before_the_one_under_way():
    assert start_of_previous_school_year(date(2026, 11, 30)) == date(2025, 9, 1)
    assert start_of_previous_school_year(date(2027, 8, 31)) == date(2025, 9, 1)


def test_a_zone_and_a_department_have_their_days():
    days = published_days("C", "77", date(2026, 11, 30))

    assert days[SCHOOL, date(2026, 12, 19)] == ("Vacances de Noël", date(2027, 1, 3))
    assert days[PUBLIC, date(2026, 11, 11)] == ("Armistice", date(2026, 11, 11))
    assert min(starts_on for _, starts_on in days) >= date(2025, 9, 1)


def test_without_a_zone_only_public_holidays_are_known_two_years_ahead():
    days = published_days("", "974", date(2026, 11, 30))

    assert {kind for kind, _ in days} == {PUBLIC}
    assert max(starts_on for _, starts_on in days) > date(2028, 7, 1)


def test_older_days_are_told_when_a_calendar_holds_some():
    assert (PUBLIC, date(2024, 11, 11)) in published_days("C", "77", date(2026, 11, 30), since=date(2024, 9, 1))


def test_a_holiday_is_one_span_and_those_over_are_left():
    spans = list(published_school_holidays("C", date(2026, 12, 25)))

    assert spans[0].starts_on == date(2026, 12, 19)
    assert all(before.ends_on < after.starts_on for before, after in pairwise(spans))
    after_all = spans[-1].ends_on + timedelta(days=1)
    assert list(published_school_holidays("C", after_all)) == []
