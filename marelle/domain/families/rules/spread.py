"""How quotients are spread over bands, said so that nobody is found again in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# A band of fewer families is not said: one who knows the town would guess whose quotient it is.
FEWEST: Final = 5
BAND_CENTS: Final = 250_00
LAST_FROM_CENTS: Final = 2_000_00


@dataclass(frozen=True, slots=True)
class Band:
    """Quotients from `from_cents`, included, to `below_cents`, excluded (None: no end); both None: no quotient known.

    `families` is None where there are too few, or where what is said of the others would say it.
    """

    from_cents: int | None
    below_cents: int | None
    families: int | None


def spread(quotients: Iterable[int | None]) -> tuple[Band, ...]:
    """Will count families by bands of 250 €, the last one without end, then those without a quotient.

    `quotients` are of one family each, in cents, None when it gave none. A band of one to four families is hidden, with
    the smallest of the others when it would be the only one hidden: the total would give it away.
    """
    bounds = list(range(0, LAST_FROM_CENTS + 1, BAND_CENTS))
    counts: list[int] = [0] * (len(bounds) + 1)
    for cents in quotients:
        counts[-1 if cents is None else min(cents // BAND_CENTS, len(bounds) - 1)] += 1
    hidden = {place for place, count in enumerate(counts) if 0 < count < FEWEST}
    if len(hidden) == 1 or 0 < sum(counts[place] for place in hidden) < FEWEST:
        others = [place for place, count in enumerate(counts) if count and place not in hidden]
        if others:
            hidden.add(min(others, key=lambda place: (counts[place], place)))
    said = [None if place in hidden else count for place, count in enumerate(counts)]
    ends: list[int | None] = [*bounds[1:], None]
    bands = [Band(low, high, count) for low, high, count in zip(bounds, ends, said[:-1], strict=True)]
    return (*bands, Band(None, None, said[-1]))
