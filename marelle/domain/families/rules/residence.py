"""Whether a family lived in the commune on a day: what the file says now, and what its moves say of the other days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


class Move(NamedTuple):
    """From a day on, the family lives in the commune or not (`becomes`).

    `was` is what held until the eve; None for a move that is to come, which the file does not say yet.
    """

    starts_on: date
    was: bool | None
    becomes: bool


@dataclass(frozen=True, slots=True)
class Residence:
    """Whether a family lives in the commune: at first, then from each of these days on, the first to come first."""

    at_first: bool
    turns: tuple[tuple[date, bool], ...] = ()

    def on(self, day: date) -> bool:
        """Will tell whether it lived there that day."""
        said = self.at_first
        for since, is_resident in self.turns:
            if since > day:
                break
            said = is_resident
        return said


def residence_from(moves: Iterable[Move], *, now: bool) -> Residence:
    """Will read the moves of a family whose file says `now` today.

    A move that the file says already is read backwards, by what held before it: the file itself may have been put right
    since. Days that turn nothing are left out.
    """
    ordered = sorted(moves, key=lambda move: move.starts_on)
    behind = [move for move in ordered if move.was is not None]
    ahead = [(move.starts_on, move.becomes) for move in ordered if move.was is None]
    at_first = now if not behind else bool(behind[0].was)
    held = [bool(move.was) for move in behind[1:]] + [now]
    turns: list[tuple[date, bool]] = []
    said = at_first
    # One that waits may come before one that is written: the night is late, and an agent was not.
    for since, is_resident in sorted([*zip((move.starts_on for move in behind), held, strict=False), *ahead]):
        if is_resident is not said:
            turns.append((since, is_resident))
            said = is_resident
    return Residence(at_first, tuple(turns))
