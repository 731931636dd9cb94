"""The coming weeks are foreseen from what is reserved and from the year before."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.reservations.rules.forecast import (
    ENOUGH,
    Forecast,
    Method,
    Past,
    foreseen,
    most_that_can_come,
    shifts,
)
from marelle.foundation.school_days import A_YEAR_OF_WEEKS, Calendar, NamedDays

TUESDAY = date(2026, 12, 8)
LAST_YEAR = TUESDAY - A_YEAR_OF_WEEKS
WEEK = timedelta(weeks=1)
ORDINARY = Calendar()


def past(weeks=0, final=100, then=50):
    return Past(LAST_YEAR + weeks * WEEK, final, {weeks: then})


def one(booked, *days, calendar=ORDINARY):
    (found,) = foreseen({TUESDAY: booked}, days, calendar=calendar)
    return found


def test_what_is_reserved_is_completed_by_the_share_that_was_reserved_so_long_before_a_year_ago():
    found = one(60, past(), past(-1, 110, 55), past(1, 90, 45))

    assert found == Forecast(
        TUESDAY, 60, 120, 100, Method.COMPLETED, 50, (LAST_YEAR - WEEK, LAST_YEAR, LAST_YEAR + WEEK)
    )


def test_only_the_three_nearest_like_days_count():
    assert one(60, past(), past(-1), past(1), past(-3, 1000, 1)).expected == 120


def test_more_reservations_then_than_children_in_the_end_foresees_fewer_than_are_reserved():
    found = one(60, past(0, 80, 100))

    assert (found.expected, found.share) == (48, 100)


def test_too_few_reservations_so_early_give_the_figure_of_the_year_before_but_never_fewer_than_reserved():
    assert one(5, past(0, 100, ENOUGH - 1)).method is Method.LAST_YEAR
    assert one(5, past(0, 100, ENOUGH - 1)).expected == 100
    assert one(120, past(0, 100, ENOUGH - 1)).expected == 120
    assert one(5, past(0, 100, ENOUGH)).method is Method.COMPLETED


def test_without_a_like_day_nothing_is_made_up():
    assert one(7) == Forecast(TUESDAY, 7, 7, None, Method.NOTHING_KNOWN)
    assert one(7, past(0, 0, 0)).method is Method.NOTHING_KNOWN, "a day that was closed is no like day"
    assert one(7, Past(LAST_YEAR + timedelta(days=1), 100, {0: 50})).last_year is None, "nor is a Wednesday"


def test_a_day_of_holidays_is_compared_with_holidays():
    holidays = Calendar(school_holidays=(NamedDays("Noël", LAST_YEAR - WEEK, LAST_YEAR - WEEK),))

    assert one(50, past(-1, 10, 10), past(1), calendar=holidays).days == (LAST_YEAR + WEEK,)
    in_both = Calendar(school_holidays=(*holidays.school_holidays, NamedDays("Noël", TUESDAY, TUESDAY)))
    assert one(50, past(-1, 40, 20), past(), calendar=in_both).days == (LAST_YEAR - WEEK,)


def test_closed_days_are_left_out_and_the_others_come_in_order():
    days = [TUESDAY + timedelta(days=shift) for shift in (2, 0, 1)]

    assert [found.day for found in foreseen(dict.fromkeys(days, 1), (), calendar=ORDINARY, closed=[days[2]])] == [
        TUESDAY,
        TUESDAY + timedelta(days=2),
    ]


MORNING, MEAL, EVENING = (frozenset({key}) for key in (1, 2, 3))


@pytest.mark.parametrize(
    ("products", "places", "most"),
    [
        pytest.param([MEAL], None, 30, id="each child once"),
        pytest.param([MEAL], 20, 20, id="no more than there are places"),
        pytest.param([MORNING, EVENING], 100, 60, id="morning and evening"),
        pytest.param([MORNING, MORNING | MEAL, EVENING], None, 60, id="two of three share the morning"),
        pytest.param([MORNING | MEAL, MEAL | EVENING], None, 60, id="which part is whose may depend on age"),
        pytest.param([frozenset(), frozenset()], None, 60, id="products that take no part of the day"),
        pytest.param([], None, 0, id="nothing is open"),
    ],
)
def test_no_more_can_come_than_the_enrolled_children_can_reserve_nor_than_there_are_places(products, places, most):
    assert most_that_can_come(30, products, places) == most


def test_no_more_is_foreseen_than_can_come_but_what_is_reserved_may():
    def found(booked, most):
        (one,) = foreseen({TUESDAY: booked}, [past()], calendar=ORDINARY, most={TUESDAY: most})
        return one.expected, one.is_capped

    assert found(60, 96) == (96, True)
    assert found(60, 120) == (120, False)
    assert found(60, 50) == (60, True)


@given(
    booked=st.integers(0, 2000),
    counts=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=7, max_size=7),
)
def test_more_reservations_never_foresee_fewer_children(booked, counts):
    days = [past(weeks, *count) for weeks, count in zip(shifts(), counts, strict=True)]

    assert one(booked, *days).expected <= one(booked + 1, *days).expected
