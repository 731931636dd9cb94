"""What a family may do with one day of one child: every reason, and which one comes first."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from marelle.domain.catalog.rules.cutoffs import Boundary, Deadline, Offset, Unit
from marelle.domain.catalog.rules.days import DayRule
from marelle.domain.catalog.rules.opening import Closed
from marelle.domain.reservations.rules.decisions import Booked, Facts, Reason, Refusal, Wish, refusals

PARIS = ZoneInfo("Europe/Paris")
DAY = date(2026, 11, 26)


def paris(*when):
    return datetime(*when, tzinfo=PARIS)


BOOK_BY = Deadline(paris(2026, 11, 24, 9), Boundary.BEFORE)
CANCEL_BY = Deadline(paris(2026, 11, 25, 9), Boundary.UNTIL)
END = paris(2026, 11, 26, 13, 30)
EARLY, BETWEEN, LATE, OVER = (
    paris(2026, 11, 23, 8),
    paris(2026, 11, 24, 12),
    paris(2026, 11, 25, 12),
    paris(2026, 11, 26, 13, 30),
)
EVE = Offset(1, Unit.DAY, time(9))
OPEN = DayRule(DAY, END, book=EVE, book_by=BOOK_BY, cancel=EVE, cancel_by=CANCEL_BY)
CLOSED = DayRule(DAY, END, closed=Closed("Sortie de toute l’école"))
UNCLEAR = DayRule(DAY, END, is_unclear=True)
NOT_ONLINE = DayRule(DAY, END)


def facts(rule=OPEN, **changes):
    return Facts(rule, **{"is_enrolled": True, **changes})


RESERVING = {
    "allowed": (facts(), EARLY, []),
    "the last place": (facts(places_left=1), EARLY, []),
    "no place left": (facts(places_left=0), EARLY, [Refusal(Reason.FULL)]),
    "at the very limit, « avant »": (facts(), paris(2026, 11, 24, 9), [Refusal(Reason.TOO_LATE, BOOK_BY.moment)]),
    "too late": (facts(), BETWEEN, [Refusal(Reason.TOO_LATE, BOOK_BY.moment)]),
    "too late and full: too late is said first": (
        facts(places_left=0),
        BETWEEN,
        [Refusal(Reason.TOO_LATE, BOOK_BY.moment), Refusal(Reason.FULL)],
    ),
    "over": (facts(), OVER, [Refusal(Reason.PAST, END)]),
    "a minute before it is over": (
        facts(),
        paris(2026, 11, 26, 13, 29),
        [Refusal(Reason.TOO_LATE, BOOK_BY.moment)],
    ),
    "no age group": (facts(has_slots=False), EARLY, [Refusal(Reason.WRONG_AGE)]),
    "no age group hides full": (facts(has_slots=False, places_left=0), EARLY, [Refusal(Reason.WRONG_AGE)]),
    "expected elsewhere at these hours": (
        facts(same_time="Journée"),
        EARLY,
        [Refusal(Reason.SAME_TIME, detail="Journée")],
    ),
    "expected elsewhere comes before full": (
        facts(same_time="Journée", places_left=0),
        EARLY,
        [Refusal(Reason.SAME_TIME, detail="Journée"), Refusal(Reason.FULL)],
    ),
    "too late comes before elsewhere": (
        facts(same_time="Journée"),
        BETWEEN,
        [Refusal(Reason.TOO_LATE, BOOK_BY.moment), Refusal(Reason.SAME_TIME, detail="Journée")],
    ),
    "not enrolled": (facts(is_enrolled=False), EARLY, [Refusal(Reason.NOT_ENROLLED)]),
    "not enrolled hides full": (facts(is_enrolled=False, places_left=0), EARLY, [Refusal(Reason.NOT_ENROLLED)]),
    "closed": (facts(CLOSED), EARLY, [Refusal(Reason.CLOSED, detail="Sortie de toute l’école")]),
    "closed hides not enrolled": (
        facts(CLOSED, is_enrolled=False),
        EARLY,
        [Refusal(Reason.CLOSED, detail="Sortie de toute l’école")],
    ),
    "closed hides that it is over": (facts(CLOSED), OVER, [Refusal(Reason.CLOSED, detail="Sortie de toute l’école")]),
    "no rule": (facts(UNCLEAR), EARLY, [Refusal(Reason.UNCLEAR)]),
    "never online": (facts(NOT_ONLINE), EARLY, [Refusal(Reason.NOT_ONLINE)]),
    "reserved already": (facts(booked=Booked.RESERVED), EARLY, [Refusal(Reason.ALREADY_RESERVED)]),
    "held already": (facts(booked=Booked.HELD), EARLY, [Refusal(Reason.ALREADY_RESERVED)]),
    "reserved by the other home": (
        facts(booked=Booked.RESERVED, is_other_home=True),
        EARLY,
        [Refusal(Reason.OTHER_HOME)],
    ),
    "reserved already hides too late": (facts(booked=Booked.RESERVED), LATE, [Refusal(Reason.ALREADY_RESERVED)]),
}


@pytest.mark.parametrize(("known", "at", "expected"), RESERVING.values(), ids=RESERVING.keys())
def test_reserving(known, at, expected):
    assert list(refusals(known, Wish.RESERVE, at=at)) == expected


CANCELLING = {
    "allowed": (facts(booked=Booked.RESERVED), EARLY, []),
    "allowed when held": (facts(booked=Booked.HELD), EARLY, []),
    "allowed between the two limits": (facts(booked=Booked.RESERVED), BETWEEN, []),
    "at the very limit, « jusqu’à »": (facts(booked=Booked.RESERVED), paris(2026, 11, 25, 9), []),
    "a minute after": (
        facts(booked=Booked.RESERVED),
        paris(2026, 11, 25, 9, 1),
        [Refusal(Reason.TOO_LATE, CANCEL_BY.moment)],
    ),
    "over": (facts(booked=Booked.RESERVED), OVER, [Refusal(Reason.PAST, END)]),
    "nothing reserved": (facts(), EARLY, [Refusal(Reason.NOT_RESERVED)]),
    "of the other home": (facts(booked=Booked.RESERVED, is_other_home=True), EARLY, [Refusal(Reason.OTHER_HOME)]),
    "asked already": (facts(booked=Booked.RESERVED, is_asked=True), EARLY, [Refusal(Reason.ALREADY_ASKED)]),
    "a full day can be cancelled": (facts(booked=Booked.RESERVED, places_left=0), EARLY, []),
    "no longer enrolled can still cancel": (facts(booked=Booked.RESERVED, is_enrolled=False), EARLY, []),
    "never online": (facts(NOT_ONLINE, booked=Booked.RESERVED), EARLY, [Refusal(Reason.NOT_ONLINE)]),
    "no rule": (facts(UNCLEAR, booked=Booked.RESERVED), EARLY, [Refusal(Reason.UNCLEAR)]),
}


@pytest.mark.parametrize(("known", "at", "expected"), CANCELLING.values(), ids=CANCELLING.keys())
def test_cancelling(known, at, expected):
    assert list(refusals(known, Wish.CANCEL, at=at)) == expected
