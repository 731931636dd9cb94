"""An opening day before it happens: wave after wave, how many places are asked for, what is left, who has none.

Within a wave nobody knows who comes first: children are served in the order they are given, which is one outcome among
many. What does not depend on it is said apart: the places asked for, and the children who find every day they would ask
for full before their wave opens.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from math import inf
from typing import TYPE_CHECKING, Final, NamedTuple

from marelle.domain.catalog.rules.acts import EVERYONE
from marelle.foundation.periods import SATURDAY, SUNDAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from marelle.domain.catalog.rules.acts import ActTimes
    from marelle.foundation.school_days import Calendar

# Nobody should have to get up for a place, nor the town hall be asleep when it goes wrong.
EARLIEST_HOUR: Final = 7
LATEST_HOUR: Final = 22

Part = tuple[int, date]
"""A part of the day (key of a slot template) on a day."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A child (key) would ask for a product (key) on a day, which takes places there."""

    child: int
    product: int
    day: date
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Wave:
    """Who may ask, from when: at one moment for every day, or (None) at a moment that each day has of its own."""

    audience: str
    moment: datetime | None = None


@dataclass(slots=True)
class OfProduct:
    """What a wave asks of a product, in reservations, and what it gets."""

    asked: int = 0
    given: int = 0

    @property
    def refused(self) -> int:
        """Will return what is asked in vain."""
        return self.asked - self.given


@dataclass(slots=True)
class Outcome:
    """What a wave comes to. `first` and `last` are its moments; None: it is open already, or from no moment on.

    `with_none` are the children who get nothing of what they ask; `full_on_arrival`, among them, those who find every
    day full when their wave opens. `left` is what remains after it of the parts it asked for, counted ones only.
    """

    wave: Wave
    first: datetime | None
    last: datetime | None
    children: set[int] = field(default_factory=set)
    products: dict[int, OfProduct] = field(default_factory=dict)
    with_none: set[int] = field(default_factory=set)
    full_on_arrival: set[int] = field(default_factory=set)
    left: int = 0
    full_days: int = 0


@dataclass(frozen=True, slots=True)
class OpeningDay:
    """The waves in their order; the children to whom no wave ever opens any of the days they would ask for."""

    waves: tuple[Outcome, ...]
    shut_out: frozenset[int]


class WaveOddity(StrEnum):
    """Why the moment of a wave deserves a look."""

    SUNDAY = "sunday"
    PUBLIC_HOLIDAY = "public_holiday"
    NIGHT = "night"
    TOWN_HALL_SHUT = "town_hall_shut"
    SAME_MOMENT = "same_moment"  # as another wave: neither comes before the other
    AFTER_EVERYONE = "after_everyone"  # everyone may ask before: the wave gives nothing


def opens_for(times: ActTimes, audiences: frozenset[str]) -> tuple[Wave, datetime | None] | None:
    """Will return by which wave families of these categories may first ask, and when; None: never, or too late."""
    if not times.opens:
        found, opens = Wave(EVERYONE), times.from_moment
    else:
        mine = [
            (moment, place)
            for place, (audience, moment) in enumerate(times.opens)
            if moment is not None and (audience == EVERYONE or audience in audiences)
        ]
        if not mine:
            return None
        opens, place = min(mine)
        written = times.act.opens[place]
        is_fixed = isinstance(written.opens, datetime)
        found = Wave(written.audience, opens if is_fixed else None)
        if times.from_moment is not None:
            opens = max(opens, times.from_moment)
    latest = times.late_closes or times.closes
    if latest is None or (opens is not None and latest.is_past(opens)):
        return None
    return found, opens


def played(
    wishes: Iterable[Wish],
    *,
    audiences: Mapping[int, frozenset[str]],
    times: Mapping[tuple[int, date], ActTimes],
    left: Mapping[Part, int | None],
) -> OpeningDay:
    """Will play the waves. `audiences` by child; `times` by (product, day), absent when it cannot be asked for.

    `left` is how many places each part of a day has, None when they are not counted; absent, there is none.
    """
    asking: list[_Asked] = []
    wished: set[int] = set()
    for wish in wishes:
        found = times.get((wish.product, wish.day))
        if found is None:
            continue
        wished.add(wish.child)
        opening = opens_for(found, audiences[wish.child])
        if opening is not None:
            asking.append(_Asked(opening[1], opening[0], wish))
    # By moment, then in the order given: the sort is stable. What is open already comes first.
    asking.sort(key=lambda one: one.moment.timestamp() if one.moment is not None else -inf)
    play = _Play(dict(left))
    for _moment, together in groupby(asking, key=lambda one: one.moment):
        play.serve(list(together))
    outcomes = play.outcomes()
    reached = {child for outcome in outcomes for child in outcome.children}
    return OpeningDay(outcomes, frozenset(wished - reached))


