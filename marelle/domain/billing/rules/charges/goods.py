"""What is sold and what helps to pay it, as charges see it; the days to read so as to bill some."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from marelle.domain.catalog.rules.spans import Per, span_of
from marelle.domain.catalog.rules.tariffs import Counted, Tariff

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from marelle.domain.catalog.rules.price_steps import Priced, PriceFacts, Unpriced
    from marelle.foundation.periods import Period
    from marelle.foundation.school_days import Calendar

LONGEST_FIRST: Final = (Per.SCHOOL_YEAR, Per.PERIOD, Per.MONTH, Per.WEEK)


class Voted(Protocol):
    """A tariff in force from a day on, and what it comes to."""

    @property
    def valid_from(self) -> date:
        """Will return its first day."""

    @property
    def rules(self) -> Tariff | None:
        """Will return what was voted, None when it cannot be read."""

    def price(self, facts: PriceFacts) -> Priced | Unpriced:
        """Will return what one unit costs."""


class Sold(Protocol):
    """What is sold: a product of the catalog."""

    @property
    def pk(self) -> int:
        """Will return its key."""

    @property
    def name(self) -> str:
        """Will return its name."""

    @property
    def noun(self) -> str:
        """Will return its name in a sentence."""

    @property
    def tariffs(self) -> Sequence[Voted]:
        """Will return its tariffs, the latest first."""


@dataclass(frozen=True, slots=True)
class Good:
    """A product as charges see it: its activity and service (keys), and the activities that count siblings together."""

    sold: Sold
    activity: int
    service: int
    together: frozenset[int]

    def tariff_on(self, day: date) -> Voted | None:
        """Will return the tariff in force that day."""
        return next((one for one in self.sold.tariffs if one.valid_from <= day), None)


class Helped(NamedTuple):
    """An aid: `cents` or `percent` of each unit, from a day to a day, paid by another payer (key).

    `child` and `service` None: for all of them.
    """

    key: str
    label: str
    payer: int
    starts_on: date
    ends_on: date
    cents: int = 0
    percent: int = 0
    child: int | None = None
    service: int | None = None


def widest(goods: Iterable[Good], period: Period, calendar: Calendar) -> Period:
    """Will return the days to read so as to bill `period`: whole weeks and spans where a tariff counts over them."""
    low, high = period.starts_on, last_day(period)
    pers: set[Per] = set()
    for good in goods:
        for voted in good.sold.tariffs:
            if voted.rules is not None:
                pers |= {cap.per for cap in voted.rules.caps}
                if Counted.DAYS_OF_WEEK in voted.rules.counts:
                    pers.add(Per.WEEK)
                if any(package.sessions for package in voted.rules.packages):
                    pers.add(Per.SCHOOL_YEAR)
    # The longest first: the weeks at both ends of a year are whole too, whatever period is billed in it.
    for per in LONGEST_FIRST:
        if per in pers:
            low = min(low, span_of(low, per, calendar).starts_on)
            high = max(high, last_day(span_of(high, per, calendar)))
    return type(period)(low, high)


def last_day(period: Period) -> date:
    """Will return the last day of a period, the end of time when it has none."""
    return period.ends_on if period.ends_on is not None else date.max
