"""What the Trésor answers: acknowledgements of dockets, then what becomes of each line of each title. In cents."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

# Origins that are no money: a list of what is given up, a correction of the town, fees that were cancelled.
WRITTEN_OFF: Final = frozenset({"06", "07"})
NOTHING: Final = frozenset({"09"})
# TEtatLigPce.
UNPAID: Final = "04"


class AnswerKind(StrEnum):
    """What a file is about."""

    ACKNOWLEDGEMENT = "ack"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class DocketName:
    """Which docket: its exercice and its number, and whether it is a roll; None when the file does not say."""

    exercice: int
    number: int
    is_roll: bool | None = None


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A docket was taken in or not: `faults` are (code, words) as the Trésor wrote them."""

    docket: DocketName
    is_accepted: bool
    faults: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """Something that settled a line, or a part of it."""

    origin: str
    date: date
    cents: int

    @property
    def is_money(self) -> bool:
        """Will tell whether somebody paid."""
        return self.origin not in WRITTEN_OFF | NOTHING

    @property
    def is_written_off(self) -> bool:
        """Will tell whether it was given up, or reduced."""
        return self.origin in WRITTEN_OFF


@dataclass(frozen=True, slots=True)
class LineSaid:
    """What is said of a line: `piece_state` and `line_state` are the Trésor's codes, `told` its total received."""

    docket: DocketName
    piece: int
    line: int
    piece_state: str
    line_state: str
    said: str = ""
    taken_on: date | None = None
    told: int | None = None
    received: tuple[Received, ...] = ()

    @property
    def counted(self) -> int | None:
        """Will return what the Trésor counts as received: nothing of a line unpaid without a word; None: unsaid."""
        if self.told is None and self.line_state == UNPAID and not self.received:
            return 0
        return self.told


@dataclass(frozen=True, slots=True)
class BeforeTitle:
    """Money came to the Trésor before any title was made for it (« P503 »): it asks for one.

    `number` is the Trésor's own, to be written in the title (IdPceOrig); `words` say whose payment it is, `account`
    where it waits.
    """

    exercice: int
    number: int
    line: int
    cents: int
    date: date | None = None
    words: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A file of the Trésor, read. `siret` is the town's, `town_code` and `budget_code` the budget's."""

    kind: AnswerKind
    siret: str
    town_code: str
    budget_code: str
    date: date
    acknowledged: tuple[Acknowledged, ...] = ()
    lines: tuple[LineSaid, ...] = ()
    before_titles: tuple[BeforeTitle, ...] = ()


def undone(amounts: Sequence[int], missing: int) -> tuple[int, ...]:
    """Will say which payments (places in `amounts`, cents) the Trésor no longer counts when it lacks `missing` cents.

    The fewest that come to just that, the last ones rather; none when nothing does: somebody has to look.
    """
    places = range(len(amounts) - 1, -1, -1)
    for count in range(1, min(len(amounts), _LOOKED_AT) + 1):
        for chosen in combinations(places[:_LOOKED_AT], count):
            if sum(amounts[place] for place in chosen) == missing:
                return tuple(sorted(chosen))
    return ()


_LOOKED_AT: Final = 12


def ranked(received: Collection[Received]) -> list[tuple[Received, int]]:
    """Will give each event its rank among those alike in a file: two payments of 10 € on a day are two.

    The same file again, or a later one that repeats it, gives the same pairs: nothing is counted twice.
    """
    seen: Counter[Received] = Counter()
    pairs = []
    for one in received:
        pairs.append((one, seen[one]))
        seen[one] += 1
    return pairs
