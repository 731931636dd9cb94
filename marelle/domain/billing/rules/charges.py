"""What a home owes for what was lived: from days to charges. In cents.

A charge derives from facts and is never typed twice. It is named by what it is for (kind, child, product, key, day):
what was invoiced already under the same name is taken off it in `differences.py`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from marelle.domain.catalog.rules.price_steps import (
    Lacking,
    Priced,
    PriceFacts,
    PriceStep,
    Unpriced,
    amount_of,
    late_pickup_steps,
)
from marelle.domain.catalog.rules.pricing import NOTHING_DUE, PriceRule
from marelle.domain.catalog.rules.spans import Per, span_of
from marelle.domain.catalog.rules.tariffs import Component, Counted, Package, Scope, Tariff
from marelle.domain.reservations.rules.delivered import Lived, What
from marelle.domain.reservations.rules.two_homes import Share, half_installment
from marelle.foundation.money import in_euros

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from marelle.domain.reservations.rules.homes import Home
    from marelle.foundation.periods import Period
    from marelle.foundation.school_days import Calendar

# The place of « all the children of the home » where a child is named.
EVERY_CHILD: Final = 0


class Kind(StrEnum):
    """What a charge is for."""

    DAY = "day"
    LATE_PICKUP = "late_pickup"
    PACKAGE = "package"
    PACKAGE_REFUND = "package_refund"
    CAP = "cap"
    AID = "aid"
    MANUAL = "manual"


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


class Name(NamedTuple):
    """What a charge is named by, beside its day."""

    kind: Kind
    child: int
    product: int
    key: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """So many units alike: `cents` each, for the days that they are for, with the steps of one of them.

    `before` cents of each were invoiced already, and are taken off `cents`. `third_payer` owes an aid (key). `measured`
    is the quotient used (cents), `bracket` its band.
    """

    name: Name
    days: tuple[date, ...]
    cents: int
    label: str
    steps: tuple[PriceStep, ...]
    tariff: Tariff | None = None
    measured: int | None = None
    bracket: str = ""
    before: int = 0
    is_correction: bool = False
    third_payer: int | None = None

    @property
    def total(self) -> int:
        """Will return what they come to."""
        return self.cents * len(self.days)


class Trouble(StrEnum):
    """What the review must name, since nothing was billed of it, or it is not what one expects."""

    NO_QUOTIENT = "no_quotient"
    NO_BRACKET = "no_bracket"
    NO_SITUATION = "no_situation"
    NO_DURATION = "no_duration"
    NO_TARIFF = "no_tariff"
    NOT_ENROLLED = "not_enrolled"
    TARIFF_CHANGED = "tariff_changed"
    QUOTIENT_CHANGED = "quotient_changed"
    ABSURD_QUOTIENT = "absurd_quotient"


NOT_BILLED: Final = frozenset(
    {
        Trouble.NO_QUOTIENT,
        Trouble.NO_BRACKET,
        Trouble.NO_SITUATION,
        Trouble.NO_DURATION,
        Trouble.NO_TARIFF,
        Trouble.NOT_ENROLLED,
    }
)
_TROUBLES: Final = {
    Lacking.QUOTIENT: Trouble.NO_QUOTIENT,
    Lacking.BRACKET: Trouble.NO_BRACKET,
    Lacking.SITUATION: Trouble.NO_SITUATION,
    Lacking.DURATION: Trouble.NO_DURATION,
    Lacking.TARIFF: Trouble.NO_TARIFF,
}
HIGHEST_QUOTIENT: Final = 5_000_00


class Noted(NamedTuple):
    """A trouble, with the child, the product and the days it is about."""

    trouble: Trouble
    child: int
    product: int
    days: tuple[date, ...]


@dataclass
class Account:
    """The charges of a home, and what the review must name.

    `beyond` are what caps take off the days after the period, in spans that it shares: for those already invoiced.
    """

    charges: list[Charge] = field(default_factory=list)
    noted: list[Noted] = field(default_factory=list)
    beyond: list[Charge] = field(default_factory=list)


_LABELS: Final = {
    What.RESERVED: "{}",
    What.ABSENT: "{}, absence non signalée",
    What.TOLD: "{}, absence signalée",
    What.CANCELLED: "{}, annulation hors délai",
    What.UNBOOKED: "{}, sans réservation",
}
_RULED: Final = {
    What.ABSENT: "Absence non signalée",
    What.TOLD: "Absence signalée",
    What.UNBOOKED: "Sans réservation",
}
BOOKED_LATE: Final = "Réservation hors délai"
KEPT_DUE: Final = "Reste dû de l’annulation"
# What an invoice says of a package that two homes pay, without a word of the other one.
HALF: Final = "moitié"
HALF_OF_IT: Final = "La moitié"
FIXED_THEN: Final = "Prix fixé à la réservation"


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
    for per in _LONGEST_FIRST:
        if per in pers:
            low = min(low, span_of(low, per, calendar).starts_on)
            high = max(high, last_day(span_of(high, per, calendar)))
    return type(period)(low, high)


def charges_of(
    home: Home,
    lived: Sequence[Lived],
    goods: Mapping[int, Good],
    *,
    period: Period,
    calendar: Calendar,
    aids: Sequence[Helped] = (),
    elsewhere: Sequence[Lived] = (),
) -> Account:
    """Will return what a home owes for `period`, for what was lived around it (see `widest`), aids taken off.

    `goods` by product key: what is not among them is not billed. `elsewhere` is what its children lived on days that
    another home answers for: a day that is given back out of a package is given back to who pays the package.
    """
    books = _Books(home, lived, goods, period, calendar)
    books.days()
    books.packages()
    books.given_back(elsewhere)
    books.caps()
    books.help(aids)
    return books.closed()


def last_day(period: Period) -> date:
    """Will return the last day of a period, the end of time when it has none."""
    return period.ends_on if period.ends_on is not None else date.max


class _Unit(NamedTuple):
    """What makes units alike: they become one charge."""

    name: Name
    cents: int
    label: str
    steps: tuple[PriceStep, ...]
    measured: int | None = None
    bracket: str = ""
    third_payer: int | None = None
    sharing: int = 0  # which components: days shared in two ways are two charges


class _Sale(NamedTuple):
    """A package that is due from a day on: of a child or of all of them, for the child `payer`, priced as on `priced`.

    `until` is the last day on which that child is enrolled under it.
    """

    package: Package
    good: Good
    voted: Voted
    child: int
    payer: int
    day: date
    priced: date
    until: date


class _Books:
    """The charges of one home while they are found."""

    def __init__(
        self, home: Home, lived: Sequence[Lived], goods: Mapping[int, Good], period: Period, calendar: Calendar
    ) -> None:
        self.home, self.goods, self.period, self.calendar = home, goods, period, calendar
        self.lived = [one for one in lived if one.product in goods]
        self.last = last_day(period)
        self.turns = home.turns()
        self.units: dict[_Unit, list[date]] = {}
        self.tariffs: dict[_Unit, Tariff] = {}
        self.beyond: dict[_Unit, list[date]] = {}
        self.sharings: dict[tuple[Component, ...], int] = {(): 0}
        self.noted: dict[tuple[Trouble, int, int], list[date]] = {}
        # Day charges over the whole spans read, by product and child: what caps are judged on, and leave.
        self.sums: dict[int, dict[int, dict[date, int]]] = {}
        self._coming: dict[date, list[tuple[int, int]]] | None = None

    # ------------------------------------------------------------------------------------------------------------ days
    def days(self) -> None:
        """Will charge each day lived, and each late departure."""
        for one in self.lived:
            good = self.goods[one.product]
            billable = self._not_come(one) if one.what is What.CANCELLED else self._enrolled(one, good)
            if not billable.days:
                continue
            for days in self._alike(billable, good):
                self._charge(billable, good, days)
            if billable.late_minutes:
                self._late(billable, good)

    def _enrolled(self, one: Lived, good: Good) -> Lived:
        """Will keep the days on which the child is enrolled, and note the others."""
        first = self.home.enrollment(one.child, good.activity, one.days[0])
        if first is not None and one.days[-1] <= first.ends_on:
            return one
        outside = [day for day in one.days if self.home.enrollment(one.child, good.activity, day) is None]
        self._note(Trouble.NOT_ENROLLED, one, outside)
        return one._replace(days=tuple(day for day in one.days if day not in outside))

    def _not_come(self, one: Lived) -> Lived:
        """Will keep the cancelled days on which the child did not come after all: a day is paid once."""
        came = {
            day
            for other in self.lived
            if (other.child, other.product) == (one.child, one.product) and other.what is not What.CANCELLED
            for day in other.days
        }
        return one._replace(days=tuple(day for day in one.days if day not in came))

    def _alike(self, one: Lived, good: Good) -> Iterable[tuple[date, ...]]:
        """Will cut days where the price may change: a new tariff, quotient or enrollment; each day, where it counts."""
        days = one.days
        changed = [voted for voted in good.sold.tariffs if days[0] < voted.valid_from <= days[-1]]
        for voted in (good.tariff_on(days[0]), *changed):
            if voted is not None and voted.rules is not None and not voted.rules.counts.isdisjoint(_BY_DAY):
                return [(day,) for day in days]
        turns = [turn for turn in self.turns if days[0] < turn <= days[-1]]
        if not turns and not changed:
            return [days]
        cut: dict[int, list[date]] = defaultdict(list)
        edges = sorted({*turns, *(voted.valid_from for voted in changed)})
        for day in days:
            cut[bisect_right(edges, day)].append(day)
        return [tuple(each) for each in cut.values()]

    def _charge(self, one: Lived, good: Good, days: tuple[date, ...]) -> None:
        day = days[0]
        tariff = good.tariff_on(day)
        rules = tariff.rules if tariff is not None else None
        included = self._package(one, good, day)
        if included is not None and one.due is None:
            self._included(included, one, days, rules)
            return
        priced = self._priced(one, good, day)
        if isinstance(priced, Unpriced):
            self._note(_TROUBLES[priced.lacking], one, days)
            return
        if one.what is What.CANCELLED and not priced.cents:
            return
        if priced.measured is not None and priced.measured > HIGHEST_QUOTIENT:
            self._note(Trouble.ABSURD_QUOTIENT, one, days)
        name = Name(Kind.DAY, one.child, one.product)
        label = _LABELS[one.what].format(good.sold.name)
        self._enter(_Unit(name, priced.cents, label, priced.steps, priced.measured, priced.bracket), days, rules)

    def _priced(self, one: Lived, good: Good, day: date) -> Priced | Unpriced:
        """Will return what a unit costs: by the tariff, unless it is fixed already; then what the règlement makes."""
        if one.what is What.CANCELLED:
            due = one.due or 0
            return Priced(due, (PriceStep(KEPT_DUE, due),))
        tariff = good.tariff_on(day)
        price = tariff.price(self._facts(one, good, day)) if tariff is not None else Unpriced(Lacking.TARIFF)
        price = _ruled(price, one.booked, BOOKED_LATE)
        if one.due is not None and not (isinstance(price, Priced) and price.cents == one.due):
            price = Priced(one.due, (PriceStep(FIXED_THEN, one.due),))
        return _ruled(price, one.rule, _RULED.get(one.what, ""))

    def _late(self, one: Lived, good: Good) -> None:
        for day in one.days:
            tariff = good.tariff_on(day)
            if tariff is None or tariff.rules is None or tariff.rules.late_pickup is None:
                continue
            steps = late_pickup_steps(tariff.rules.late_pickup, one.late_minutes)
            if steps:
                cents = sum(step.cents for step in steps)
                name = Name(Kind.LATE_PICKUP, one.child, one.product)
                self._enter(_Unit(name, cents, f"{good.sold.name}, départ tardif", steps), (day,), tariff.rules)

    def _facts(self, one: Lived, good: Good, day: date) -> PriceFacts:
        tariff = good.tariff_on(day)
        counts = tariff.rules.counts if tariff is not None and tariff.rules is not None else frozenset()
        return self.home.facts(
            one.child,
            good.activity,
            day,
            together=good.together,
            present=self._present(good, day) if counts & _WHO_COMES else (),
            days_of_week=self._days_of_week(one, day) if Counted.DAYS_OF_WEEK in counts else 1,
            minutes=one.minutes,
        )

    def _present(self, good: Good, day: date) -> set[int]:
        if self._coming is None:
            self._coming = defaultdict(list)
            for one in self.lived:
                if one.what in _CAME:
                    for each in one.days:
                        self._coming[each].append((one.child, self.goods[one.product].activity))
        return {child for child, activity in self._coming.get(day, ()) if activity in good.together}

    def _days_of_week(self, one: Lived, day: date) -> int:
        monday = day - timedelta(days=day.weekday())
        days = {
            each
            for other in self.lived
            if (other.child, other.product) == (one.child, one.product) and other.what in _CAME
            for each in other.days
            if monday <= each < monday + timedelta(days=7)
        }
        return len(days | {day})

    def _enter(self, unit: _Unit, days: tuple[date, ...], tariff: Tariff | None) -> None:
        if unit.name.kind is Kind.DAY and tariff is not None and tariff.caps:
            sums = self.sums.setdefault(unit.name.product, {}).setdefault(unit.name.child, {})
            for day in days:
                sums[day] = sums.get(day, 0) + unit.cents
        within = days
        if days[0] < self.period.starts_on or days[-1] > self.last:
            within = tuple(day for day in days if self.period.starts_on <= day <= self.last)
        if within:
            self._keep(unit, within, tariff)

    def _keep(self, unit: _Unit, days: Iterable[date], tariff: Tariff | None) -> None:
        if tariff is not None:
            sharing = self.sharings.setdefault(tariff.components, len(self.sharings))
            unit = unit._replace(sharing=sharing) if sharing else unit
            self.tariffs.setdefault(unit, tariff)
        self.units.setdefault(unit, []).extend(days)

    def _note(self, trouble: Trouble, one: Lived, days: Iterable[date]) -> None:
        within = [day for day in days if self.period.starts_on <= day <= self.last]
        if within:
            self.noted.setdefault((trouble, one.child, one.product), []).extend(within)

    # -------------------------------------------------------------------------------------------------------- packages
    def _package(self, one: Lived, good: Good, day: date) -> Package | None:
        """Will return the package in which the day is, None when it is paid by itself."""
        tariff = good.tariff_on(day)
        if tariff is None or tariff.rules is None or not tariff.rules.packages:
            return None
        formula = self.home.formula(one.child, good.activity, day)
        if formula is None:
            return None
        return next(
            (package for package in tariff.rules.packages if package.includes_days and _is_under(package, formula)),
            None,
        )

    def _included(self, package: Package, one: Lived, days: tuple[date, ...], tariff: Tariff | None) -> None:
        """Will give back what the home pays of each day of a package that the règlement gives back."""
        if not package.refund or one.rule != NOTHING_DUE:
            return
        good = self.goods[one.product]
        shares: dict[Share, list[date]] = defaultdict(list)
        for day in days:
            shares[self._refunded(package, one.child, good, day)].append(day)
        for share, each in shares.items():
            cents = share.of(package.refund)
            if not cents:
                continue
            label = f"{package.name}, jour rendu"
            name = Name(Kind.PACKAGE_REFUND, one.child, one.product, package.code)
            steps = [PriceStep(f"Remboursé par {good.sold.noun}", -package.refund)]
            if share.is_half:
                steps.append(PriceStep(HALF_OF_IT, package.refund - cents))
            self._enter(_Unit(name, -cents, label, tuple(steps)), tuple(each), tariff)

    def _refunded(self, package: Package, child: int, good: Good, day: date) -> Share:
        """Will return what the home pays of the package in which a day is: as of the day on which it was due."""
        if child not in self.home.shared or package.sessions:
            return Share.WHOLE
        due = day
        if not package.installments:
            span = span_of(day, package.per or Per.MONTH, self.calendar)
            due = min(
                max(span.starts_on, one.starts_on)
                for one in self.home.under_packages(good.activity)
                if one.child == child and _is_under(package, one.formula) and span.starts_on <= one.ends_on
            )
        return self.home.share(child, good.service, due)

    def given_back(self, elsewhere: Sequence[Lived]) -> None:
        """Will give back what the home pays of days, of a package, that another home of the child answers for."""
        for one in elsewhere:
            good = self.goods.get(one.product)
            if good is None or one.rule != NOTHING_DUE or one.due is not None:
                continue
            for day in one.days:
                package, tariff = self._package(one, good, day), good.tariff_on(day)
                if package is not None and not package.sessions and tariff is not None:
                    self._included(package, one, (day,), tariff.rules)

    def packages(self) -> None:
        """Will charge the packages of the children enrolled under them."""
        for good in self.goods.values():
            offered = [one for voted in good.sold.tariffs if voted.rules is not None for one in voted.rules.packages]
            if any(not package.sessions for package in offered):
                self._sell(good)
            for code in dict.fromkeys(package.code for package in offered if package.sessions):
                self._sell_cards(code, good)

    def _sell(self, good: Good) -> None:
        """Will charge each package once in each of its spans that the period shares, from the day on which it is due.

        A child who leaves owes it whole, and one who comes back in the same span, or comes from its other home, owes it
        once.
        """
        enrolled = self.home.under_packages(good.activity)
        sold: set[tuple[str, int, date]] = set()
        due: dict[tuple[str, int, date], list[_Sale]] = {}
        for one in enrolled:
            for voted in good.sold.tariffs:
                for package in voted.rules.packages if voted.rules is not None else ():
                    if package.sessions or not _is_under(package, one.formula):
                        continue
                    child = EVERY_CHILD if package.scope is Scope.FAMILY else one.child
                    until = max(
                        other.ends_on
                        for other in enrolled
                        if other.child == one.child and _is_under(package, other.formula)
                    )
                    for span in self._spans(package.per or Per.MONTH, one.starts_on, one.ends_on):
                        day = max(span.starts_on, one.starts_on)
                        key = (package.code, one.child, span.starts_on)
                        if key not in sold and good.tariff_on(day) is voted:
                            sold.add(key)
                            priced = self._came(one.child, good, span) or day
                            sale = _Sale(package, good, voted, child, one.child, day, priced, until)
                            due.setdefault((package.code, child, span.starts_on), []).append(sale)
        for (_code, _child, starts_on), sales in due.items():
            self._due(sales, starts_on)

    def _came(self, child: int, good: Good, span: Period) -> date | None:
        """Will return the first day of a span on which the child is enrolled from this home."""
        return min(
            (
                max(span.starts_on, one.starts_on)
                for one in self.home.enrolled
                if (one.child, one.activity) == (child, good.activity)
                and one.starts_on <= last_day(span)
                and one.ends_on >= span.starts_on
            ),
            default=None,
        )

    def _spans(self, per: Per, starts_on: date, ends_on: date) -> Iterable[Period]:
        """Will yield the spans of an enrollment that the period shares, in order."""
        day = max(starts_on, span_of(self.period.starts_on, per, self.calendar).starts_on)
        while day <= min(self.last, ends_on):
            span = span_of(day, per, self.calendar)
            yield span
            day = last_day(span) + timedelta(days=1)

    def _due(self, sales: Sequence[_Sale], year_starts_on: date) -> None:
        """Will charge what the home pays of a package: once, for whichever of its children it pays the most."""
        package = sales[0].package
        if not package.installments:
            sale = max(sales, key=lambda each: self._share(each, each.day))
            self._sold(sale, sale.day, share=self._share(sale, sale.day))
            return
        # Who comes after some of them owes these at once; who leaves owes no more of them.
        parts: dict[tuple[date, Share], list[int]] = defaultdict(list)
        for nth, month in enumerate(_months(year_starts_on, package.installments)):
            found = [(self._share(sale, day), day) for sale in sales if (day := max(month, sale.day)) <= sale.until]
            if found:
                share, day = max(found, key=lambda each: (each[0], -each[1].toordinal()))
                parts[day, share].append(nth)
        first_month = span_of(self.period.starts_on, Per.MONTH, self.calendar).starts_on
        payer = max(sales, key=lambda each: self._share(each, each.day))
        for (day, share), places in parts.items():
            if first_month <= day <= self.last:
                self._sold(payer, day, places=places, share=share)

    def _share(self, sale: _Sale, day: date) -> Share:
        return self.home.share(sale.payer, sale.good.service, day)

    def _sell_cards(self, code: str, good: Good) -> None:
        """Will charge a card of so many sessions each time that one is begun; none lasts beyond its school year.

        Each of two homes has its own.
        """
        left: dict[tuple[int, date], int] = defaultdict(int)
        opened: dict[tuple[int, date], list[_Sale]] = defaultdict(list)
        for day, child in sorted(self._sessions(good)):
            voted, enrollment = good.tariff_on(day), self.home.enrollment(child, good.activity, day)
            if voted is None or voted.rules is None or enrollment is None:
                continue
            for package in voted.rules.packages:
                if package.code != code or not package.sessions or not _is_under(package, enrollment.formula):
                    continue
                owner = EVERY_CHILD if package.scope is Scope.FAMILY else child
                year = span_of(day, Per.SCHOOL_YEAR, self.calendar).starts_on
                if not left[owner, year]:
                    left[owner, year] = package.sessions
                    opened[owner, day].append(_Sale(package, good, voted, owner, child, day, day, day))
                left[owner, year] -= 1
        for (_owner, day), sales in opened.items():
            if day in self.period:
                self._sold(sales[0], day, cards=len(sales))

    def _sessions(self, good: Good) -> set[tuple[date, int]]:
        """Will return the days that count on a card, each with the child: all but those that are given back."""
        return {
            (day, one.child)
            for one in self.lived
            if one.product == good.sold.pk and one.what is not What.CANCELLED and one.rule != NOTHING_DUE
            for day in one.days
        }

    def _sold(
        self, sale: _Sale, day: date, *, places: Sequence[int] = (), cards: int = 1, share: Share = Share.WHOLE
    ) -> None:
        if share is Share.NOTHING:
            return
        # Priced as on the day on which it is due first: a year begun in September keeps its quotient.
        package, good = sale.package, sale.good
        facts = self.home.facts(sale.payer, good.activity, sale.priced, together=good.together)
        rules = sale.voted.rules
        if rules is None:  # pragma: no cover  a package comes from rules that were read
            return
        priced = amount_of(package.amount, facts, rounding=rules.rounding)
        if isinstance(priced, Unpriced):
            self.noted.setdefault((_TROUBLES[priced.lacking], sale.payer, good.sold.pk), []).append(day)
            return
        cents, steps, label = priced.cents, priced.steps, package.name
        parts: tuple[int, ...] = (cents,)
        if places:
            of = len(package.installments)
            parts = tuple(priced.cents // of + (nth < priced.cents % of) for nth in range(of))
            cents = sum(parts[nth] for nth in places)
            said = _installments_in_words(places, of)
            label = f"{package.name}, {said}"
            steps = (*steps, PriceStep(f"{said[:1].upper()}{said[1:]}", cents - priced.cents))
        elif cards > 1:
            cents = priced.cents * cards
            label = f"{package.name}, {cards} cartes"
            steps = (*steps, PriceStep(f"{cards} cartes", cents - priced.cents))
        if share.is_half:
            half = sum(half_installment(share, parts, nth) for nth in places or (0,))
            cents, steps, label = half, (*steps, PriceStep(HALF_OF_IT, half - cents)), f"{label}, {HALF}"
        name = Name(Kind.PACKAGE, sale.child, good.sold.pk, package.code)
        self._keep(_Unit(name, cents, label, steps, priced.measured, priced.bracket), [day], rules)

    # ------------------------------------------------------------------------------------------------------------ caps
    def caps(self) -> None:
        """Will take off each day what passes a cap on that day, in order: the cap of a child, then of all of them.

        A shorter span comes first. What a cap leaves is what the next one counts, so that nothing is taken off twice.
        """
        for product, children in self.sums.items():
            good = self.goods[product]
            for scope in Scope:
                for per in reversed(_LONGEST_FIRST):
                    caps = {
                        voted.valid_from: cap.cents
                        for voted in good.sold.tariffs
                        for cap in (voted.rules.caps if voted.rules is not None else ())
                        if (cap.per, cap.scope) == (per, scope)
                    }
                    if caps and scope is Scope.FAMILY:
                        self._cap(caps, per, good, EVERY_CHILD, [children[child] for child in sorted(children)])
                    elif caps:
                        for child, sums in children.items():
                            self._cap(caps, per, good, child, [sums])

    def _cap(self, caps: Mapping[date, int], per: Per, good: Good, child: int, sums: list[dict[date, int]]) -> None:
        """Will take what passes off `sums` (cents by day, of each child), by the caps of each tariff."""
        kept: dict[date, int] = defaultdict(int)
        for day in sorted({day for each in sums for day in each}):
            total = sum(each.get(day, 0) for each in sums)
            first = span_of(day, per, self.calendar).starts_on
            voted = good.tariff_on(day)
            most = caps.get(voted.valid_from) if voted is not None else None
            over = min(max(kept[first] + total - most, 0), total) if most is not None else 0
            kept[first] += total - over
            if not over or voted is None or most is None:
                continue
            step = PriceStep(f"Plafond {_PER[per]} de {in_euros(most)}", -over)
            name = Name(Kind.CAP, child, good.sold.pk, per.value)
            unit = _Unit(name, -over, f"{good.sold.name}, plafond {_PER[per]}", (step,))
            if day in self.period:
                self._keep(unit, [day], voted.rules)
            elif day > self.last:
                self.beyond.setdefault(unit, []).append(day)
            for each in sums:
                taken = min(over, each.get(day, 0))
                if taken:
                    each[day] -= taken
                    over -= taken

    # ------------------------------------------------------------------------------------------------------------ aids
    def help(self, aids: Sequence[Helped]) -> None:
        """Will take the aids off the days that they are for, never more than what the caps leave of the day."""
        if not aids:
            return
        for unit, days in list(self.units.items()):
            if unit.name.kind is not Kind.DAY or unit.cents <= 0:
                continue
            service = self.goods[unit.name.product].service
            capped = self.sums.get(unit.name.product, {}).get(unit.name.child, {})
            due = {day: capped.get(day, unit.cents) for day in days}
            left = dict(due)
            for aid in aids:
                if aid.child not in {None, unit.name.child} or aid.service not in {None, service}:
                    continue
                for day in days:
                    taken = min(left[day], aid.cents + (due[day] * aid.percent + 50) // 100)
                    if aid.starts_on <= day <= aid.ends_on and taken:
                        left[day] -= taken
                        name = Name(Kind.AID, unit.name.child, unit.name.product, aid.key)
                        off = _Unit(name, -taken, aid.label, (PriceStep(aid.label, -taken),), third_payer=aid.payer)
                        self._keep(off, [day], self.tariffs.get(unit))

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

    def _charge_of(self, unit: _Unit, days: list[date]) -> Charge:
        return Charge(
            unit.name,
            tuple(days) if len(days) == 1 else tuple(sorted(days)),
            unit.cents,
            unit.label,
            unit.steps,
            self.tariffs.get(unit),
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


def _is_under(package: Package, formula: str) -> bool:
    return package.is_for_all or package.code == formula


def _ruled(price: Priced | Unpriced, rule: PriceRule | None, label: str) -> Priced | Unpriced:
    """Will apply a rule of the règlement, which may fix the price where there is none."""
    if rule is None:
        return price
    if isinstance(price, Priced):
        return price.ruled(rule, label)
    due = rule.applied_to(None)
    return price if due is None else Priced(due, (PriceStep(label, due),))


def _installments_in_words(places: Sequence[int], of: int) -> str:
    if len(places) == 1:
        return f"échéance {places[0] + 1} sur {of}"
    return f"échéances {places[0] + 1} à {places[-1] + 1} sur {of}"


def _months(year_starts_on: date, months: Iterable[int]) -> list[date]:
    """Will return the first day of each of these months of the school year, in its order."""
    found = []
    for month in months:
        year = year_starts_on.year if month >= year_starts_on.month else year_starts_on.year + 1
        found.append(date(year, month, 1))
    return sorted(found)


_LONGEST_FIRST: Final = (Per.SCHOOL_YEAR, Per.PERIOD, Per.MONTH, Per.WEEK)
_CAME: Final = frozenset({What.RESERVED, What.UNBOOKED})
_WHO_COMES: Final = frozenset({Counted.RANK_PRESENT, Counted.SIBLINGS_PRESENT})
_BY_DAY: Final = _WHO_COMES | {Counted.DAYS_OF_WEEK}
_PER: Final = {
    Per.WEEK: "par semaine",
    Per.MONTH: "par mois",
    Per.PERIOD: "par période",
    Per.SCHOOL_YEAR: "par année scolaire",
}
