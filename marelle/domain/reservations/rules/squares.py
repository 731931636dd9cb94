"""What a square of the week shows: one state, whether it can change, and the moment that matters."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from marelle.domain.reservations.rules.decisions import (
    Booked,
    Decision,
    Facts,
    Reason,
    Refusal,
    Wish,
    decide,
)

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.catalog.rules.cutoffs import Deadline


class Seen(StrEnum):
    """What an agent recorded."""

    PRESENT = "present"
    ABSENT = "absent"


class SquareState(StrEnum):
    """The states of a square, as the look describes them."""

    BOOKABLE = "bookable"
    IN_BASKET = "in_basket"
    RESERVED = "reserved"
    LOCKED = "locked"
    TO_CANCEL = "to_cancel"
    AWAITING_AGENT = "awaiting_agent"
    HELD = "held"
    FULL = "full"
    WAITING_LIST = "waiting_list"
    TOO_LATE = "too_late"
    NOT_OPEN = "not_open"
    UNAVAILABLE = "unavailable"
    NOT_ENROLLED = "not_enrolled"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    PRESENT = "present"
    ABSENT = "absent"
    ABSENCE_TOLD = "absence_told"
    UNBOOKED = "unbooked"
    ELSEWHERE = "elsewhere"


# The day itself is possible; something else of the child's or of the family's stands against it.
UNAVAILABLE = frozenset({Reason.SAME_TIME, Reason.AT_MOST, Reason.EXCLUDED, Reason.REQUIRED, Reason.BLOCKED})


@dataclass(frozen=True, slots=True)
class Square:
    """A state; `is_ticked` None when the square cannot change, else whether the day is wanted; what to explain."""

    state: SquareState
    is_ticked: bool | None = None
    until: Deadline | None = None
    refusal: Refusal | None = None
    is_lost: bool = False  # in the basket, but no longer possible
    # What ticking or unticking it comes to, when it can change.
    decision: Decision | None = field(default=None, compare=False)


def square(  # noqa: C901, PLR0911, PLR0912  one return a state: the order is the meaning
    facts: Facts,
    *,
    at: datetime,
    wish: Wish | None = None,
    seen: Seen | None = None,
    rank: int | None = None,
    was_cancelled: bool = False,
) -> Square:
    """Will return what the square of `facts` shows at `at`, given what the basket wishes and what happened that day.

    Of a day of the other home, nothing: neither what was reserved nor who came.
    """
    if facts.is_elsewhere and wish is None:
        reserving = decide(facts, Wish.RESERVE, at=at)
        if reserving.refusals[0].reason is Reason.ELSEWHERE:
            return Square(SquareState.ELSEWHERE, refusal=reserving.refusals[0])
        seen, rank, was_cancelled = None, None, False
    if seen is Seen.PRESENT:
        return Square(SquareState.PRESENT)
    if seen is Seen.ABSENT and not facts.is_told:
        return Square(SquareState.ABSENT)
    rule = facts.rule
    if facts.booked is not None:
        cancelling = decide(facts, Wish.CANCEL, at=at)
        if facts.is_asked:
            return Square(SquareState.AWAITING_AGENT)
        if facts.is_told and wish is not Wish.CANCEL:
            return Square(SquareState.ABSENCE_TOLD)
        if wish is Wish.CANCEL and not facts.is_other_home:
            return Square(
                SquareState.TO_CANCEL,
                is_ticked=False,
                until=cancelling.until or rule.cancel_by,
                is_lost=cancelling.is_refused,
                decision=cancelling,
            )
        state = SquareState.HELD if facts.booked is Booked.HELD else SquareState.RESERVED
        if cancelling.is_refused:
            locked = state if state is SquareState.HELD else SquareState.LOCKED
            return Square(locked, refusal=cancelling.refusals[0])
        return Square(state, is_ticked=True, until=cancelling.until, decision=cancelling)
    reserving = decide(facts, Wish.RESERVE, at=at)
    if wish is Wish.RESERVE:
        return Square(
            SquareState.IN_BASKET,
            is_ticked=True,
            until=reserving.until or rule.book_by,
            is_lost=reserving.is_refused,
            decision=reserving,
        )
    if not reserving.is_refused:
        return Square(SquareState.BOOKABLE, is_ticked=False, until=reserving.until, decision=reserving)
    first = reserving.refusals[0]
    if first.reason is Reason.CLOSED:
        return Square(SquareState.CLOSED, refusal=first)
    if at >= rule.ends_at:
        return Square(SquareState.CANCELLED if was_cancelled else SquareState.UNBOOKED)
    if first.reason in {Reason.NOT_ENROLLED, Reason.WRONG_AGE}:
        return Square(SquareState.NOT_ENROLLED, refusal=first)
    if first.reason in UNAVAILABLE:
        return Square(SquareState.UNAVAILABLE, refusal=first)
    if first.reason is Reason.NOT_OPEN:
        return Square(SquareState.NOT_OPEN, refusal=first)
    if rank is not None:
        return Square(SquareState.WAITING_LIST, refusal=first)
    if first.reason is Reason.FULL:
        return Square(SquareState.FULL, refusal=first)
    if was_cancelled:
        return Square(SquareState.CANCELLED, refusal=first)
    return Square(SquareState.TOO_LATE, refusal=first)
