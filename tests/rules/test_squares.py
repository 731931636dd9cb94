"""What a square of the week shows: every state, what they allow, and which moment they tell."""

import pytest

from marelle.domain.reservations.rules.decisions import Booked, Reason, Refusal, Wish
from marelle.domain.reservations.rules.squares import Seen, Square, SquareState, square
from tests.rules.test_decisions import (
    BETWEEN,
    BOOK_BY,
    CANCEL_BY,
    CLOSED,
    EARLY,
    LATE,
    LATE_BY,
    NOT_ONLINE,
    NOT_OPEN,
    OPENS_AT,
    OVER,
    TWO_STEPS,
    UNCLEAR,
    facts,
)

TOO_LATE_TO_BOOK = Refusal(Reason.TOO_LATE, BOOK_BY.moment)
TOO_LATE_TO_CANCEL = Refusal(Reason.TOO_LATE, CANCEL_BY.moment)
FULL = Refusal(Reason.FULL)

SQUARES = {
    "bookable": (facts(), EARLY, {}, Square(SquareState.BOOKABLE, is_ticked=False, until=BOOK_BY)),
    "in the basket": (
        facts(),
        EARLY,
        {"wish": Wish.RESERVE},
        Square(SquareState.IN_BASKET, is_ticked=True, until=BOOK_BY),
    ),
    "in the basket, too late meanwhile": (
        facts(),
        BETWEEN,
        {"wish": Wish.RESERVE},
        Square(SquareState.IN_BASKET, is_ticked=True, until=BOOK_BY, is_lost=True),
    ),
    "in the basket, full meanwhile": (
        facts(places_left=0),
        EARLY,
        {"wish": Wish.RESERVE},
        Square(SquareState.IN_BASKET, is_ticked=True, until=BOOK_BY, is_lost=True),
    ),
    "reserved": (
        facts(booked=Booked.RESERVED),
        EARLY,
        {},
        Square(SquareState.RESERVED, is_ticked=True, until=CANCEL_BY),
    ),
    "reserved, a wish to reserve left over": (
        facts(booked=Booked.RESERVED),
        EARLY,
        {"wish": Wish.RESERVE},
        Square(SquareState.RESERVED, is_ticked=True, until=CANCEL_BY),
    ),
    "locked": (facts(booked=Booked.RESERVED), LATE, {}, Square(SquareState.LOCKED, refusal=TOO_LATE_TO_CANCEL)),
    "locked: the other home's": (
        facts(booked=Booked.RESERVED, is_other_home=True),
        EARLY,
        {},
        Square(SquareState.LOCKED, refusal=Refusal(Reason.OTHER_HOME)),
    ),
    "locked: not the other home's to cancel": (
        facts(booked=Booked.RESERVED, is_other_home=True),
        EARLY,
        {"wish": Wish.CANCEL},
        Square(SquareState.LOCKED, refusal=Refusal(Reason.OTHER_HOME)),
    ),
    "of the other home: nothing of what happened": (
        facts(is_elsewhere=True),
        EARLY,
        {"seen": Seen.PRESENT, "rank": 2, "was_cancelled": True},
        Square(SquareState.ELSEWHERE, refusal=Refusal(Reason.ELSEWHERE)),
    ),
    "of the other home, and closed to all": (
        facts(CLOSED, is_elsewhere=True),
        EARLY,
        {"seen": Seen.PRESENT},
        Square(SquareState.CLOSED, refusal=Refusal(Reason.CLOSED, detail="Sortie de toute l’école")),
    ),
    "in the basket when the day changed hands": (
        facts(is_elsewhere=True),
        EARLY,
        {"wish": Wish.RESERVE},
        Square(SquareState.IN_BASKET, is_ticked=True, until=BOOK_BY, is_lost=True),
    ),
    "locked: never online": (
        facts(NOT_ONLINE, booked=Booked.RESERVED),
        EARLY,
        {},
        Square(SquareState.LOCKED, refusal=Refusal(Reason.NOT_ONLINE)),
    ),
    "to cancel": (
        facts(booked=Booked.RESERVED),
        EARLY,
        {"wish": Wish.CANCEL},
        Square(SquareState.TO_CANCEL, is_ticked=False, until=CANCEL_BY),
    ),
    "to cancel, too late meanwhile": (
        facts(booked=Booked.RESERVED),
        LATE,
        {"wish": Wish.CANCEL},
        Square(SquareState.TO_CANCEL, is_ticked=False, until=CANCEL_BY, is_lost=True),
    ),
    "awaiting the agent": (facts(booked=Booked.RESERVED, is_asked=True), EARLY, {}, Square(SquareState.AWAITING_AGENT)),
    "awaiting the agent, too late too": (
        facts(booked=Booked.RESERVED, is_asked=True),
        LATE,
        {},
        Square(SquareState.AWAITING_AGENT),
    ),
    "held": (facts(booked=Booked.HELD), EARLY, {}, Square(SquareState.HELD, is_ticked=True, until=CANCEL_BY)),
    "held, too late to give back": (
        facts(booked=Booked.HELD),
        LATE,
        {},
        Square(SquareState.HELD, refusal=TOO_LATE_TO_CANCEL),
    ),
    "not open yet": (
        facts(NOT_OPEN),
        EARLY,
        {},
        Square(SquareState.NOT_OPEN, refusal=Refusal(Reason.NOT_OPEN, until=OPENS_AT)),
    ),
    "bookable late, at another price": (
        facts(TWO_STEPS),
        BETWEEN,
        {},
        Square(SquareState.BOOKABLE, is_ticked=False, until=LATE_BY),
    ),
    "full": (facts(places_left=0), EARLY, {}, Square(SquareState.FULL, refusal=FULL)),
    "waiting list": (facts(places_left=0), EARLY, {"rank": 2}, Square(SquareState.WAITING_LIST, refusal=FULL)),
    "too late": (facts(), BETWEEN, {}, Square(SquareState.TOO_LATE, refusal=TOO_LATE_TO_BOOK)),
    "too late and full: too late": (
        facts(places_left=0),
        BETWEEN,
        {},
        Square(SquareState.TOO_LATE, refusal=TOO_LATE_TO_BOOK),
    ),
    "unclear shows as too late, with its own words": (
        facts(UNCLEAR),
        EARLY,
        {},
        Square(SquareState.TOO_LATE, refusal=Refusal(Reason.UNCLEAR, detail="Le règlement ne peut pas être lu.")),
    ),
    "not enrolled": (
        facts(is_enrolled=False),
        EARLY,
        {},
        Square(SquareState.NOT_ENROLLED, refusal=Refusal(Reason.NOT_ENROLLED)),
    ),
    "not the age": (
        facts(has_slots=False),
        EARLY,
        {},
        Square(SquareState.NOT_ENROLLED, refusal=Refusal(Reason.WRONG_AGE)),
    ),
    "expected elsewhere at these hours": (
        facts(same_time="Journée"),
        EARLY,
        {},
        Square(SquareState.UNAVAILABLE, refusal=Refusal(Reason.SAME_TIME, detail="Journée")),
    ),
    "closed": (
        facts(CLOSED),
        EARLY,
        {},
        Square(SquareState.CLOSED, refusal=Refusal(Reason.CLOSED, detail="Sortie de toute l’école")),
    ),
    "closed stays closed once over": (
        facts(CLOSED),
        OVER,
        {},
        Square(SquareState.CLOSED, refusal=Refusal(Reason.CLOSED, detail="Sortie de toute l’école")),
    ),
    "cancelled, and too late to come back": (
        facts(),
        BETWEEN,
        {"was_cancelled": True},
        Square(SquareState.CANCELLED, refusal=TOO_LATE_TO_BOOK),
    ),
    "cancelled, and free to come back": (
        facts(),
        EARLY,
        {"was_cancelled": True},
        Square(SquareState.BOOKABLE, is_ticked=False, until=BOOK_BY),
    ),
    "cancelled, once over": (facts(), OVER, {"was_cancelled": True}, Square(SquareState.CANCELLED)),
    "not reserved, once over": (facts(), OVER, {}, Square(SquareState.UNBOOKED)),
    "present": (facts(booked=Booked.RESERVED), OVER, {"seen": Seen.PRESENT}, Square(SquareState.PRESENT)),
    "present without a reservation": (facts(), OVER, {"seen": Seen.PRESENT}, Square(SquareState.PRESENT)),
    "absent": (facts(booked=Booked.RESERVED), OVER, {"seen": Seen.ABSENT}, Square(SquareState.ABSENT)),
    "told absent": (facts(booked=Booked.RESERVED, is_told=True), LATE, {}, Square(SquareState.ABSENCE_TOLD)),
    "told absent, and seen so": (
        facts(booked=Booked.RESERVED, is_told=True),
        OVER,
        {"seen": Seen.ABSENT},
        Square(SquareState.ABSENCE_TOLD),
    ),
    "told absent, and there all the same": (
        facts(booked=Booked.RESERVED, is_told=True),
        OVER,
        {"seen": Seen.PRESENT},
        Square(SquareState.PRESENT),
    ),
    "told absent by one parent, in the other's basket to cancel": (
        facts(booked=Booked.RESERVED, is_told=True),
        EARLY,
        {"wish": Wish.CANCEL},
        Square(SquareState.TO_CANCEL, is_ticked=False, until=CANCEL_BY, is_lost=True),
    ),
}


@pytest.mark.parametrize(("known", "at", "more", "expected"), SQUARES.values(), ids=SQUARES.keys())
def test_a_square(known, at, more, expected):
    assert square(known, at=at, **more) == expected


def test_every_state_is_in_the_table():
    assert {expected.state for _facts, _at, _more, expected in SQUARES.values()} == set(SquareState)


def test_only_what_can_change_can_be_ticked():
    ticked = {expected.state for *_given, expected in SQUARES.values() if expected.is_ticked is not None}

    assert ticked == {
        SquareState.BOOKABLE,
        SquareState.IN_BASKET,
        SquareState.RESERVED,
        SquareState.TO_CANCEL,
        SquareState.HELD,
    }
