"""What a family may do with one day of one child, as values. The square of the grid and the locked write both ask here.

A refusal says since when and why; the sentences are in `sentences.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.catalog.rules.cutoffs import Deadline
    from marelle.domain.catalog.rules.days import DayRule


class Wish(StrEnum):
    """What a family wishes for a day."""

    RESERVE = "reserve"
    CANCEL = "cancel"


class Reason(StrEnum):
    """Why the answer is no."""

    NOT_ENROLLED = "not_enrolled"
    CLOSED = "closed"
    PAST = "past"
    TOO_LATE = "too_late"
    NOT_ONLINE = "not_online"
    UNCLEAR = "unclear"
    FULL = "full"
    OTHER_HOME = "other_home"
    ALREADY_RESERVED = "already_reserved"
    ALREADY_ASKED = "already_asked"
    NOT_RESERVED = "not_reserved"
    WRONG_AGE = "wrong_age"
    SAME_TIME = "same_time"


class Booked(StrEnum):
    """The state of an active reservation."""

    RESERVED = "reserved"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason, with the moment since which it holds when there is one."""

    reason: Reason
    since: datetime | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one child, one product, one day.

    `same_time` names the product, reserved or in the basket, for which the child is already expected at these hours.
    `places_left` is None when there is no limit. `has_slots` False: no slot is open that day for a child of this age.
    """

    rule: DayRule
    is_enrolled: bool
    booked: Booked | None = None
    is_other_home: bool = False
    is_asked: bool = False
    places_left: int | None = None
    has_slots: bool = True
    same_time: str = ""


def refusals(facts: Facts, wish: Wish, *, at: datetime) -> tuple[Refusal, ...]:
    """Will return every reason why `wish` is refused at `at`, the first one to say first; empty when it is allowed."""
    if wish is Wish.RESERVE:
        return tuple(_against_reserving(facts, at))
    return tuple(_against_cancelling(facts, at))


def _against_reserving(facts: Facts, at: datetime) -> list[Refusal]:
    found = []
    rule = facts.rule
    if facts.booked is not None:
        return [Refusal(Reason.OTHER_HOME if facts.is_other_home else Reason.ALREADY_RESERVED)]
    if rule.closed is not None:
        return [Refusal(Reason.CLOSED, detail=rule.closed.reason)]
    if not facts.is_enrolled:
        return [Refusal(Reason.NOT_ENROLLED)]
    found.extend(_too_late(rule, rule.book_by, at))
    if facts.same_time:
        found.append(Refusal(Reason.SAME_TIME, detail=facts.same_time))
    if not facts.has_slots:
        found.append(Refusal(Reason.WRONG_AGE))
    elif facts.places_left is not None and facts.places_left < 1:
        found.append(Refusal(Reason.FULL))
    return found


def _against_cancelling(facts: Facts, at: datetime) -> list[Refusal]:
    if facts.booked is None:
        return [Refusal(Reason.NOT_RESERVED)]
    if facts.is_other_home:
        return [Refusal(Reason.OTHER_HOME)]
    if facts.is_asked:
        return [Refusal(Reason.ALREADY_ASKED)]
    if facts.rule.closed is not None:
        # Closed after it was reserved: nothing is delivered, and what becomes of it is the town hall's to say.
        return [Refusal(Reason.CLOSED, detail=facts.rule.closed.reason)]
    return _too_late(facts.rule, facts.rule.cancel_by, at)


def _too_late(rule: DayRule, deadline: Deadline | None, at: datetime) -> list[Refusal]:
    if at >= rule.ends_at:
        return [Refusal(Reason.PAST, since=rule.ends_at)]
    if rule.is_unclear:
        return [Refusal(Reason.UNCLEAR)]
    if deadline is None:
        return [Refusal(Reason.NOT_ONLINE)]
    if deadline.is_past(at):
        return [Refusal(Reason.TOO_LATE, since=deadline.moment)]
    return []
