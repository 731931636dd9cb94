"""Until how many: what a règlement says of several days together, or of several products on one day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from marelle.domain.catalog.rules.spans import Per


@dataclass(frozen=True, slots=True)
class AtMost:
    """No more than `count` days of the activity in a span, for one child."""

    count: int
    per: Per


@dataclass(frozen=True, slots=True)
class AtLeast:
    """No fewer than `count` days in a span in which the child comes at all; or than the days open, if fewer."""

    count: int
    per: Per


@dataclass(frozen=True, slots=True)
class WholeWeek:
    """In school holidays, all the open days of a week or none."""


@dataclass(frozen=True, slots=True)
class Excludes:
    """Not with any of these products (codes) on the same day."""

    products: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Requires:
    """Only with one of these products (codes) on the same day."""

    products: tuple[str, ...]


Quota = AtMost | AtLeast | WholeWeek | Excludes | Requires


@dataclass(frozen=True, slots=True)
class TooFew:
    """What a basket would leave incomplete: the quota, the days wished, and those still to add or to give up."""

    quota: AtLeast | WholeWeek
    days: tuple[date, ...]
    missing: int


def too_few(quota: Quota, *, days: Collection[date], open_days: Collection[date]) -> TooFew | None:
    """Will tell what is missing in one span of a quota: `days` wanted in it, of the `open_days` it has; None when none.

    A child who does not come at all in the span lacks nothing.
    """
    if not days:
        return None
    match quota:
        case AtLeast(count, _):
            needed = min(count, len(open_days))
        case WholeWeek():
            needed = len(open_days)
        case _:
            return None
    missing = needed - len(days)
    return TooFew(quota, tuple(sorted(days)), missing) if missing > 0 else None
