"""Who is next when a place frees up, why, and until when it is kept. The sentences are in `sentences.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from marelle.domain.catalog.rules.waiting import KEPT_PAST_LIMIT, SCHOOL, SIBLING
from marelle.domain.reservations.rules.decisions import Decision, Outcome, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marelle.domain.catalog.rules.waiting import WaitingRules


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who waits (key of the entry), since when, and what the priorities of a règlement may ask of them.

    `has_sibling`: a brother or a sister has a place of the same service that day. `is_at_school`: the child's school is
    where the activity is. `audiences`: resident or not, and the categories of the family.
    """

    key: int
    asked_at: datetime
    has_sibling: bool = False
    is_at_school: bool = False
    audiences: frozenset[str] = frozenset()

    def has(self, priority: str) -> bool:
        """Will tell whether a priority (code) of the règlement is theirs."""
        if priority == SIBLING:
            return self.has_sibling
        if priority == SCHOOL:
            return self.is_at_school
        return priority in self.audiences


def reasons(one: Waiting, rules: WaitingRules) -> tuple[str, ...]:
    """Will return the priorities of the règlement that one who waits has, the strongest first."""
    return tuple(priority for priority in rules.priorities if one.has(priority))


def in_order(waiting: Iterable[Waiting], rules: WaitingRules) -> list[Waiting]:
    """Will put those who wait in the order in which places are offered.

    The first priority on which two differ decides, then who asked first; of one moment, who was recorded first.
    """

    def place(one: Waiting) -> tuple[list[bool], datetime, int]:
        return [not one.has(priority) for priority in rules.priorities], one.asked_at.astimezone(UTC), one.key

    return sorted(waiting, key=place)


class Kept(NamedTuple):
    """A place may be offered, and kept until a moment. `is_past_limit`: it could no longer be reserved otherwise."""

    until: datetime
    is_past_limit: bool = False


def kept(decision: Decision, rules: WaitingRules, *, ends_at: datetime, at: datetime) -> Kept | None:
    """Will say until when a place that frees up at `at` is kept for whoever would be answered `decision`; None: not.

    Never beyond the limit to reserve, or a change of price; past the limit, where the règlement allows it, an hour,
    never beyond the end of the service. Nothing is offered that an agent would have to decide.
    """
    if rules.offer_hours is None or at >= ends_at:
        return None
    if not decision.is_refused and decision.outcome is not Outcome.REQUEST:
        ends = [at + timedelta(hours=rules.offer_hours), ends_at]
        if decision.changes_at is not None:
            ends.append(decision.changes_at)
        return Kept(min(ends))
    only_late = decision.is_refused and {no.reason for no in decision.refusals} == {Reason.TOO_LATE}
    if rules.is_past_limit and only_late:
        return Kept(min(at + KEPT_PAST_LIMIT, ends_at), is_past_limit=True)
    return None


def may_let_go(decision: Decision, rules: WaitingRules, *, ends_at: datetime, at: datetime) -> bool:
    """Will tell whether a family may let a reserved place go to who waits, being answered `decision` to cancelling it.

    Only where places are offered past the limit, and only once it is too late to cancel: before, one cancels.
    """
    too_late = decision.is_refused and decision.refusals[0].reason is Reason.TOO_LATE
    return rules.is_kept and rules.is_past_limit and too_late and at < ends_at
