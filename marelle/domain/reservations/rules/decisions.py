"""What a family may do with one day of one child, as values. The square of the grid and the locked write both ask here.

A decision says what is possible, at what price, until when; a refusal why, and when it will change. The sentences are
in `sentences.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from marelle.domain.catalog.rules.blocks import FamilyBlock, blocking
from marelle.domain.catalog.rules.pricing import FULL_PRICE, NOTHING_DUE, PriceRule
from marelle.domain.catalog.rules.quotas import AtMost, Excludes, Requires

if TYPE_CHECKING:
    from marelle.domain.catalog.rules.acts import ActTimes
    from marelle.domain.catalog.rules.cancellations import CancellationEffect
    from marelle.domain.catalog.rules.cutoffs import Deadline
    from marelle.domain.catalog.rules.days import DayRule
    from marelle.domain.catalog.rules.quotas import Quota, TooFew


class Wish(StrEnum):
    """What a family wishes for a day."""

    RESERVE = "reserve"
    CANCEL = "cancel"


class Outcome(StrEnum):
    """What the règlement answers."""

    ALLOWED = "allowed"
    SURCHARGE = "surcharge"  # possible, but late: at another price
    REQUEST = "request"  # an agent decides
    REFUSED = "refused"


class Reason(StrEnum):
    """Why the answer is no."""

    NOT_ENROLLED = "not_enrolled"
    CLOSED = "closed"
    PAST = "past"
    NOT_OPEN = "not_open"
    TOO_LATE = "too_late"
    NOT_ONLINE = "not_online"
    UNCLEAR = "unclear"
    BLOCKED = "blocked"
    AT_MOST = "at_most"
    EXCLUDED = "excluded"
    REQUIRED = "required"
    NEEDED = "needed"
    FULL = "full"
    OTHER_HOME = "other_home"
    ELSEWHERE = "elsewhere"  # the day is of the other home, by the terms of a shared custody
    ALREADY_RESERVED = "already_reserved"
    ALREADY_ASKED = "already_asked"
    TOLD_ABSENT = "told_absent"
    NOT_RESERVED = "not_reserved"
    WRONG_AGE = "wrong_age"
    SAME_TIME = "same_time"
    NEW_PRICE = "new_price"  # the basket showed another price than the one that holds now
    WITHOUT_PARTNER = "without_partner"  # the other half of a change is not possible
    TOO_FEW = "too_few"  # the basket leaves a week with fewer days than the règlement asks


# An agent may pass over what depends on the moment or on the règlement, never over what is physically impossible.
WAIVED: Final = frozenset(
    {
        Reason.TOO_LATE,
        Reason.PAST,
        Reason.NOT_OPEN,
        Reason.NOT_ONLINE,
        Reason.UNCLEAR,
        Reason.BLOCKED,
        Reason.AT_MOST,
        Reason.EXCLUDED,
        Reason.REQUIRED,
    }
)


class Booked(StrEnum):
    """The state of an active reservation."""

    RESERVED = "reserved"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason, with the moment since which it holds, or at which it will end, when there is one.

    `block`, `quota` and `lack` are the facts and the rule that stand against it, for those reasons.
    """

    reason: Reason
    since: datetime | None = None
    detail: str = ""
    until: datetime | None = None
    block: FamilyBlock | None = None
    quota: AtMost | None = None
    lack: TooFew | None = None


