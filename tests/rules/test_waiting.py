"""Who is next when a place frees up, and until when it is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.catalog.rules.waiting import WaitingRules
from marelle.domain.reservations.rules.decisions import Decision, Outcome, Reason, Refusal
from marelle.domain.reservations.rules.waiting import Kept, Waiting, in_order, kept, may_let_go, reasons

AT = datetime(2026, 11, 23, 7, tzinfo=UTC)
NOON = AT + timedelta(days=2)
HOUR = timedelta(hours=1)
BY_NEED = WaitingRules(("both_work", "sibling", "school", "resident"))


def one(key, minutes=0, **facts):
    return Waiting(key, AT + timedelta(minutes=minutes), **facts)


def keys(waiting, rules):
    return [each.key for each in in_order(waiting, rules)]


def test_without_priorities_the_first_who_asked_is_the_first_served():
    assert keys([one(1, 5), one(2), one(4, 2), one(3, 2)], WaitingRules()) == [2, 3, 4, 1]


def test_the_first_priority_on_which_two_differ_decides_before_the_date():
    early = one(1, audiences=frozenset({"resident"}))
    sister = one(2, 10, has_sibling=True)
    at_school = one(3, 20, has_sibling=True, is_at_school=True)
    both_work = one(4, 30, audiences=frozenset({"both_work"}))

    assert keys([early, sister, at_school, both_work], BY_NEED) == [4, 3, 2, 1]
    assert reasons(at_school, BY_NEED) == ("sibling", "school")
    assert reasons(one(5), BY_NEED) == ()


waitings = st.lists(
    st.builds(
        Waiting,
        st.integers(1, 99),
        st.integers(0, 9).map(lambda minutes: AT + timedelta(minutes=minutes)),
        st.booleans(),
        st.booleans(),
        st.frozensets(st.sampled_from(("resident", "both_work"))),
    ),
    max_size=9,
    unique_by=lambda each: each.key,
)
priorities = st.lists(st.sampled_from(BY_NEED.priorities), unique=True).map(tuple)


@given(waitings, priorities, st.randoms())
def test_the_order_is_the_same_however_they_are_read_and_nobody_passes_who_has_as_much(waiting, voted, chance):
    rules = WaitingRules(voted)
    order = in_order(waiting, rules)
    shuffled = list(waiting)
    chance.shuffle(shuffled)

    assert in_order(shuffled, rules) == order
    for before, after in pairwise(order):
        mine, theirs = ([each.has(priority) for priority in voted] for each in (before, after))
        assert mine >= theirs
        if mine == theirs:
            assert (before.asked_at, before.key) < (after.asked_at, after.key)


def allowed(outcome=Outcome.ALLOWED, changes_at=None):
    return Decision(outcome, changes_at=changes_at)


def refused(*reasons_against):
    return Decision(Outcome.REFUSED, tuple(Refusal(reason) for reason in reasons_against))


PAST_LIMIT = WaitingRules(offer_hours=24, is_past_limit=True)
KEPT = {
    "as long as was voted": (allowed(), WaitingRules(offer_hours=6), Kept(AT + 6 * HOUR)),
    "never past the limit to reserve": (allowed(changes_at=AT + HOUR), WaitingRules(), Kept(AT + HOUR)),
    "never past the service": (allowed(), WaitingRules(offer_hours=100), Kept(NOON)),
    "a late price is offered too": (allowed(Outcome.SURCHARGE), WaitingRules(offer_hours=1), Kept(AT + HOUR)),
    "nothing that an agent would decide": (allowed(Outcome.REQUEST), PAST_LIMIT, None),
    "nothing where who waits is only told": (allowed(), WaitingRules(offer_hours=None), None),
    "nothing once it is too late": (refused(Reason.TOO_LATE), WaitingRules(), None),
    "an hour past the limit, if it was voted": (refused(Reason.TOO_LATE), PAST_LIMIT, Kept(AT + HOUR, True)),
    "not to whom something else refuses": (refused(Reason.TOO_LATE, Reason.SAME_TIME), PAST_LIMIT, None),
}


@pytest.mark.parametrize(("decision", "rules", "expected"), KEPT.values(), ids=KEPT)
def test_how_long_a_place_is_kept(decision, rules, expected):
    assert kept(decision, rules, ends_at=NOON, at=AT) == expected


def test_nothing_is_kept_once_the_service_is_over():
    assert kept(allowed(), WaitingRules(), ends_at=AT, at=AT) is None


def test_a_place_is_let_go_only_when_it_is_too_late_to_cancel_and_the_reglement_offers_such_places():
    late = refused(Reason.TOO_LATE)

    assert may_let_go(late, PAST_LIMIT, ends_at=NOON, at=AT)
    assert not may_let_go(late, WaitingRules(), ends_at=NOON, at=AT)
    assert not may_let_go(late, PAST_LIMIT, ends_at=AT, at=AT)
    assert not may_let_go(allowed(), PAST_LIMIT, ends_at=NOON, at=AT)
    assert not may_let_go(refused(Reason.OTHER_HOME), PAST_LIMIT, ends_at=NOON, at=AT)
