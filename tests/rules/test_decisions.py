"""What a family may do with one day of one child: every reason, and which one comes first."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from marelle.domain.catalog.rules.acts import EVERYONE, Act, ActTimes, Count, Late, OpeningWave
from marelle.domain.catalog.rules.blocks import BlockKind, BlockRule, FamilyBlock
from marelle.domain.catalog.rules.cancellations import CancellationEffect
from marelle.domain.catalog.rules.closings import Closing
from marelle.domain.catalog.rules.cutoffs import Boundary, Deadline, Never, Offset, Unit
from marelle.domain.catalog.rules.days import DayRule
from marelle.domain.catalog.rules.opening import Closed
from marelle.domain.catalog.rules.pricing import FULL_PRICE, NOTHING_DUE, PriceKind, PriceRule
from marelle.domain.catalog.rules.quotas import AtMost, Excludes, Requires
from marelle.domain.catalog.rules.reglements import Reglement
from marelle.domain.catalog.rules.spans import Per
from marelle.domain.reservations.rules.decisions import Booked, Facts, Outcome, Reason, Refusal, Wish, decide

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
EVE = Act(Closing(Offset(1, Unit.DAY, time(9))))
NEVER = Act(Closing(Never()))
OPENS_AT = paris(2026, 11, 23, 20)
LATE_BY = Deadline(paris(2026, 11, 25, 9), Boundary.BEFORE)
HALF_MORE = PriceRule(PriceKind.MORE_PERCENT, 50)


def rule(book=None, cancel=None, **said):
    """A day whose limits are BOOK_BY and CANCEL_BY; what else the règlement says in `said`."""
    rules = Reglement(EVE, EVE, **said)
    return DayRule(
        DAY,
        END,
        rules=rules,
        book=book or ActTimes(EVE, BOOK_BY),
        cancel=cancel or ActTimes(EVE, CANCEL_BY),
        names={"gouter": "Goûter", "journee": "Journée"},
    )


def late(price=HALF_MORE, **more):
    return ActTimes(Act(EVE.closes, late=Late(price, **more)), BOOK_BY, late_closes=LATE_BY)


OPEN = rule()
CLOSED = DayRule(DAY, END, closed=Closed("Sortie de toute l’école"))
UNCLEAR = DayRule(DAY, END, unclear="Le règlement ne peut pas être lu.")
NOT_ONLINE = rule(book=ActTimes(NEVER, None), cancel=ActTimes(NEVER, None))
NOT_OPEN = rule(book=ActTimes(Act(EVE.closes, (OpeningWave(EVERYONE, OPENS_AT),)), BOOK_BY, ((EVERYONE, OPENS_AT),)))
TWO_STEPS = rule(book=late())


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
    "no rule": (facts(UNCLEAR), EARLY, [Refusal(Reason.UNCLEAR, detail="Le règlement ne peut pas être lu.")]),
    "never online": (facts(NOT_ONLINE), EARLY, [Refusal(Reason.NOT_ONLINE)]),
    "reserved already": (facts(booked=Booked.RESERVED), EARLY, [Refusal(Reason.ALREADY_RESERVED)]),
    "held already": (facts(booked=Booked.HELD), EARLY, [Refusal(Reason.ALREADY_RESERVED)]),
    "reserved by the other home": (
        facts(booked=Booked.RESERVED, is_other_home=True),
        EARLY,
        [Refusal(Reason.OTHER_HOME)],
    ),
    "a day of the other home": (facts(is_elsewhere=True, places_left=0), LATE, [Refusal(Reason.ELSEWHERE)]),
    "not enrolled hides whose day it is": (
        facts(is_enrolled=False, is_elsewhere=True),
        EARLY,
        [Refusal(Reason.NOT_ENROLLED)],
    ),
    "reserved already hides too late": (facts(booked=Booked.RESERVED), LATE, [Refusal(Reason.ALREADY_RESERVED)]),
}


@pytest.mark.parametrize(("known", "at", "expected"), RESERVING.values(), ids=RESERVING.keys())
def test_reserving(known, at, expected):
    assert list(decide(known, Wish.RESERVE, at=at).refusals) == expected


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
    "no rule": (
        facts(UNCLEAR, booked=Booked.RESERVED),
        EARLY,
        [Refusal(Reason.UNCLEAR, detail="Le règlement ne peut pas être lu.")],
    ),
}


@pytest.mark.parametrize(("known", "at", "expected"), CANCELLING.values(), ids=CANCELLING.keys())
def test_cancelling(known, at, expected):
    assert list(decide(known, Wish.CANCEL, at=at).refusals) == expected


MORE_REFUSALS = {
    "not open yet": (facts(NOT_OPEN), [Refusal(Reason.NOT_OPEN, until=OPENS_AT)]),
    "never open to this family": (
        facts(rule(book=ActTimes(EVE, BOOK_BY, (("resident", OPENS_AT),))), audiences=frozenset({"non_resident"})),
        [Refusal(Reason.NOT_OPEN)],
    ),
    "unpaid above what the council tolerates": (
        facts(
            rule(blocks=(BlockRule(BlockKind.UNPAID, 5000),)),
            blocks=(FamilyBlock(BlockKind.UNPAID, 5001),),
        ),
        [Refusal(Reason.BLOCKED, block=FamilyBlock(BlockKind.UNPAID, 5001))],
    ),
    "unpaid, but no more than tolerated": (
        facts(rule(blocks=(BlockRule(BlockKind.UNPAID, 5000),)), blocks=(FamilyBlock(BlockKind.UNPAID, 5000),)),
        [],
    ),
    "a document of another name is missing": (
        facts(
            rule(blocks=(BlockRule(BlockKind.MISSING_DOCUMENT, document="Assurance"),)),
            blocks=(FamilyBlock(BlockKind.MISSING_DOCUMENT, document="vaccins"),),
        ),
        [],
    ),
    "a document is missing, whatever its letters": (
        facts(
            rule(blocks=(BlockRule(BlockKind.MISSING_DOCUMENT, document="Assurance"),)),
            blocks=(FamilyBlock(BlockKind.MISSING_DOCUMENT, document="assurance"),),
        ),
        [Refusal(Reason.BLOCKED, block=FamilyBlock(BlockKind.MISSING_DOCUMENT, document="assurance"))],
    ),
    "a règlement that minds nothing": (facts(blocks=(FamilyBlock(BlockKind.INCOMPLETE_FILE),)), []),
    "a day too many": (
        facts(rule(quotas=(AtMost(3, Per.WEEK),)), counted=(3,)),
        [Refusal(Reason.AT_MOST, quota=AtMost(3, Per.WEEK))],
    ),
    "the last day of the week": (facts(rule(quotas=(AtMost(3, Per.WEEK),)), counted=(2,)), []),
    "not with the other": (
        facts(rule(quotas=(Excludes(("journee",)),)), others=frozenset({"journee"})),
        [Refusal(Reason.EXCLUDED, detail="« Journée »")],
    ),
    "not without the other": (
        facts(rule(quotas=(Requires(("gouter", "journee")),))),
        [Refusal(Reason.REQUIRED, detail="« Goûter » ou « Journée »")],
    ),
    "with the other": (facts(rule(quotas=(Requires(("gouter",)),)), others=frozenset({"gouter"})), []),
}


@pytest.mark.parametrize(("known", "expected"), MORE_REFUSALS.values(), ids=MORE_REFUSALS.keys())
def test_what_the_reglement_says_besides_the_limit(known, expected):
    assert list(decide(known, Wish.RESERVE, at=EARLY).refusals) == expected


def test_a_decision_in_time_says_until_when():
    decision = decide(facts(), Wish.RESERVE, at=EARLY)

    assert (decision.outcome, decision.until, decision.changes_at) == (Outcome.ALLOWED, BOOK_BY, BOOK_BY.moment)
    assert (decision.price, decision.is_late) == (FULL_PRICE, False)


def test_what_is_not_open_says_when_it_will_be():
    assert decide(facts(NOT_OPEN), Wish.RESERVE, at=EARLY).changes_at == OPENS_AT
    assert decide(facts(NOT_OPEN), Wish.RESERVE, at=OPENS_AT).outcome is Outcome.ALLOWED


def test_time_alone_does_not_open_what_is_also_full():
    assert decide(facts(NOT_OPEN, places_left=0), Wish.RESERVE, at=EARLY).changes_at is None


def test_a_wave_for_others_does_not_delay_mine():
    times = ActTimes(EVE, BOOK_BY, (("resident", EARLY), (EVERYONE, OPENS_AT)))

    def answered(*audiences):
        return decide(facts(rule(book=times), audiences=frozenset(audiences)), Wish.RESERVE, at=EARLY).outcome

    assert answered("resident") is Outcome.ALLOWED
    assert answered("non_resident") is Outcome.REFUSED


def test_late_is_possible_at_another_price_until_the_second_limit():
    known = facts(TWO_STEPS)

    between, at_the_limit = (decide(known, Wish.RESERVE, at=at) for at in (BETWEEN, LATE_BY.moment))

    assert (between.outcome, between.price, between.is_late) == (Outcome.SURCHARGE, HALF_MORE, True)
    assert (between.until, between.changes_at) == (LATE_BY, LATE_BY.moment)
    assert at_the_limit.refusals == (Refusal(Reason.TOO_LATE, LATE_BY.moment),)


def test_a_second_step_that_ends_before_the_first_changes_nothing():
    early = Deadline(paris(2026, 11, 22, 9), Boundary.BEFORE)
    times = ActTimes(Act(EVE.closes, late=Late(HALF_MORE)), BOOK_BY, late_closes=early)

    decision = decide(facts(rule(book=times)), Wish.RESERVE, at=BETWEEN)

    assert decision.refusals == (Refusal(Reason.TOO_LATE, BOOK_BY.moment),)


def test_late_can_be_the_agents_to_decide():
    decision = decide(facts(rule(book=late(is_request=True))), Wish.RESERVE, at=BETWEEN)

    assert (decision.outcome, decision.price) == (Outcome.REQUEST, HALF_MORE)


def test_late_at_the_ordinary_price_is_simply_allowed():
    decision = decide(facts(rule(book=late(FULL_PRICE))), Wish.RESERVE, at=BETWEEN)

    assert (decision.outcome, decision.is_late) == (Outcome.ALLOWED, True)


def test_the_first_late_bookings_are_tolerated():
    tolerant = rule(book=late(free_first=Count(2, Per.MONTH)))

    prices = [decide(facts(tolerant, late_before=n), Wish.RESERVE, at=BETWEEN).price for n in range(4)]

    assert prices == [FULL_PRICE, FULL_PRICE, HALF_MORE, HALF_MORE]


def test_or_only_the_first_late_bookings_cost_more():
    strict = rule(book=late(only_first=Count(2, Per.MONTH)))

    prices = [decide(facts(strict, late_before=n), Wish.RESERVE, at=BETWEEN).price for n in range(4)]

    assert prices == [HALF_MORE, HALF_MORE, FULL_PRICE, FULL_PRICE]


def test_late_days_of_the_same_basket_count_before_this_one():
    tolerant = rule(book=late(free_first=Count(2, Per.MONTH)))
    passed, ahead = BOOK_BY, Deadline(paris(2026, 12, 1, 9), Boundary.BEFORE)

    def price(*wished):
        return decide(facts(tolerant, late_before=1, wished_before=wished), Wish.RESERVE, at=BETWEEN).price

    assert price(ahead) == FULL_PRICE
    assert price(ahead, passed) == HALF_MORE


def test_a_cancellation_is_the_agents_to_decide_unless_the_council_chose_otherwise():
    def answered(effect, booked=Booked.RESERVED):
        return decide(facts(rule(cancellation=effect), booked=booked), Wish.CANCEL, at=EARLY).outcome

    assert answered(CancellationEffect()) is Outcome.REQUEST
    assert answered(CancellationEffect(is_automatic=True)) is Outcome.ALLOWED
    assert answered(CancellationEffect(), Booked.HELD) is Outcome.ALLOWED


def test_a_cancellation_says_what_stays_due():
    half = PriceRule(PriceKind.PART, 50)
    late_cancel = ActTimes(Act(EVE.closes, late=Late(half)), BOOK_BY, late_closes=LATE_BY)
    known = facts(rule(cancel=late_cancel, cancellation=CancellationEffect(is_automatic=True)), booked=Booked.RESERVED)

    assert decide(known, Wish.CANCEL, at=EARLY).price == NOTHING_DUE
    assert decide(known, Wish.CANCEL, at=BETWEEN).price == half
    assert decide(known, Wish.CANCEL, at=BETWEEN).outcome is Outcome.SURCHARGE


def test_what_another_product_needs_is_not_cancelled_alone():
    known = facts(booked=Booked.RESERVED, needed_by="Étude")

    assert decide(known, Wish.CANCEL, at=EARLY).refusals == (Refusal(Reason.NEEDED, detail="Étude"),)
    assert decide(known, Wish.CANCEL, at=LATE).refusals == (Refusal(Reason.TOO_LATE, CANCEL_BY.moment),)


def test_a_held_place_is_given_back_at_once_even_where_late_is_asked():
    on_request = ActTimes(Act(EVE.closes, late=Late(HALF_MORE, is_request=True)), BOOK_BY, late_closes=LATE_BY)
    known = facts(rule(cancel=on_request), booked=Booked.HELD)

    decision = decide(known, Wish.CANCEL, at=BETWEEN)

    assert (decision.outcome, decision.price) == (Outcome.ALLOWED, NOTHING_DUE)
