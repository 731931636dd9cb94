"""Days counted together: by day, week, month or year, by service or facility. Shares in percent."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from marelle.foundation.periods import monday_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Key = TypeVar("Key")

LONGEST_BY_DAY: Final = 45  # days
LONGEST_BY_WEEK: Final = 200


class Step(StrEnum):
    """What a figure is counted by."""

    DAY = "jour"
    WEEK = "semaine"
    MONTH = "mois"


class Counts(NamedTuple):
    """Reservations of some days, and what was seen of them.

    `reserved` are the reservations that stand; `present` and `absent` those of them that were ticked so, `unbooked` who
    came without one. What is neither present nor absent was not ticked.
    """

    reserved: int = 0
    present: int = 0
    absent: int = 0
    unbooked: int = 0

    @property
    def unticked(self) -> int:
        """Will return how many reservations nobody ticked."""
        return self.reserved - self.present - self.absent

    @property
    def came(self) -> int:
        """Will return how many children came, with a reservation or without."""
        return self.present + self.unbooked

    @property
    def share(self) -> float | None:
        """Will return how many of those ticked came, in percent; None when none was ticked."""
        ticked = self.present + self.absent
        return 100 * self.present / ticked if ticked else None

    def with_(self, other: Counts) -> Counts:
        """Will return both together."""
        return Counts(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


class DayCounts(NamedTuple):
    """The counts of a product (key) on a day."""

    product: int
    day: date
    counts: Counts


@dataclass(frozen=True, slots=True)
class Filled:
    """The places of sessions counted together: how many sessions, how many of them full, places, places taken.

    Sessions without a limit are counted in `unlimited` only, their children in `taken_there`.
    """

    sessions: int = 0
    full: int = 0
    capacity: int = 0
    taken: int = 0
    unlimited: int = 0
    taken_there: int = 0

    @property
    def share(self) -> float | None:
        """Will return how many of the places are taken, in percent; None where there is no limit."""
        return 100 * self.taken / self.capacity if self.capacity else None

    def with_(self, other: Filled) -> Filled:
        """Will return both together."""
        return Filled(
            self.sessions + other.sessions,
            self.full + other.full,
            self.capacity + other.capacity,
            self.taken + other.taken,
            self.unlimited + other.unlimited,
            self.taken_there + other.taken_there,
        )


def step_for(first: date, last: date) -> Step:
    """Will return by what a period is best counted: few enough steps to be read."""
    days = (last - first).days + 1
    if days <= LONGEST_BY_DAY:
        return Step.DAY
    return Step.WEEK if days <= LONGEST_BY_WEEK else Step.MONTH


def start_of(day: date, step: Step) -> date:
    """Will return the first day of the step that holds `day`."""
    match step:
        case Step.DAY:
            return day
        case Step.WEEK:
            return monday_of(day)
        case Step.MONTH:
            return day.replace(day=1)


def starts_between(first: date, last: date, step: Step) -> tuple[date, ...]:
    """Will return the first day of each step from the one that holds `first` to the one that holds `last`."""
    found = []
    start = start_of(first, step)
    while start <= last:
        found.append(start)
        match step:
            case Step.DAY:
                start += timedelta(days=1)
            case Step.WEEK:
                start += timedelta(weeks=1)
            case Step.MONTH:
                start = (start + timedelta(days=31)).replace(day=1)
    return tuple(found)


def counted_by(rows: Iterable[DayCounts], key: Callable[[DayCounts], Key]) -> dict[Key, Counts]:
    """Will add up the counts of the rows that have the same key."""
    found: dict[Key, Counts] = defaultdict(Counts)
    for row in rows:
        at = key(row)
        found[at] = found[at].with_(row.counts)
    return dict(found)
