"""A home and what is sold to it, as the tests of charges need them: short names, nothing random."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from marelle.domain.billing.rules.charges import Good, charges_of, widest
from marelle.domain.billing.rules.differences import differences
from marelle.domain.catalog.rules.price_steps import Lacking, Unpriced, price_of
from marelle.domain.catalog.rules.tariffs import Fixed, Tariff
from marelle.domain.reservations.rules.delivered import Lived, What
from marelle.domain.reservations.rules.homes import Enrolled, Home, HomeChild
from marelle.foundation.periods import Period
from marelle.foundation.school_days import Calendar
from tests.rules.billing_scenarios import CALENDAR

LEA, TOM = 1, 2
CANTEEN, EVENING = 101, 102
SEPTEMBER, JULY = date(2026, 9, 1), date(2027, 7, 2)
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))


def nov(*days):
    return tuple(date(2026, 11, day) for day in days)


@dataclass
class Voted:
    valid_from: date
    rules: Tariff | None

    def price(self, facts):
        return Unpriced(Lacking.TARIFF) if self.rules is None else price_of(self.rules, facts)


@dataclass
class Sold:
    pk: int
    tariffs: list
    name: str = "Repas"
    noun: str = "repas"


def good(*tariffs, pk=CANTEEN, service=1):
    """Sell a product: tariffs, or (day, tariff) pairs; the latest first."""
    voted = [one if isinstance(one, tuple) else (SEPTEMBER, one) for one in tariffs]
    voted.sort(key=lambda each: each[0], reverse=True)
    return Good(Sold(pk, [Voted(*one) for one in voted]), pk + 100, service, frozenset({201, 202}))


def goods(*each):
    return {one.sold.pk: one for one in each}


def flat(cents=300, **more):
    return Tariff(Fixed(cents), **more)


def lived(*days, child=LEA, product=CANTEEN, what=What.RESERVED, **more):
    return Lived(child, product, what, tuple(sorted(days)), **more)


@dataclass
class Family:
    """A home that is billed, and remembers what was."""

    products: dict
    enrolled: tuple = ()
    measures: tuple = ()
    aids: tuple = ()
    billed: dict = field(default_factory=dict)
    shared: dict = field(default_factory=dict)
    key: int = 1
    elsewhere: tuple = ()
    calendar: Calendar = CALENDAR

    @property
    def home(self):
        enrolled = self.enrolled or tuple(
            Enrolled(child, one.activity, SEPTEMBER, JULY) for child in (LEA, TOM) for one in self.products.values()
        )
        children = (HomeChild(LEA, date(2016, 1, 1), "ce1"), HomeChild(TOM, date(2018, 1, 1), "gs"))
        return Home(self.key, frozenset({"resident"}), children, enrolled, self.measures, shared=self.shared)

    def account(self, facts, period=NOVEMBER):
        return charges_of(
            self.home,
            facts,
            self.products,
            period=period,
            calendar=self.calendar,
            aids=self.aids,
            elsewhere=self.elsewhere,
        )

    def left(self, facts, period=NOVEMBER):
        """Return what is still to be invoiced, from the facts of the days that billing reads."""
        wide = widest(self.products.values(), period, self.calendar)
        read = [one._replace(days=days) for one in facts if (days := tuple(day for day in one.days if day in wide))]
        account = self.account(read, period)
        return differences(
            account.charges,
            self.billed,
            period=period,
            goods=self.products,
            calendar=self.calendar,
            third_payers={aid.key: aid.payer for aid in self.aids},
            beyond=account.beyond,
        )

    def bill(self, facts, period=NOVEMBER):
        charges = self.left(facts, period)
        for charge in charges:
            for day in charge.days:
                sums = self.billed.setdefault(charge.name, {})
                sums[day] = sums.get(day, 0) + charge.cents
        return charges

    @property
    def total(self):
        return sum(sum(days.values()) for days in self.billed.values())


def said(charges):
    """Say charges in short: kind, child, days, cents."""
    return sorted((str(one.name.kind), one.name.child, [day.day for day in one.days], one.cents) for one in charges)