class _Asked(NamedTuple):
    moment: datetime | None
    wave: Wave
    wish: Wish


class _Play:
    """The places that remain as the waves go by."""

    def __init__(self, remaining: dict[Part, int | None]) -> None:
        self.remaining = remaining
        self.waves: dict[Wave, Outcome] = {}
        # By wave, how many days each child asked for, got, and found full on arriving.
        self.asked: dict[Wave, Counter[int]] = defaultdict(Counter)
        self.got: dict[Wave, Counter[int]] = defaultdict(Counter)
        self.full: dict[Wave, Counter[int]] = defaultdict(Counter)
        self.touched: dict[Wave, set[Part]] = defaultdict(set)

    def serve(self, together: Sequence[_Asked]) -> None:
        """Will serve those who may ask from the same moment, one after the other."""
        full = {part for part, count in self.remaining.items() if count == 0}
        for one in together:
            self._serve(one, full)
        for wave in {one.wave for one in together}:
            counts = [self.remaining[part] or 0 for part in self.touched[wave]]
            self.waves[wave].left, self.waves[wave].full_days = sum(counts), counts.count(0)

    def _serve(self, one: _Asked, full: set[Part]) -> None:
        child, parts = one.wish.child, [(part, one.wish.day) for part in one.wish.parts]
        outcome = self.waves.setdefault(one.wave, Outcome(one.wave, one.moment, one.moment))
        outcome.last = one.moment
        outcome.children.add(child)
        of_product = outcome.products.setdefault(one.wish.product, OfProduct())
        of_product.asked += 1
        self.asked[one.wave][child] += 1
        self.touched[one.wave].update(part for part in parts if self.remaining.get(part) is not None)
        if any(part in full or part not in self.remaining for part in parts):
            self.full[one.wave][child] += 1
        elif all(self.remaining[part] != 0 for part in parts):
            of_product.given += 1
            self.got[one.wave][child] += 1
            for part in parts:
                count = self.remaining[part]
                self.remaining[part] = None if count is None else count - 1

    def outcomes(self) -> tuple[Outcome, ...]:
        """Will return the waves, with the children who get nothing."""
        for wave, outcome in self.waves.items():
            outcome.with_none = {child for child in outcome.children if not self.got[wave][child]}
            outcome.full_on_arrival = {
                child for child in outcome.children if self.full[wave][child] == self.asked[wave][child]
            }
        return tuple(self.waves.values())


def oddities(waves: Sequence[Wave], calendar: Calendar) -> dict[Wave, tuple[WaveOddity, ...]]:
    """Will return what is odd of each wave that opens at one moment (in the authority's zone), in order."""
    fixed = [(wave, wave.moment) for wave in waves if wave.moment is not None]
    everyone = min((moment for wave, moment in fixed if wave.audience == EVERYONE), default=None)
    minutes = Counter(moment.replace(second=0, microsecond=0) for _wave, moment in fixed)
    found: dict[Wave, tuple[WaveOddity, ...]] = {}
    for wave, moment in fixed:
        day = moment.date()
        tests = (
            (WaveOddity.SUNDAY, day.weekday() == SUNDAY),
            (WaveOddity.PUBLIC_HOLIDAY, calendar.public_holiday(day) is not None),
            (WaveOddity.NIGHT, not EARLIEST_HOUR <= moment.hour < LATEST_HOUR),
            (WaveOddity.TOWN_HALL_SHUT, day.weekday() < SATURDAY and not calendar.is_town_hall_open(day)),
            (WaveOddity.SAME_MOMENT, minutes[moment.replace(second=0, microsecond=0)] > 1),
            (WaveOddity.AFTER_EVERYONE, wave.audience != EVERYONE and everyone is not None and moment > everyone),
        )
        found[wave] = tuple(oddity for oddity, holds in tests if holds)
    return found
