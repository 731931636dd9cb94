"""What a square of the week shows: one state, whether it can change, and the moment that matters."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from marelle.domain.reservations.rules.decisions import Booked, Facts, Reason, Refusal, Wish, refusals

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
    NOT_ENROLLED = "not_enrolled"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    PRESENT = "present"
    ABSENT = "absent"
    UNBOOKED = "unbooked"


@dataclass(frozen=True, slots=True)
class Square:
    """A state; `is_ticked` None when the square cannot change, else whether the day is wanted; what to explain."""

    state: SquareState
    is_ticked: bool | None = None
    until: Deadline | None = None
    refusal: Refusal | None = None
    is_lost: bool = False  # in the basket, but no longer possible


def square(  # noqa: C901, PLR0911, PLR0912  one return a state: the order is the meaning
    facts: Facts,
    *,
    at: datetime,
    wish: Wish | None = None,
    seen: Seen | None = None,
    rank: int | None = None,
    was_cancelled: bool = False,
) -> Square:
    """Will return what the square of `facts` shows at `at`, given what the basket wishes and what happened that day."""
    if seen is Seen.PRESENT:
        return Square(SquareState.PRESENT)
    if seen is Seen.ABSENT:
        return Square(SquareState.ABSENT)
    rule = facts.rule
    if facts.booked is not None:
        no = refusals(facts, Wish.CANCEL, at=at)
        if facts.is_asked:
            return Square(SquareState.AWAITING_AGENT)
        if wish is Wish.CANCEL and not facts.is_other_home:
            return Square(SquareState.TO_CANCEL, is_ticked=False, until=rule.cancel_by, is_lost=bool(no))
        if no:
            state = SquareState.HELD if facts.booked is Booked.HELD else SquareState.LOCKED
            return Square(state, refusal=no[0])
        state = SquareState.HELD if facts.booked is Booked.HELD else SquareState.RESERVED
        return Square(state, is_ticked=True, until=rule.cancel_by)
    no = refusals(facts, Wish.RESERVE, at=at)
    if wish is Wish.RESERVE:
        return Square(SquareState.IN_BASKET, is_ticked=True, until=rule.book_by, is_lost=bool(no))
    if not no:
        return Square(SquareState.BOOKABLE, is_ticked=False, until=rule.book_by)
    first = no[0]
    if first.reason is Reason.CLOSED:
        return Square(SquareState.CLOSED, refusal=first)
    if at >= rule.ends_at:
        return Square(SquareState.CANCELLED if was_cancelled else SquareState.UNBOOKED)
    if first.reason in {Reason.NOT_ENROLLED, Reason.WRONG_AGE, Reason.SAME_TIME}:
        return Square(SquareState.NOT_ENROLLED, refusal=first)
    if rank is not None:
        return Square(SquareState.WAITING_LIST, refusal=first)
    if first.reason is Reason.FULL:
        return Square(SquareState.FULL, refusal=first)
    if was_cancelled:
        return Square(SquareState.CANCELLED, refusal=first)
    return Square(SquareState.TOO_LATE, refusal=first)
