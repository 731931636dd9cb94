"""Which past days the families of the flyers lived, so that their invoices come to what the flyers show."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, NamedTuple

# The same hours: a child is at one or the other.
EVENINGS: Final = frozenset({"etude", "garderie-soir"})


class Lived(NamedTuple):
    """How many days of each product (codes) a family came, in the months that ended `first` to `last` months ago."""

    family: str
    first: int
    last: int
    days: tuple[tuple[str, int], ...]

    def span(self, today: date) -> tuple[date, date]:
        """Will return the first and the last of these days."""
        return month_ago(today, self.first)[0], month_ago(today, self.last)[1]


LIVED: Final = (
    Lived("D-0001", 2, 2, (("repas", 2), ("etude", 4), ("garderie-soir", 7))),  # 32,80 €
    Lived("D-0001", 1, 1, (("repas", 16), ("etude", 8))),  # 82,40 €
    Lived("D-0027", 1, 1, (("repas", 20), ("etude", 5), ("garderie-soir", 12))),  # 115,20 €
    Lived("J-0003", 2, 1, (("accueil-matin", 26), ("accueil-soir", 10))),  # 75,00 €, and 7,00 € to join
)


def month_ago(today: date, months: int) -> tuple[date, date]:
    """Will return the first and last day of the month that was `months` ago; 0 is the present one."""
    place = today.year * 12 + today.month - 1 - months
    after = place + 1
    first = date(place // 12, place % 12 + 1, 1)
    return first, date(after // 12, after % 12 + 1, 1) - timedelta(days=1)


def first_day_billed(today: date) -> date:
    """Will return the first of the days of these invoices."""
    return min(lived.span(today)[0] for lived in LIVED)
