"""What is unpaid, by how long it has been. In cents and days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

# The last day of each band but the last one, which has no end.
ENDS: Final = (30, 60, 90)


class Overdue(NamedTuple):
    """An invoice that should have been paid: its régie and payer (keys), when, and what is left (cents).

    `in_recovery`: the Trésor asks for it now.
    """

    regie: int
    payer: int
    due_on: date
    left: int
    in_recovery: bool = False


@dataclass(frozen=True, slots=True)
class Aged:
    """What is late by `after` days or more, up to `until` included (None: no end): invoices, payers, cents.

    `at_treasury` is the share of `cents` that was handed over to the Trésor.
    """

    after: int
    until: int | None
    invoices: int
    payers: int
    cents: int
    at_treasury: int


def aged(rows: Iterable[Overdue], *, on: date) -> tuple[Aged, ...]:
    """Will put what is unpaid on a day in its bands: 30 days at most, 31 to 60, 61 to 90, more than 90."""
    bands: list[list[Overdue]] = [[] for _ in range(len(ENDS) + 1)]
    for row in rows:
        late = (on - row.due_on).days
        bands[sum(late > end for end in ENDS)].append(row)
    starts = (1, *(end + 1 for end in ENDS))
    return tuple(
        Aged(
            start,
            until,
            len(band),
            len({row.payer for row in band}),
            sum(row.left for row in band),
            sum(row.left for row in band if row.in_recovery),
        )
        for start, until, band in zip(starts, (*ENDS, None), bands, strict=True)
    )
