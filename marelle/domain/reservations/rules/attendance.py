"""What stands of a child's attendance when several tablets, some of them cut off, said what they saw.

Every tick is a mark, and none is ever changed nor lost. A mark names those it was made in view of (`knew`): it takes
their place, whatever any clock says. A device's own later mark takes the place of its earlier ones. Of those that
nothing takes the place of, which were made without knowing one another, the latest seen stands; where another one
disagrees with it, that is a conflict, shown until somebody who saw both answers. All of it depends on the set of marks
alone: in whatever order they arrive, and however often, the same one stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date, datetime, time


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a child: `state` is present, absent, or empty for nothing (a tick taken back).

    `minutes` of stay and `late_minutes` after the end are for one who was there; `fetched_at` is when it was fetched,
    by the clock of the wall over there.
    """

    state: str
    minutes: int | None = None
    late_minutes: int = 0
    fetched_at: time | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A tick. `uid` was drawn by the device `device`, which counts its own marks (`seq`); `seen_at` is corrected."""

    uid: str
    device: str
    seq: int
    seen: Seen
    seen_at: datetime
    knew: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """The mark that stands, and those made without knowing it, nor known to it, which disagree, the latest first.

    `heads` are the marks (uids) that whoever sees this knows, those that agree too: the next one replaces them all.
    """

    mark: Mark
    others: tuple[Mark, ...]
    heads: frozenset[str]


class NotKept(StrEnum):
    """Why a mark is not kept."""

    TO_COME = "to_come"
    OUT_OF_REACH = "out_of_reach"
    UNREADABLE = "unreadable"


def standing(marks: Iterable[Mark]) -> Standing | None:
    """Will return what stands of the marks of one child, product and day; None without any."""
    found = {mark.uid: mark for mark in marks}
    if not found:
        return None
    latest: dict[str, Mark] = {}
    for mark in found.values():
        other = latest.get(mark.device)
        if other is None or (other.seq, other.uid) < (mark.seq, mark.uid):
            latest[mark.device] = mark
    replaced = {uid for mark in found.values() for uid in mark.knew if uid != mark.uid}
    # Two marks that claim to have known each other are a device's nonsense: nothing is lost by it.
    heads = [mark for mark in latest.values() if mark.uid not in replaced] or list(latest.values())
    first, *rest = sorted(heads, key=lambda mark: (mark.seen_at, mark.uid), reverse=True)
    others = tuple(mark for mark in rest if mark.seen != first.seen)
    return Standing(first, others, frozenset(mark.uid for mark in heads))


def corrected(said: datetime, *, device_now: datetime, at: datetime, day_begins: datetime) -> datetime:
    """Will return when something was seen, by our clock: `said` by a device whose clock showed `device_now` at `at`.

    Never in the future, and never before the day that it is about begins.
    """
    return max(day_begins, min(at, said + (at - device_now)))


def late_minutes(fetched_at: time, ends_at: time | None) -> int:
    """Will return by how many whole minutes a child was fetched after the end of its own part of the day (wall clock).

    None at all before the end, or when the end is not known.
    """
    if ends_at is None:
        return 0
    past = timedelta(hours=fetched_at.hour, minutes=fetched_at.minute) - timedelta(
        hours=ends_at.hour, minutes=ends_at.minute
    )
    return max(0, past // timedelta(minutes=1))


def not_kept(key: tuple[int, int], day: date, *, may_mark: Collection[tuple[int, int]], today: date) -> NotKept | None:
    """Will tell why a mark of a child for a product (keys) on `day` is not kept; None when it is.

    `may_mark` are those within reach: who reserved, who was seen already, who is enrolled.
    """
    if day > today:
        return NotKept.TO_COME
    return None if key in may_mark else NotKept.OUT_OF_REACH