class Facts(NamedTuple):
    """What is known of one child, one product, one day.

    `same_time` names the product, reserved or in the basket, for which the child is already expected at these hours.
    `needed_by` names a product of that day that may not be had without this one. `is_change`: one product takes the
    place of another, under the rule for changing.
    `places_left` is None when there is no limit. `has_slots` False: no slot is open that day for a child of this age.
    `audiences` are the categories of the family. `others` are the codes of the products wanted that day. `counted`
    holds, for each quota of the règlement in its order, how many other days of its span are wanted. `late_before` is
    how many late bookings of the span are recorded, `wished_before` the limits of those wished before this one.
    `is_told`: the absence of that day was told. `is_elsewhere`: the day is of the other home of the child, which alone
    reserves it: what that home made of it is not among these facts.
    """

    rule: DayRule
    is_enrolled: bool
    booked: Booked | None = None
    is_other_home: bool = False
    is_asked: bool = False
    places_left: int | None = None
    has_slots: bool = True
    same_time: str = ""
    needed_by: str = ""
    is_change: bool = False
    audiences: frozenset[str] = frozenset()
    blocks: tuple[FamilyBlock, ...] = ()
    others: frozenset[str] = frozenset()
    counted: tuple[int, ...] = ()
    late_before: int = 0
    wished_before: tuple[Deadline, ...] = ()
    is_told: bool = False
    is_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What the règlement answers at a moment.

    `until` is the limit that holds now; `changes_at` the exact moment at which time alone will change the answer, None
    when it will not. `price` says what a booking costs, or what stays due of a cancelled day. `is_late` tells the
    second step from the first.
    """

    outcome: Outcome
    refusals: tuple[Refusal, ...] = ()
    until: Deadline | None = None
    changes_at: datetime | None = None
    price: PriceRule = FULL_PRICE
    is_late: bool = False

    @property
    def is_refused(self) -> bool:
        """Will tell whether the answer is no."""
        return self.outcome is Outcome.REFUSED


def decide(facts: Facts, wish: Wish, *, at: datetime) -> Decision:
    """Will decide `wish` at `at` (aware); when refused, with every reason, the first one to say first."""
    # In UTC: moments of one zone are compared by their clocks, which show an hour twice the night they go back.
    at = at.astimezone(UTC)
    return _reserving(facts, at) if wish is Wish.RESERVE else _cancelling(facts, at)


def _reserving(facts: Facts, at: datetime) -> Decision:
    rule = facts.rule
    if facts.booked is not None:
        return _no(Refusal(Reason.OTHER_HOME if facts.is_other_home else Reason.ALREADY_RESERVED))
    if rule.closed is not None:
        return _closed(rule.closed.reason)
    if not facts.is_enrolled:
        return NOT_ENROLLED
    if facts.is_elsewhere:
        return ELSEWHERE
    step = _step(rule, rule.change if facts.is_change else rule.book, facts, at)
    against = _against_the_child(facts)
    return _no(*step.refusals, *against) if against else step


def _cancelling(facts: Facts, at: datetime) -> Decision:  # noqa: PLR0911  one return a reason
    rule = facts.rule
    if facts.booked is None:
        return _no(Refusal(Reason.NOT_RESERVED))
    if facts.is_other_home:
        return _no(Refusal(Reason.OTHER_HOME))
    if facts.is_asked:
        return _no(Refusal(Reason.ALREADY_ASKED))
    if facts.is_told:
        return _no(Refusal(Reason.TOLD_ABSENT))
    if rule.closed is not None:
        # Closed after it was reserved: nothing is delivered, and what becomes of it is the town hall's to say.
        return _closed(rule.closed.reason)
    step = _step(rule, rule.change if facts.is_change else rule.cancel, facts, at)
    if step.is_refused or rule.rules is None:
        return step
    if facts.needed_by:
        return _no(Refusal(Reason.NEEDED, detail=facts.needed_by))
    return _given_up(facts, step, rule.rules.cancellation)


def _given_up(facts: Facts, step: Decision, effect: CancellationEffect) -> Decision:
    """Will say who decides on a day that may be given up at this `step`, and what stays due of it."""
    price = step.price if step.is_late else effect.bills
    outcome = step.outcome
    if facts.is_change:
        if outcome is Outcome.REQUEST:
            return step
        # What it costs to change late is said on the product that takes its place.
        return Decision(Outcome.ALLOWED, until=step.until, changes_at=step.changes_at, price=NOTHING_DUE)
    if facts.booked is Booked.HELD:
        # A place that is only held is given back at once: nobody has settled anything yet.
        outcome, price = Outcome.ALLOWED, NOTHING_DUE
    elif not effect.is_automatic:
        outcome = Outcome.REQUEST
    return Decision(outcome, until=step.until, changes_at=step.changes_at, price=price, is_late=step.is_late)


def _step(rule: DayRule, times: ActTimes | None, facts: Facts, at: datetime) -> Decision:
    """Will place `at` on the steps of an act: not open yet, in time, late, too late."""
    if at >= rule.ends_at:
        return _no(Refusal(Reason.PAST, since=rule.ends_at))
    if times is None:
        return _no(Refusal(Reason.UNCLEAR, detail=rule.unclear))
    late = times.act.late
    already = 0
    if late is not None and late.per is not None:
        already = facts.late_before + sum(limit.is_past(at) for limit in facts.wished_before)
    return _timely(times, facts.audiences, already, at)


@lru_cache(maxsize=4096)  # the same for every child of the page, and of the town
def _timely(times: ActTimes, audiences: frozenset[str], already: int, at: datetime) -> Decision:
    closes = times.closes
    if closes is None:
        return _no(Refusal(Reason.NOT_ONLINE))
    ever, opens = times.opens_for(audiences)
    late, until = times.act.late, times.late_closes
    last = closes if until is None else _later(until, closes)
    if not ever or (opens is not None and at < opens):
        # What would open once it has closed never opens: no moment is promised.
        return _no(Refusal(Reason.NOT_OPEN, until=None if opens is None or last.is_past(opens) else opens))
    if not closes.is_past(at):
        return Decision(Outcome.ALLOWED, until=closes, changes_at=closes.over_at)
    if late is None or until is None or until.is_past(at):
        return _no(Refusal(Reason.TOO_LATE, since=last.moment))
    price = FULL_PRICE if late.is_at_ordinary_price(already) else late.price
    ordinary = Outcome.ALLOWED if price == FULL_PRICE else Outcome.SURCHARGE
    outcome = Outcome.REQUEST if late.is_request else ordinary
    return Decision(outcome, until=until, changes_at=until.over_at, price=price, is_late=True)


def _later(one: Deadline, other: Deadline) -> Deadline:
    return one if other.is_past(one.over_at) else other


def _against_the_child(facts: Facts) -> list[Refusal]:
    found = []
    rules = facts.rule.rules
    if rules is not None and (rules.blocks or rules.quotas):
        found += [Refusal(Reason.BLOCKED, block=block) for block in blocking(rules.blocks, facts.blocks)]
        found += [no for place, quota in enumerate(rules.quotas) if (no := _against_quota(facts, place, quota))]
    if facts.same_time:
        found.append(Refusal(Reason.SAME_TIME, detail=facts.same_time))
    if not facts.has_slots:
        found.append(Refusal(Reason.WRONG_AGE))
    elif facts.places_left is not None and facts.places_left < 1:
        found.append(Refusal(Reason.FULL))
    return found


def _against_quota(facts: Facts, place: int, quota: Quota) -> Refusal | None:
    match quota:
        case AtMost(count, _) if place < len(facts.counted) and facts.counted[place] >= count:
            return Refusal(Reason.AT_MOST, quota=quota)
        case Excludes(products) if met := facts.others.intersection(products):
            return Refusal(Reason.EXCLUDED, detail=_names(facts, met))
        case Requires(products) if not facts.others.intersection(products):
            return Refusal(Reason.REQUIRED, detail=_names(facts, products))
    return None


def _names(facts: Facts, codes: frozenset[str] | tuple[str, ...]) -> str:
    return " ou ".join(f"« {facts.rule.names.get(code, code)} »" for code in sorted(codes))


def _no(*refusals: Refusal) -> Decision:
    changes = refusals[0].until if len(refusals) == 1 else None
    return Decision(Outcome.REFUSED, refusals, changes_at=changes)


@lru_cache(maxsize=1024)
def _closed(reason: str) -> Decision:
    return _no(Refusal(Reason.CLOSED, detail=reason))


NOT_ENROLLED: Final = _no(Refusal(Reason.NOT_ENROLLED))
ELSEWHERE: Final = _no(Refusal(Reason.ELSEWHERE))
