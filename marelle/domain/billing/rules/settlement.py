"""How money settles invoices. In cents."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Owed(NamedTuple):
    """What is left of an invoice (key; None: a third party's share), with what says which comes first."""

    invoice: int | None
    cents: int
    due_on: date | None = None
    sequence: int = 0

    @property
    def order(self) -> tuple[date, int]:
        """Will return its place: the soonest due first, then the lowest number."""
        return (self.due_on or date.max, self.sequence)


def settled(cents: int, owed: Iterable[Owed]) -> tuple[list[tuple[int | None, int]], int]:
    """Will share a sum between what is owed, in that order: (invoice, cents) pairs, and what is over."""
    shares: list[tuple[int | None, int]] = []
    left = cents
    for one in owed:
        share = min(left, one.cents)
        if share > 0:
            shares.append((one.invoice, share))
            left -= share
    return shares, left


def prorated(part: int, whole: int, paid: int) -> int:
    """Will return the share of `part` in what was paid of `whole`, rounded half up: childcare in a part payment."""
    if whole <= 0:
        return 0
    return (part * min(paid, whole) * 2 + whole) // (2 * whole)
