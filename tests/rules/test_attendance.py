"""What stands of a child's attendance, whatever the order in which the ticks of several tablets arrive."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.reservations.rules.attendance import (
    Mark,
    NotKept,
    Seen,
    corrected,
    late_minutes,
    not_kept,
    standing,
)

NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
HERE, AWAY, NOTHING = Seen("present"), Seen("absent"), Seen("")


def mark(uid, seen, *, device="a", seq=1, minutes=0, knew=()):
    return Mark(uid, device, seq, seen, NOON + timedelta(minutes=minutes), frozenset(knew))


def test_nothing_stands_of_no_tick():
    assert standing([]) is None


STORIES = {
    "the latest of two tablets, the other one shown": (
        [mark("x", HERE, minutes=1), mark("y", AWAY, device="b", minutes=3)],
        ("y", ["x"]),
    ),
    "two that agree": ([mark("x", HERE), mark("y", HERE, device="b", minutes=3)], ("y", [])),
    "the last word of a tablet, though its clock went back": (
        [mark("x", HERE, minutes=5), mark("y", AWAY, seq=2, minutes=1)],
        ("y", []),
    ),
    "one who saw the other's answer, though her clock is early": (
        [mark("x", HERE, minutes=5), mark("y", AWAY, device="b", minutes=1, knew="x")],
        ("y", []),
    ),
    "one who saw both": (
        [mark("x", HERE), mark("y", AWAY, device="b"), mark("z", HERE, device="c", minutes=-9, knew="xy")],
        ("z", []),
    ),
    "who saw one only of two": (
        [mark("x", HERE), mark("y", AWAY, device="b"), mark("z", HERE, device="a", seq=2, minutes=4, knew="x")],
        ("z", ["y"]),
    ),
    "a tick taken back": ([mark("x", HERE), mark("y", NOTHING, device="b", minutes=1, knew="x")], ("y", [])),
    "two that pretend to have seen each other": (
        [mark("x", HERE, knew="y"), mark("y", AWAY, device="b", minutes=1, knew="x")],
        ("y", ["x"]),
    ),
    "one that pretends to have seen itself": ([mark("x", HERE, knew="x")], ("x", [])),
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_what_stands(story):
    marks, (stands, others) = story
    found = standing(marks)

    assert (found.mark.uid, [one.uid for one in found.others]) == (stands, others)
    assert found.heads >= {stands, *others}


@st.composite
def histories(draw):
    """Draw the ticks of three tablets: each made in view of some of those before, by clocks that are not right."""
    found = []
    for rank in range(draw(st.integers(1, 8))):
        before = [one.uid for one in found]
        knew = draw(st.sets(st.sampled_from(before))) if before else set()
        seen = draw(st.sampled_from([HERE, AWAY, NOTHING, Seen("present", 30, 5, time(18, 35))]))
        device, minutes = draw(st.sampled_from("abc")), draw(st.integers(-5, 5))
        found.append(mark(f"m{rank}", seen, device=device, seq=rank, minutes=minutes, knew=knew))
    return found


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing_and_a_repetition_neither(marks, chance):
    shuffled = marks + chance.sample(marks, k=len(marks) // 2)
    chance.shuffle(shuffled)

    assert standing(shuffled) == standing(marks)


@given(histories())
def test_whoever_has_seen_all_that_is_shown_has_the_last_word(marks):
    shown = standing(marks)
    last = mark("last", AWAY, device="d", minutes=-60, knew=shown.heads)

    assert standing([*marks, last]).mark == last
    assert standing([*marks, last]).others == ()
    assert all(one.seen != shown.mark.seen for one in shown.others)
    assert all(earlier.seen_at >= later.seen_at for earlier, later in pairwise([shown.mark, *shown.others]))


def test_a_wrong_clock_is_corrected_and_nothing_is_seen_in_the_future_nor_before_the_day():
    midnight, ahead = NOON.replace(hour=0), timedelta(hours=3)
    how = {"at": NOON, "day_begins": midnight}

    said = NOON + ahead - timedelta(minutes=10)
    assert corrected(said, device_now=NOON + ahead, **how) == NOON - timedelta(minutes=10)
    assert corrected(NOON + timedelta(hours=1), device_now=NOON, **how) == NOON
    assert corrected(NOON - timedelta(days=2), device_now=NOON, **how) == midnight


@pytest.mark.parametrize(
    ("fetched", "ends", "late"),
    [
        (time(18, 30), time(18, 30), 0),
        (time(18, 42), time(18, 30), 12),
        (time(18, 30, 59), time(18, 30), 0),
        (time(17, 0), time(18, 30), 0),
        (time(18, 42), None, 0),
    ],
)
def test_lateness_is_counted_from_the_end_in_whole_minutes(fetched, ends, late):
    assert late_minutes(fetched, ends) == late


def test_what_is_not_kept():
    today, known = date(2026, 11, 23), {(1, 2)}

    assert not_kept((1, 2), today, may_mark=known, today=today) is None
    assert not_kept((1, 3), today, may_mark=known, today=today) is NotKept.OUT_OF_REACH
    assert not_kept((1, 2), today + timedelta(days=1), may_mark=known, today=today) is NotKept.TO_COME
