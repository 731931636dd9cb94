"""Where a family lived on a day, and from when it may live elsewhere."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.families.rules.addresses import AddressFault, read_address
from marelle.domain.families.rules.residence import Move, Residence, residence_from

TODAY = date(2026, 11, 23)
MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
EVE = timedelta(days=1)


def test_without_a_move_it_is_always_what_the_file_says():
    assert residence_from((), now=True) == Residence(at_first=True)
    assert residence_from((), now=False).on(date.min) is False


@pytest.mark.parametrize(
    ("moves", "now", "said"),
    [
        pytest.param([Move(JUNE, True, False)], False, [True, True, False, False], id="gone in June"),
        pytest.param([Move(JUNE, None, False)], True, [True, True, False, False], id="will go in June"),
        pytest.param(
            [Move(JULY, False, True), Move(MAY, True, False)], True, [True, False, False, True], id="gone and back"
        ),
        pytest.param(
            [Move(MAY, True, False), Move(JULY, None, True)], False, [True, False, False, True], id="gone, will be back"
        ),
        pytest.param([Move(JUNE, True, False)], True, [True, True, True, True], id="put right in the file since"),
        pytest.param([Move(JUNE, True, True)], True, [True, True, True, True], id="moved inside the commune"),
        pytest.param(
            [Move(JUNE, None, False), Move(JULY, True, True)], True, [True, True, False, True], id="the night is late"
        ),
    ],
)
def test_days_before_a_move_keep_what_held(moves, now, said):
    residence = residence_from(moves, now=now)

    assert [residence.on(day) for day in (MAY - EVE, MAY, JUNE, JULY)] == said


def test_days_that_turn_nothing_are_left_out():
    assert residence_from([Move(MAY, True, True), Move(JULY, None, False)], now=True).turns == ((JULY, False),)


@given(st.lists(st.booleans(), min_size=1, max_size=6), st.integers(0, 6))
def test_a_story_lived_or_foreseen_reads_the_same(story, lived):
    """A family that was `story[0]`, then each of the others in turn: the first `lived` moves are in the file."""
    days = [MAY + timedelta(days=30 * n) for n in range(len(story) - 1)]
    moves = [
        Move(day, before if n < lived else None, after)
        for n, (day, before, after) in enumerate(zip(days, story, story[1:], strict=False))
    ]
    residence = residence_from(moves, now=story[min(lived, len(story) - 1)])

    assert residence.at_first is story[0]
    assert [residence.on(day) for day in days] == story[1:]
    assert [residence.on(day - EVE) for day in days] == story[:-1]


@pytest.mark.parametrize(
    ("given_", "starts_on", "read"),
    [
        ("  3 rue  des Lilas \n\n 77163 Dammartin ", TODAY, "3 rue des Lilas\n77163 Dammartin"),
        ("3 rue des Lilas", TODAY - timedelta(days=366), "3 rue des Lilas"),
        ("3 rue des Lilas", TODAY + timedelta(days=732), "3 rue des Lilas"),
        (" \n ", TODAY, AddressFault.MISSING),
        ("x" * 201, TODAY, AddressFault.TOO_LONG),
        ("3 rue des Lilas", TODAY - timedelta(days=367), AddressFault.TOO_FAR_BACK),
        ("3 rue des Lilas", TODAY + timedelta(days=733), AddressFault.TOO_FAR_AHEAD),
        ("3 rue des Lilas", date.min, AddressFault.TOO_FAR_BACK),
        ("3 rue des Lilas", date.max, AddressFault.TOO_FAR_AHEAD),
    ],
)
def test_an_address_is_read_or_refused_in_words(given_, starts_on, read):
    assert read_address(given_, starts_on=starts_on, today=TODAY) == read
