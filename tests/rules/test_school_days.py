"""The calendar of an authority: bridge days, the day class starts again, the town hall's own days, what is known."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from marelle.foundation.school_days import Calendar, NamedDays

SAT = 5


def off(name, first, last=None):
    return NamedDays(name, first, last or first)


TOUSSAINT = off("Vacances de la Toussaint", date(2026, 10, 17), date(2026, 11, 1))
NOEL = off("Vacances de Noël", date(2026, 12, 19), date(2027, 1, 3))
CALENDAR = Calendar(
    school_holidays=(TOUSSAINT, NOEL),
    public_holidays=(
        off("Toussaint", date(2026, 11, 1)),
        off("Armistice 1918", date(2026, 11, 11)),
        off("Noël", date(2026, 12, 25)),
        off("Lundi de Pâques", date(2027, 3, 29)),
        off("Ascension", date(2027, 5, 6)),
        off("Fête nationale", date(2026, 7, 14)),
        off("Victoire 1945", date(2031, 5, 8)),
        off("Un vendredi férié", date(2031, 5, 9)),
    ),
    town_hall_closures=(off("Inventaire", date(2026, 11, 26), date(2026, 11, 27)),),
)

BRIDGES = {
    "Friday after a Thursday off": (date(2027, 5, 7), True),
    "Monday before a Tuesday off": (date(2026, 7, 13), True),
    "Thursday before a Friday off is a day like others": (date(2026, 12, 24), False),
    "Tuesday after a Monday off": (date(2027, 3, 30), False),
    "Monday after a Sunday off": (date(2026, 11, 2), False),
    "Thursday after a Wednesday off": (date(2026, 11, 12), False),
    "Tuesday before a Wednesday off": (date(2026, 11, 10), False),
    "Saturday after a Friday off": (date(2026, 12, 26), False),
    "the public holiday itself": (date(2026, 7, 14), False),
    "Friday, off too, after a Thursday off": (date(2031, 5, 9), False),
    "Friday of an ordinary week": (date(2026, 11, 20), False),
    "Monday of an ordinary week": (date(2026, 11, 23), False),
}


@pytest.mark.parametrize(("day", "is_bridge"), BRIDGES.values(), ids=BRIDGES.keys())
def test_a_bridge_day_stands_alone_between_a_day_off_and_a_weekend(day, is_bridge):
    assert CALENDAR.is_bridge_day(day) is is_bridge


SATURDAYS_TOO = replace(CALENDAR, town_hall_weekdays=frozenset(range(6)))
TOWN_HALL = {
    "a Wednesday": (CALENDAR, date(2026, 11, 25), True),
    "a Saturday": (CALENDAR, date(2026, 11, 28), False),
    "a Saturday, where it opens": (SATURDAYS_TOO, date(2026, 11, 28), True),
    "a Sunday": (SATURDAYS_TOO, date(2026, 11, 29), False),
    "a public holiday": (CALENDAR, date(2026, 11, 11), False),
    "a day of the school holidays": (CALENDAR, date(2026, 10, 20), True),
    "the first day it is shut besides": (CALENDAR, date(2026, 11, 26), False),
    "the last": (CALENDAR, date(2026, 11, 27), False),
    "the Monday after": (CALENDAR, date(2026, 11, 30), True),
}


@pytest.mark.parametrize(("calendar", "day", "is_open"), TOWN_HALL.values(), ids=TOWN_HALL.keys())
def test_the_town_hall_is_open_or_shut(calendar, day, is_open):
    assert calendar.is_town_hall_open(day) is is_open


ONLY_TUESDAYS = Calendar(school_holidays=(TOUSSAINT,), taught_weekdays=frozenset({1}))
FIRST_DAYS = {
    "the Monday after": (CALENDAR, date(2026, 11, 2), True),
    "the day after it": (CALENDAR, date(2026, 11, 3), False),
    "Tuesday, when the Monday after is a public holiday": (
        replace(CALENDAR, public_holidays=(off("Un lundi", date(2026, 11, 2)),)),
        date(2026, 11, 3),
        True,
    ),
    "that Monday itself has no class": (
        replace(CALENDAR, public_holidays=(off("Un lundi", date(2026, 11, 2)),)),
        date(2026, 11, 2),
        False,
    ),
    "a day of the holidays": (CALENDAR, date(2026, 10, 20), False),
    "the last day of class before": (CALENDAR, date(2026, 10, 16), False),
    "the Monday after an ordinary weekend": (CALENDAR, date(2026, 11, 23), False),
    "the day after a public holiday": (CALENDAR, date(2026, 11, 12), False),
    "the first Tuesday, where Tuesdays alone are taught": (ONLY_TUESDAYS, date(2026, 11, 3), True),
    "the second": (ONLY_TUESDAYS, date(2026, 11, 10), False),
    "where nothing is taught there is no first day": (
        replace(ONLY_TUESDAYS, taught_weekdays=frozenset()),
        date(2026, 11, 3),
        False,
    ),
    "without any holidays there is none either": (
        Calendar(taught_weekdays=frozenset({1}), public_holidays=(off("Un mardi", date(2026, 10, 27)),)),
        date(2026, 11, 3),
        False,
    ),
}


@pytest.mark.parametrize(("calendar", "day", "is_first"), FIRST_DAYS.values(), ids=FIRST_DAYS.keys())
def test_class_starts_again(calendar, day, is_first):
    assert calendar.is_first_school_day(day) is is_first


DAYS = {
    "a Monday of term": (date(2026, 11, 23), True, True),
    "a Wednesday of term": (date(2026, 11, 25), True, False),
    "a Monday of the holidays": (date(2026, 10, 19), True, False),
    "a public holiday": (date(2027, 5, 6), False, False),
    "a Saturday": (date(2026, 11, 28), False, False),
    "a Sunday": (date(2026, 11, 29), False, False),
}


@pytest.mark.parametrize(("day", "is_working", "is_school"), DAYS.values(), ids=DAYS.keys())
def test_working_days_and_days_of_class(day, is_working, is_school):
    assert (CALENDAR.is_working_day(day), CALENDAR.is_school_day(day)) == (is_working, is_school)


def test_a_day_off_says_its_name():
    assert CALENDAR.school_holiday(date(2026, 10, 17)) is TOUSSAINT
    assert CALENDAR.school_holiday(date(2026, 11, 1)) is TOUSSAINT
    assert CALENDAR.school_holiday(date(2026, 11, 2)) is None
    assert CALENDAR.public_holiday(date(2026, 11, 11)).name == "Armistice 1918"
    assert CALENDAR.public_holiday(date(2026, 11, 12)) is None


@pytest.mark.parametrize(("day", "is_weekend"), [(27, False), (28, True), (29, True), (30, False)])
def test_the_weekend(day, is_weekend):
    assert CALENDAR.is_weekend(date(2026, 11, day)) is is_weekend


KNOWN = replace(
    CALENDAR,
    school_holidays=(
        off("Été 2025", date(2025, 7, 5), date(2025, 8, 31)),
        *CALENDAR.school_holidays,
        off("Été", date(2027, 7, 3), date(2027, 8, 31)),
    ),
    known_until=date(2027, 8, 31),
)


def test_what_is_published_ends_on_its_last_day():
    assert KNOWN.is_known(date(2027, 8, 31))
    assert not KNOWN.is_known(date(2027, 9, 1))
    assert CALENDAR.is_known(date(2099, 1, 1))


def test_an_estimate_repeats_the_last_year_on_the_same_weekdays():
    estimated = KNOWN.estimated(date(2028, 8, 29))

    assert estimated.school_holidays[: len(KNOWN.school_holidays)] == KNOWN.school_holidays
    assert estimated.school_holidays[len(KNOWN.school_holidays) :] == (
        off("Vacances de la Toussaint", date(2027, 10, 16), date(2027, 10, 31)),
        off("Vacances de Noël", date(2027, 12, 18), date(2028, 1, 2)),
        off("Été", date(2028, 7, 1), date(2028, 8, 29)),
    )
    assert estimated.known_until == KNOWN.known_until
    assert estimated.public_holidays == KNOWN.public_holidays


def test_an_estimate_of_several_years_repeats_it_each_year():
    names = [span.name for span in KNOWN.estimated(date(2030, 8, 20)).school_holidays]

    assert [names.count(name) for name in ("Vacances de Noël", "Été", "Été 2025")] == [4, 4, 1]


def test_an_estimate_goes_no_further_than_is_asked():
    year = timedelta(weeks=52)
    spans = [len(KNOWN.estimated(KNOWN.known_until + ahead).school_holidays) for ahead in (year, year + timedelta(1))]

    assert spans == [4 + 3, 4 + 6]


def test_nothing_is_estimated_where_all_is_published():
    assert KNOWN.estimated(date(2027, 8, 31)) is KNOWN
    assert CALENDAR.estimated(date(2030, 1, 1)) is CALENDAR


def test_without_holidays_there_is_nothing_to_repeat():
    bare = Calendar(known_until=date(2027, 8, 31))

    assert bare.estimated(date(2030, 1, 1)).school_holidays == ()


def test_an_estimate_never_touches_what_is_published():
    """Holidays on both sides of the day a year before the last one known begin again after it."""
    last = date(2027, 8, 31)
    spans = (off("À cheval", date(2026, 8, 20), date(2026, 9, 10)), off("Veille", last - timedelta(weeks=52)))
    calendar = Calendar(school_holidays=spans, known_until=last)

    added = calendar.estimated(date(2028, 8, 1)).school_holidays[2:]

    assert added == (off("À cheval", date(2027, 9, 1), date(2027, 9, 9)),)


def test_the_last_known_year_is_told_by_the_day_its_holidays_end():
    last = date(2027, 8, 31)
    first_kept = off("Un jour", last - timedelta(weeks=52) + timedelta(days=1))

    added = Calendar(school_holidays=(first_kept,), known_until=last).estimated(date(2027, 10, 1)).school_holidays[1:]

    assert added == (off("Un jour", date(2027, 9, 1)),)
