"""Days counted together; quotients spread without anybody being found; unpaid by age."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.billing.rules.ageing import Overdue, aged
from marelle.domain.families.rules.spread import FEWEST, spread
from marelle.domain.reservations.rules.figures import (
    Counts,
    DayCounts,
    Filled,
    Step,
    counted_by,
    start_of,
    starts_between,
    step_for,
)

MONDAY = date(2026, 11, 23)


def test_counts_say_who_came_who_was_not_ticked_and_the_share_that_came():
    counts = Counts(reserved=10, present=6, absent=2, unbooked=3)

    assert (counts.unticked, counts.came, counts.share) == (2, 9, 75)
    assert Counts(reserved=4).share is None
    assert counted_by([DayCounts(1, MONDAY, counts), DayCounts(2, MONDAY, counts)], lambda row: row.day) == {
        MONDAY: Counts(20, 12, 4, 6)
    }


def test_places_without_a_limit_are_apart():
    both = Filled(sessions=2, full=1, capacity=40, taken=30).with_(Filled(unlimited=1, taken_there=12))

    assert both == Filled(2, 1, 40, 30, 1, 12)
    assert both.share == 75
    assert Filled(unlimited=1, taken_there=12).share is None


@pytest.mark.parametrize(("days", "step"), [(1, Step.DAY), (45, Step.DAY), (46, Step.WEEK), (201, Step.MONTH)])
def test_a_period_is_counted_by_few_enough_steps(days, step):
    assert step_for(MONDAY, MONDAY + timedelta(days=days - 1)) is step


def test_steps_begin_on_mondays_and_on_the_first_of_months():
    assert starts_between(date(2026, 11, 25), date(2026, 12, 1), Step.WEEK) == (MONDAY, date(2026, 11, 30))
    assert starts_between(date(2026, 11, 25), date(2027, 1, 1), Step.MONTH) == (
        date(2026, 11, 1),
        date(2026, 12, 1),
        date(2027, 1, 1),
    )
    assert starts_between(MONDAY, MONDAY, Step.DAY) == (MONDAY,)


@given(first=st.dates(date(2020, 1, 1), date(2030, 1, 1)), length=st.integers(0, 800), step=st.sampled_from(Step))
def test_each_day_of_a_period_is_in_one_of_its_steps(first, length, step):
    last = first + timedelta(days=length)

    assert {start_of(first + timedelta(days=day), step) for day in range(length + 1)} == set(
        starts_between(first, last, step)
    )


@given(st.lists(st.one_of(st.none(), st.integers(0, 2_600_00)), max_size=60))
def test_no_band_says_fewer_than_five_families_and_what_is_hidden_cannot_be_subtracted(quotients):
    bands = spread(quotients)
    said = [band.families for band in bands if band.families]
    hidden = [band for band in bands if band.families is None]
    left = len(quotients) - sum(said)

    assert all(count >= FEWEST for count in said)
    assert not hidden or not said or (len(hidden) > 1 and left >= FEWEST)
    assert bool(hidden) or left == 0


def test_bands_go_up_to_two_thousand_and_say_who_gave_none():
    bands = spread([0, 249_99] * 3 + [250_00] * 5 + [2_000_00, 9_000_00] * 4 + [None] * 7)

    assert [(band.from_cents, band.below_cents, band.families) for band in bands if band.families] == [
        (0, 250_00, 6),
        (250_00, 500_00, 5),
        (2_000_00, None, 8),
        (None, None, 7),
    ]
    assert [band.families for band in spread([100] * 6 + [None])] == [None, *[0] * 8, None], "one hides another"
    assert next(iter(spread([100]))).families is None, "and there may be no other"


def test_unpaid_invoices_are_in_the_band_of_their_days():
    def late(days, cents=100, **more):
        return Overdue(1, more.pop("payer", days), MONDAY - timedelta(days=days), cents, **more)

    bands = aged(
        [late(1), late(30), late(31, payer=1), late(60, payer=1), late(90), late(91, 500, in_recovery=True)], on=MONDAY
    )

    assert [(band.after, band.until, band.invoices, band.payers, band.cents, band.at_treasury) for band in bands] == [
        (1, 30, 2, 2, 200, 0),
        (31, 60, 2, 1, 200, 0),
        (61, 90, 1, 1, 100, 0),
        (91, None, 1, 1, 500, 500),
    ]
