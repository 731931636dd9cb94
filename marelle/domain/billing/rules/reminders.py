"""Which reminder is due for an invoice on a day. In cents and days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date


@dataclass(frozen=True, slots=True)
class Stage:
    """A reminder that a régie sends, `days` after the due date."""

    position: int
    days: int


@dataclass(frozen=True, slots=True)
class Unpaid:
    """What is known of an invoice. `sent` is the day of each reminder sent, by position.

    `is_held`: nobody asks for it now, because a debit is announced, it is disputed, or an agent paused the family.
    """

    left: int
    due_on: date | None
    in_recovery: bool = False
    is_held: bool = False
    sent: Mapping[int, date] | None = None

    @property
    def may_be_asked_for(self) -> bool:
        """Will tell whether the régie may ask for it at all."""
        return self.left > 0 and self.due_on is not None and not self.in_recovery and not self.is_held


def days_late(unpaid: Unpaid, *, on: date) -> int:
    """Will return how many days ago it was due; 0 while it is not late."""
    return max(0, (on - unpaid.due_on).days) if unpaid.due_on is not None else 0


def next_stage(unpaid: Unpaid, stages: Sequence[Stage]) -> Stage | None:
    """Will return the reminder that comes after those sent, whenever that is; None once all were."""
    last = max(unpaid.sent or (), default=-1)
    later = (stage for stage in sorted(stages, key=lambda one: one.position) if stage.position > last)
    return next(later, None) if unpaid.may_be_asked_for else None


def due_stage(unpaid: Unpaid, stages: Sequence[Stage], *, on: date) -> Stage | None:
    """Will return the reminder to send on a day, or None.

    One after the other: a régie that begins to remind does not begin by its last words. Two of them are as far apart
    as their stages, even when the first one was late.
    """
    stage = next_stage(unpaid, stages)
    if stage is None or unpaid.due_on is None or on < unpaid.due_on + timedelta(days=stage.days):
        return None
    sent = unpaid.sent or {}
    if sent:
        last = max(sent)
        before = next((one.days for one in stages if one.position == last), 0)
        if on < sent[last] + timedelta(days=max(1, stage.days - before)):
            return None
    return stage


def is_past_last(unpaid: Unpaid, stages: Sequence[Stage], *, on: date) -> bool:
    """Will tell whether all was said and time went by: it may be handed over to the Trésor.

    After the last reminder, the time between the last two stages; without any stage, 30 days after it was due.
    """
    if not unpaid.may_be_asked_for or unpaid.due_on is None:
        return False
    if not stages:
        return on > unpaid.due_on + timedelta(days=30)
    ordered = sorted(stages, key=lambda one: one.position)
    sent = (unpaid.sent or {}).get(ordered[-1].position)
    if sent is None:
        return False
    spare = ordered[-1].days - (ordered[-2].days if len(ordered) > 1 else 0)
    return on >= sent + timedelta(days=max(1, spare))
