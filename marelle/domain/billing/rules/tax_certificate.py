"""The tax certificate of a payer: what was paid in a calendar year for the care of young children.

Article 200 quater B of the code général des impôts: the child is under six on 1 January of the year; the sum is what
was really paid between 1 January and 31 December, whatever the month of the care, for the care alone. In cents.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from marelle.domain.billing.rules.settlement import prorated
from marelle.foundation.periods import age_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

YOUNG: Final = 6


class Settled(NamedTuple):
    """What settled an invoice (key) on a day: cents, below zero for what a credit note gave back."""

    invoice: int
    date: date
    cents: int


@dataclass(frozen=True, slots=True)
class CaredFor:
    """An invoice: its number, its total, and the care of each child (key) in it, aids taken off. In cents."""

    number: str
    total: int
    care: Mapping[int, int]

    @property
    def within_total(self) -> dict[int, int]:
        """Will return the care of each child, in all no more than is asked for: a discount may be on something else."""
        whole = sum(self.care.values())
        if abs(whole) <= abs(self.total):
            return dict(self.care)
        sign = -1 if self.total < 0 else 1
        return {child: sign * prorated(abs(care), abs(whole), abs(self.total)) for child, care in self.care.items()}


class PaidCare(NamedTuple):
    """What was paid of an invoice on a day of the year, and its share for the care of a child."""

    number: str
    date: date
    paid: int
    care: int


@dataclass(frozen=True, slots=True)
class Certified:
    """What a payer paid in a year, by child (key): those who count, and those who were six already, with their sums."""

    year: int
    children: dict[int, tuple[PaidCare, ...]]
    too_old: frozenset[int]

    @property
    def total(self) -> int:
        """Will return what may be declared, before any ceiling."""
        return sum(one.care for paid in self.children.values() for one in paid)


def is_young(birth_date: date, year: int) -> bool:
    """Will tell whether a child was under six on 1 January of the year: one born on 1 January turns six that day."""
    return age_on(date(year, 1, 1), birth_date) < YOUNG


def certified(
    year: int, invoices: Mapping[int, CaredFor], settled: Iterable[Settled], births: Mapping[int, date]
) -> Certified:
    """Will share each payment of the year between the children, in proportion to their care in the invoice.

    `settled` holds everything that settled these invoices, of any year: a part payment counts the care that it brings
    the whole to, so that payments of an invoice sum exactly to its care once it is paid. `births` by child (key).
    """
    paid_before: dict[int, int] = defaultdict(int)
    found: dict[int, list[PaidCare]] = defaultdict(list)
    too_old: set[int] = set()
    for one in sorted(settled, key=lambda each: (each.date, each.invoice)):
        invoice = invoices[one.invoice]
        before = paid_before[one.invoice]
        paid_before[one.invoice] = after = before + one.cents
        if one.date.year != year:
            continue
        for child, care in invoice.within_total.items():
            share = _share(care, invoice.total, after) - _share(care, invoice.total, before)
            if not is_young(births[child], year):
                too_old.add(child)
            elif share:
                found[child].append(PaidCare(invoice.number, one.date, one.cents, share))
    return Certified(
        year,
        {child: tuple(paid) for child, paid in sorted(found.items())},
        frozenset(too_old),
    )


def _share(care: int, total: int, paid: int) -> int:
    # A credit note is an invoice below zero, settled by what it gives back.
    sign = -1 if total < 0 else 1
    if care * sign < 0:
        return -sign * prorated(abs(care), total * sign, paid * sign)
    return sign * prorated(care * sign, total * sign, paid * sign)
