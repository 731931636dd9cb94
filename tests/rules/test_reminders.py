"""Which reminder is due, and when there is nothing left to say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from marelle.domain.billing.rules.reminders import Stage, Unpaid, days_late, due_stage, is_past_last, next_stage

DUE = date(2026, 11, 5)
STAGES = (Stage(1, 7), Stage(2, 21), Stage(3, 35))
OWED = Unpaid(left=1540, due_on=DUE)


def after(days: int) -> date:
    return DUE + timedelta(days=days)


def sent(**by_position: int) -> Unpaid:
    return replace(OWED, sent={int(name[1:]): after(days) for name, days in by_position.items()})


@pytest.mark.parametrize(
    ("unpaid", "days", "position"),
    [
        (OWED, 6, None),
        (OWED, 7, 1),
        (OWED, 60, 1),  # a régie that begins late does not begin by its last words
        (sent(_1=7), 20, None),
        (sent(_1=7), 21, 2),
        (sent(_1=30), 35, None),  # the first was late: the second waits as long as it should
        (sent(_1=30), 44, 2),
        (sent(_1=7, _2=21), 35, 3),
        (sent(_1=7, _2=21, _3=35), 90, None),
    ],
)
def test_reminders_follow_one_another(unpaid, days, position):
    found = due_stage(unpaid, STAGES, on=after(days))

    assert (found.position if found else None) == position


@pytest.mark.parametrize(
    "change", [{"left": 0}, {"left": -100}, {"in_recovery": True}, {"is_held": True}, {"due_on": None}]
)
def test_what_is_paid_recovered_held_or_undated_is_not_asked_for(change):
    unpaid = replace(OWED, **change)

    assert due_stage(unpaid, STAGES, on=after(60)) is None
    assert next_stage(unpaid, STAGES) is None
    assert not is_past_last(replace(unpaid, sent={3: after(35)}), STAGES, on=after(200))


def test_an_agent_may_send_the_next_one_at_once():
    assert next_stage(OWED, STAGES) == STAGES[0]
    assert next_stage(sent(_1=7), STAGES) == STAGES[1]
    assert next_stage(sent(_3=7), STAGES) is None
    assert next_stage(OWED, ()) is None


def test_it_may_be_handed_over_when_all_was_said_and_time_went_by():
    assert not is_past_last(sent(_1=7, _2=21), STAGES, on=after(300))
    assert not is_past_last(sent(_3=35), STAGES, on=after(48))
    assert is_past_last(sent(_3=35), STAGES, on=after(49))
    assert not is_past_last(sent(_1=7), (Stage(1, 7),), on=after(13))
    assert is_past_last(sent(_1=7), (Stage(1, 7),), on=after(14))
    assert not is_past_last(OWED, (), on=after(30))
    assert is_past_last(OWED, (), on=after(31))


def test_days_late_are_counted_from_the_day_after_the_last_one():
    assert [days_late(OWED, on=after(days)) for days in (-3, 0, 1, 40)] == [0, 0, 1, 40]
    assert days_late(replace(OWED, due_on=None), on=after(9)) == 0
