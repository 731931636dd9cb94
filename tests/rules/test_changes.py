"""Changing one product for another on a day: the règlement may say it apart; and what a decision carries along."""

import pytest

from marelle.domain.catalog.rules.acts import Act, ActTimes, Late
from marelle.domain.catalog.rules.cancellations import CancellationEffect
from marelle.domain.catalog.rules.pricing import NOTHING_DUE
from marelle.domain.catalog.rules.quotas import Excludes
from marelle.domain.reservations.rules.decisions import Booked, Outcome, Reason, Refusal, Wish, decide
from marelle.domain.reservations.rules.squares import square
from tests.rules.test_decisions import (
    BETWEEN,
    BOOK_BY,
    CANCEL_BY,
    CLOSED,
    EARLY,
    EVE,
    HALF_MORE,
    LATE,
    LATE_BY,
    NOT_ONLINE,
    facts,
    late,
    rule,
)

TO_CHANGE = ActTimes(EVE, LATE_BY)


def changing(wish, at, times=TO_CHANGE, **known):
    booked = Booked.RESERVED if wish is Wish.CANCEL else None
    return decide(facts(rule()._replace(change=times), booked=booked, is_change=True, **known), wish, at=at)


@pytest.mark.parametrize("wish", Wish)
def test_a_change_has_its_own_limit(wish):
    in_time, too_late = changing(wish, BETWEEN), changing(wish, LATE)

    assert (in_time.outcome, in_time.until, in_time.changes_at) == (Outcome.ALLOWED, LATE_BY, LATE_BY.moment)
    assert too_late.refusals == (Refusal(Reason.TOO_LATE, LATE_BY.moment),)


def test_what_is_given_up_for_another_costs_nothing_and_no_agent_is_asked():
    decision = changing(Wish.CANCEL, EARLY)

    assert (decision.price, decision.is_late) == (NOTHING_DUE, False)


def test_a_late_change_that_an_agent_decides_is_asked_for_both_products():
    asked = ActTimes(Act(EVE.closes, late=Late(HALF_MORE, is_request=True)), BOOK_BY, late_closes=LATE_BY)

    assert changing(Wish.CANCEL, BETWEEN, asked).outcome is Outcome.REQUEST
    assert changing(Wish.RESERVE, BETWEEN, asked).outcome is Outcome.REQUEST


def test_a_child_said_to_be_absent_is_not_cancelled_too():
    told = facts(booked=Booked.RESERVED, is_told=True)

    assert decide(told, Wish.CANCEL, at=EARLY).refusals == (Refusal(Reason.TOLD_ABSENT),)


def test_a_day_closed_since_it_was_reserved_says_why():
    decision = decide(facts(CLOSED, booked=Booked.RESERVED), Wish.CANCEL, at=EARLY)

    assert decision.refusals == (Refusal(Reason.CLOSED, detail="Sortie de toute l’école"),)


def test_a_cancellation_says_until_when_it_is_so_and_that_it_is_late():
    automatic = {"cancellation": CancellationEffect(is_automatic=True)}
    in_time = decide(facts(rule(**automatic), booked=Booked.RESERVED), Wish.CANCEL, at=EARLY)
    late_one = decide(facts(rule(cancel=late(), **automatic), booked=Booked.RESERVED), Wish.CANCEL, at=BETWEEN)

    assert (in_time.changes_at, in_time.is_late) == (CANCEL_BY.over_at, False)
    assert (late_one.changes_at, late_one.is_late) == (LATE_BY.over_at, True)


def test_a_product_without_a_name_is_said_by_its_code():
    known = facts(rule(quotas=(Excludes(("atelier",)),)), others=frozenset({"atelier"}))

    assert decide(known, Wish.RESERVE, at=EARLY).refusals == (Refusal(Reason.EXCLUDED, detail="« atelier »"),)


@pytest.mark.parametrize(
    ("known", "wished"),
    [
        (facts(), None),
        (facts(), Wish.RESERVE),
        (facts(booked=Booked.RESERVED), None),
        (facts(booked=Booked.RESERVED), Wish.CANCEL),
    ],
    ids=["bookable", "in the basket", "reserved", "to cancel"],
)
def test_a_square_that_can_change_carries_what_it_comes_to(known, wished):
    wish = Wish.CANCEL if known.booked else Wish.RESERVE

    assert square(known, at=EARLY, wish=wished).decision == decide(known, wish, at=EARLY)


def test_what_is_never_online_is_not_changed_either():
    known = facts(NOT_ONLINE, is_change=True)

    assert decide(known, Wish.RESERVE, at=EARLY).refusals[0].reason is Reason.UNCLEAR
