"""The life of a payment attempt, and how a sum is shared between the wallet and the gateway."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.payments.rules.attempts import (
    BEGINS_WITHIN,
    REFERENCE,
    Mismatch,
    Said,
    State,
    Terms,
    after,
    is_same_press,
    may_begin_again,
    mismatch,
    never_begun,
    paid_at,
    wait_before_asking,
)
from marelle.domain.payments.rules.sharing import Shared, new_reference, shared

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
OPENS, PAYABLE = timedelta(minutes=15), timedelta(minutes=120)
SECOND = timedelta(seconds=1)
ORDERED = Terms("2026ABCDEF", 2400, "123456", "production")
CENTS = st.integers(min_value=0, max_value=10_000_000)


def state_after(state, said, elapsed):
    return after(state, said, elapsed=elapsed, stays_payable=PAYABLE, opens_within=OPENS)


@pytest.mark.parametrize("state", State)
def test_paid_wins_over_everything_and_stays(state):
    assert state_after(state, Said.PAID, PAYABLE * 99) is State.PAID


@pytest.mark.parametrize("said", Said)
@pytest.mark.parametrize("state", [State.PAID, State.REFUSED, State.ABANDONED, State.EXPIRED])
def test_what_has_ended_stays_so_unless_it_is_paid(state, said):
    assert state_after(state, said, PAYABLE) is (State.PAID if said is Said.PAID else state)
    assert not state.is_open


@pytest.mark.parametrize(
    ("said", "elapsed", "expected"),
    [
        (Said.REFUSED, SECOND, State.REFUSED),
        (Said.ABANDONED, SECOND, State.ABANDONED),
        (Said.WAITING, PAYABLE - SECOND, State.REDIRECTED),
        (Said.WAITING, PAYABLE, State.EXPIRED),
        (Said.UNKNOWN, OPENS - SECOND, State.REDIRECTED),
        (Said.UNKNOWN, OPENS, State.EXPIRED),
        # The business clock of a demonstration may be set back.
        (Said.WAITING, -OPENS, State.REDIRECTED),
        (Said.UNKNOWN, -OPENS, State.REDIRECTED),
    ],
)
def test_what_is_under_way_ends_as_it_is_said_or_when_nobody_can_be_paying(said, elapsed, expected):
    assert state_after(State.REDIRECTED, said, elapsed) is expected


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(0, State.REDIRECTED), (4, State.REDIRECTED), (5, State.ABANDONED), (200, State.ABANDONED)],
)
def test_who_gave_up_is_believed_once_the_page_is_not_one_press_back(minutes, expected):
    elapsed = timedelta(minutes=minutes)
    state = after(
        State.REDIRECTED, Said.ABANDONED, elapsed=elapsed, stays_payable=PAYABLE, opens_within=OPENS,
        comes_back_within=timedelta(minutes=5),
    )  # fmt: skip
    assert state is expected


def test_who_never_pays_after_giving_up_does_not_wait_for_ever():
    state = after(
        State.REDIRECTED, Said.ABANDONED, elapsed=PAYABLE, stays_payable=PAYABLE, opens_within=OPENS,
        comes_back_within=PAYABLE * 2,
    )  # fmt: skip
    assert state is State.EXPIRED


@pytest.mark.parametrize(
    ("state", "minutes", "expected"),
    [
        (State.REDIRECTED, 0, True),
        (State.REDIRECTED, 119, True),
        (State.REDIRECTED, 120, False),
        (State.CREATED, 0, False),
        (State.PAID, 0, False),
        (State.ABANDONED, 0, False),
    ],
)
def test_a_page_that_was_shown_may_have_another_for_two_hours(state, minutes, expected):
    assert may_begin_again(state, elapsed=timedelta(minutes=minutes)) is expected


@pytest.mark.parametrize(("seconds", "expected"), [(0, True), (19, True), (20, False)])
def test_two_presses_so_close_are_one(seconds, expected):
    assert is_same_press(timedelta(seconds=seconds)) is expected


def test_a_gateway_that_forgets_at_once_is_believed_only_when_the_page_opens_no_more():
    assert (
        after(State.REDIRECTED, Said.UNKNOWN, elapsed=PAYABLE, stays_payable=PAYABLE, opens_within=PAYABLE * 2)
        is State.EXPIRED
    )


@pytest.mark.parametrize(
    ("state", "elapsed", "expected"),
    [
        (State.CREATED, BEGINS_WITHIN - SECOND, State.CREATED),
        (State.CREATED, BEGINS_WITHIN, State.EXPIRED),
        (State.REDIRECTED, BEGINS_WITHIN, State.REDIRECTED),
        (State.PAID, BEGINS_WITHIN, State.PAID),
    ],
)
def test_who_was_sent_nowhere_ends_in_half_an_hour(state, elapsed, expected):
    assert never_begun(state, elapsed=elapsed) is expected


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({}, None),
        ({"reference": "2026ABCDEG"}, Mismatch.REFERENCE),
        ({"reference": "", "cents": 1}, Mismatch.REFERENCE),
        ({"cents": 2401}, Mismatch.AMOUNT),
        ({"cents": None}, Mismatch.AMOUNT),
        ({"merchant": "123457"}, Mismatch.MERCHANT),
        ({"mode": "test"}, Mismatch.MODE),
        ({"mode": None}, Mismatch.MODE),
    ],
)
def test_an_answer_is_about_what_was_ordered_or_says_what_is_another(other, expected):
    assert mismatch(ORDERED, replace(ORDERED, **other)) is expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (None, NOW),
        (NOW - timedelta(minutes=3), NOW - timedelta(minutes=3)),
        (NOW, NOW),
        (NOW + SECOND, NOW),  # not yet
        (NOW - timedelta(minutes=70), NOW - timedelta(minutes=70)),  # begun ten minutes ago, on another clock
        (NOW - timedelta(minutes=71), NOW),  # before it was begun
    ],
)
def test_when_it_was_paid_is_what_the_gateway_said_if_that_can_be(said, expected):
    assert paid_at(said, created_at=NOW - timedelta(minutes=10), at=NOW) == expected


@pytest.mark.parametrize(
    ("elapsed", "minutes"),
    [(-60, 1), (0, 1), (19, 1), (20, 5), (179, 5), (180, 30), (24 * 60 - 1, 30), (24 * 60, 60), (10**6, 60)],
)
def test_a_gateway_is_asked_often_at_first_then_less(elapsed, minutes):
    assert wait_before_asking(timedelta(minutes=elapsed)) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("total", "wallet", "lowest", "expected"),
    [
        (1200, 0, 100, Shared(0, 1200)),
        (1200, -300, 100, Shared(0, 1200)),  # a wallet never goes below zero, and is not taken from if it did
        (1200, 500, 100, Shared(500, 700)),
        (1200, 1200, 100, Shared(1200, 0)),
        (1200, 5000, 100, Shared(1200, 0)),
        (1200, 1150, 100, Shared(1100, 100)),  # 50 cents cannot be cashed: the wallet keeps them
        (1200, 1100, 100, Shared(1100, 100)),
        (80, 50, 100, Shared(50, 30)),  # too little whatever is done: at the desk
        (100, 50, 100, Shared(0, 100)),
        (0, 500, 100, Shared(0, 0)),
    ],
)
def test_the_wallet_pays_what_it_can_and_leaves_what_can_be_cashed(total, wallet, lowest, expected):
    assert shared(total, wallet=wallet, lowest=lowest) == expected


def test_a_reference_is_what_payfip_takes_and_never_twice():
    made = {new_reference(2026) for _ in range(500)}

    assert len(made) == 500
    assert all(REFERENCE.fullmatch(one) and re.fullmatch(r"2026[A-HJ-NP-Z2-9]{12}", one) for one in made)


@pytest.mark.law
@given(total=CENTS, wallet=st.integers(-10_000, 10_000_000), lowest=st.integers(1, 500))
def test_nothing_is_lost_in_sharing(total, wallet, lowest):
    taken, left = shared(total, wallet=wallet, lowest=lowest)

    assert taken + left == total
    assert 0 <= taken <= max(wallet, 0)
    assert left == 0 or left >= min(lowest, total - min(total, max(wallet, 0))) > 0
    if total >= lowest:
        assert left == 0 or left >= lowest


@pytest.mark.law
@given(st.lists(st.tuples(st.sampled_from(Said), st.integers(-60, 600)), max_size=12), st.sampled_from(list(State)[:2]))
def test_whatever_is_said_in_any_order_paid_is_paid_and_what_ended_opens_no_more(said, begun):
    state, was_paid = begun, False
    for one, minutes in said:
        before, was_paid = state, was_paid or one is Said.PAID
        state = state_after(state, one, timedelta(minutes=minutes))
        assert (state is State.PAID) == was_paid
        assert before.is_open or not state.is_open
        assert state is not State.CREATED or before is State.CREATED


@pytest.mark.law
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_longer_ago_the_longer_between_two_questions(first, second):
    sooner, later = sorted((first, second))

    assert wait_before_asking(timedelta(minutes=sooner)) <= wait_before_asking(timedelta(minutes=later))
