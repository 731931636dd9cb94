"""How addresses name a month (« 2026-11 »), and the month that one is closing (« 2026-11.cantine »)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from marelle.foundation.periods import Period

if TYPE_CHECKING:
    from typing import Self

_MONTH: Final = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)
_CLOSING: Final = re.compile(r"(20\d\d-(?:0[1-9]|1[0-2]))\.([-a-zA-Z0-9_]{1,50})", re.ASCII)
_DAYS_TO_THE_NEXT: Final = 32  # from the first of a month, always in the next one


def month_read(text: str) -> Period | None:
    """Will return the month that an address names, None for anything else."""
    found = _MONTH.fullmatch(text)
    return month_of(date(int(found[1]), int(found[2]), 1)) if found else None


def month_written(month: Period) -> str:
    """Will write a month as addresses do."""
    return f"{month.starts_on:%Y-%m}"


def month_of(day: date) -> Period:
    """Will return the month of a day."""
    first = day.replace(day=1)
    return Period(first, _next(first) - timedelta(days=1))


def month_before(month: Period) -> Period:
    """Will return the month before."""
    return month_of(month.starts_on - timedelta(days=1))


def month_after(month: Period) -> Period:
    """Will return the month after."""
    return month_of(_next(month.starts_on))


def _next(first: date) -> date:
    return (first + timedelta(days=_DAYS_TO_THE_NEXT)).replace(day=1)


@dataclass(frozen=True, slots=True)
class Closing:
    """The month that one is closing, and the régie by its code: what other screens keep as their way back."""

    month: Period
    regie: str

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Will return what a way back names, None for anything else."""
        found = _CLOSING.fullmatch(text)
        month = month_read(found[1]) if found else None
        return None if found is None or month is None else cls(month, found[2])

    def __str__(self) -> str:
        """Will write it as addresses do."""
        return f"{month_written(self.month)}.{self.regie}"
