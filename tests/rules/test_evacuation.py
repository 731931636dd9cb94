"""Who is counted outside: whoever was seen there, and in doubt whoever was expected."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.reservations.rules.evacuation import Part, Seen, counted, there_at

ANA, BOB, CLEO = 1, 2, 3


def at(hour, minute=0):
    return datetime(2026, 11, 26, hour, minute, tzinfo=UTC)


def lunch(child, seen):
    return Part(child, seen, at(11, 30), at(13, 30))


def evening(child, seen):
    return Part(child, seen, at(16, 30), at(18, 30))


def test_who_is_seen_or_expected_at_that_hour_is_counted_and_nobody_else():
    parts = [
        lunch(ANA, Seen.PRESENT),
        lunch(BOB, Seen.ABSENT),
        lunch(CLEO, Seen.EXPECTED),
        evening(BOB, Seen.EXPECTED),
    ]

    assert there_at(parts, at(12)) == {ANA: Seen.PRESENT, CLEO: Seen.EXPECTED}
    assert there_at(parts, at(17)) == {BOB: Seen.EXPECTED}
    assert there_at(parts, at(14, 30)) == {}
    assert there_at(parts, None) == {ANA: Seen.PRESENT, BOB: Seen.EXPECTED, CLEO: Seen.EXPECTED}
    assert counted(there_at(parts, None)) == (1, 2)


def test_who_comes_early_or_is_fetched_late_is_still_counted():
    assert there_at([evening(ANA, Seen.PRESENT)], at(16, 1))
    assert there_at([evening(ANA, Seen.PRESENT)], at(18, 59))
    assert not there_at([evening(ANA, Seen.PRESENT)], at(19))
    assert not there_at([evening(ANA, Seen.PRESENT)], at(15, 59))


def test_a_part_of_no_hour_lasts_the_whole_day():
    assert there_at([Part(ANA, Seen.EXPECTED)], at(3)) == {ANA: Seen.EXPECTED}


def test_seen_at_one_part_is_seen_in_whatever_order_the_parts_come():
    for parts in (
        [lunch(ANA, Seen.PRESENT), lunch(ANA, Seen.EXPECTED)],
        [lunch(ANA, Seen.EXPECTED), lunch(ANA, Seen.PRESENT)],
    ):
        assert there_at(parts, at(12)) == {ANA: Seen.PRESENT}


@given(st.lists(st.builds(lunch, st.integers(1, 5), st.sampled_from(Seen))))
def test_nobody_who_was_seen_is_ever_missing(parts):
    found = there_at(parts, at(12))

    assert {part.child for part in parts if part.seen is Seen.PRESENT} <= found.keys()
    assert found.keys() == {part.child for part in parts if part.seen is not Seen.ABSENT}
