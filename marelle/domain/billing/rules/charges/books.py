"""The charges of one home while they are found: alike ones together, and what the review must name."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from marelle.domain.billing.rules.charges.charge import Account, Charge, Kind, Name, Noted, Trouble
from marelle.domain.billing.rules.charges.goods import last_day
from marelle.domain.reservations.rules.delivered import Lived, What

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from marelle.domain.billing.rules.charges.goods import Good
    from marelle.domain.catalog.rules.price_steps import PriceStep
    from marelle.domain.catalog.rules.tariffs import Component, Tariff
    from marelle.domain.reservations.rules.homes import Home
    from marelle.foundation.periods import Period
    from marelle.foundation.school_days import Calendar

CAME: Final = frozenset({What.RESERVED, What.UNBOOKED})


class Unit(NamedTuple):
    """What makes units alike: they become one charge."""

    name: Name
    cents: int
    label: str
    steps: tuple[PriceStep, ...]
    measured: int | None = None
    bracket: str = ""
    third_payer: int | None = None
    sharing: int = 0  # which components: days shared in two ways are two charges


class Books:
    """The charges of one home while they are found."""

    def __init__(
        self, home: Home, lived: Sequence[Lived], goods: Mapping[int, Good], period: Period, calendar: Calendar
    ) -> None:
        self.home, self.goods, self.period, self.calendar = home, goods, period, calendar
        self.lived = [one for one in lived if one.product in goods]
        self.last = last_day(period)
        self.turns = home.turns()
        self.units: dict[Unit, list[date]] = {}
        self.components: dict[Unit, tuple[Component, ...]] = {}
        self.beyond: dict[Unit, list[date]] = {}
        self.sharings: dict[tuple[Component, ...], int] = {(): 0}
        self.noted: dict[tuple[Trouble, int, int], list[date]] = {}
        # Day charges over the whole spans read, by product and child: what caps are judged on, and leave.
        self.sums: dict[int, dict[int, dict[date, int]]] = {}

    @cached_property
    def coming(self) -> dict[date, list[tuple[int, int]]]:
        """Will return who comes each day, each with the activity (keys)."""
        found: dict[date, list[tuple[int, int]]] = defaultdict(list)
        for one in self.lived:
            if one.what in CAME:
                for each in one.days:
                    found[each].append((one.child, self.goods[one.product].activity))
        return found

    def enter(self, unit: Unit, days: tuple[date, ...], tariff: Tariff | None) -> None:
        """Will charge units for those of their days that are of the period; caps count all of them."""
        if unit.name.kind is Kind.DAY and tariff is not None and tariff.caps:
            sums = self.sums.setdefault(unit.name.product, {}).setdefault(unit.name.child, {})
            for day in days:
                sums[day] = sums.get(day, 0) + unit.cents
        within = days
        if days[0] < self.period.starts_on or days[-1] > self.last:
            within = tuple(day for day in days if self.period.starts_on <= day <= self.last)
        if within:
            self.keep(unit, within, tariff.components if tariff is not None else None)

    def keep(self, unit: Unit, days: Iterable[date], components: tuple[Component, ...] | None) -> None:
        """Will charge units for days that are of the period."""
        if components is not None:
            sharing = self.sharings.setdefault(components, len(self.sharings))
            unit = unit._replace(sharing=sharing) if sharing else unit
            self.components[unit] = components
        self.units.setdefault(unit, []).extend(days)

    def note(self, trouble: Trouble, one: Lived, days: Iterable[date]) -> None:
        """Will note a trouble with those of the days that are of the period."""
        within = [day for day in days if self.period.starts_on <= day <= self.last]
        if within:
            self.noted.setdefault((trouble, one.child, one.product), []).extend(within)

    def closed(self) -> Account:
        """Will return what was found, each list of days in order."""
        charges = [self._charge_of(unit, days) for unit, days in self.units.items()]
        self._note_quotients(charges)
        self._note_tariffs(charges)
        noted = [
            Noted(trouble, child, product, tuple(sorted(days)))
            for (trouble, child, product), days in self.noted.items()
        ]
        return Account(charges, noted, [self._charge_of(unit, days) for unit, days in self.beyond.items()])

    def _charge_of(self, unit: Unit, days: list[date]) -> Charge:
        return Charge(
            unit.name,
            tuple(days) if len(days) == 1 else tuple(sorted(days)),
            unit.cents,
            unit.label,
            unit.steps,
            self.components.get(unit),
            unit.measured,
            unit.bracket,
            third_payer=unit.third_payer,
        )

    def _note_quotients(self, charges: Iterable[Charge]) -> None:
        """Will note the products that were priced by two quotients in the period."""
        used: dict[tuple[int, int], set[int]] = defaultdict(set)
        days: dict[tuple[int, int], list[date]] = defaultdict(list)
        for charge in charges:
            if charge.name.kind is Kind.DAY and charge.measured is not None:
                key = (charge.name.child, charge.name.product)
                used[key].add(charge.measured)
                days[key] += charge.days
        for (child, product), values in used.items():
            if len(values) > 1:
                self.noted.setdefault((Trouble.QUOTIENT_CHANGED, child, product), []).extend(days[child, product])

    def _note_tariffs(self, charges: Iterable[Charge]) -> None:
        """Will note the days from which another tariff was in force, for who came before and after."""
        days: dict[tuple[int, int], list[date]] = defaultdict(list)
        for charge in charges:
            if charge.name.kind is Kind.DAY:
                good = self.goods[charge.name.product]
                if any(self.period.starts_on < voted.valid_from <= self.last for voted in good.sold.tariffs):
                    days[charge.name.child, charge.name.product] += charge.days
        for (child, product), each in days.items():
            first = self.goods[product].tariff_on(min(each))
            later = [day for day in each if self.goods[product].tariff_on(day) is not first]
            if later:
                self.noted.setdefault((Trouble.TARIFF_CHANGED, child, product), []).extend(later)
