"""What a home owes for what was lived: from days to charges. In cents.

A charge derives from facts and is never typed twice. It is named by what it is for (kind, child, product, key, day):
what was already invoiced under the same name is taken off it, so that billing twice adds nothing, and billing late
facts adds their difference.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field, replace
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
from marelle.domain.catalog.rules.pricing import NOTHING_DUE
from marelle.domain.catalog.rules.spans import Per, span_of
from marelle.domain.catalog.rules.tariffs import Counted, Package, Scope, Tariff
from marelle.domain.reservations.rules.delivered import Lived, What
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
    """The charges of a home, and what the review must name."""

    charges: list[Charge] = field(default_factory=list)
    noted: list[Noted] = field(default_factory=list)


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
FIXED_THEN: Final = "Prix fixé à la réservation"
ALREADY_BILLED: Final = "Déjà facturé"


def widest(goods: Iterable[Good], period: Period, calendar: Calendar) -> Period:
    """Will return the days to read so as to bill `period`: whole weeks and spans where a tariff counts over them."""
    first, last = period.starts_on, _end(period)
    low, high = first, last
    for good in goods:
        for tariff in good.sold.tariffs:
            if tariff.rules is None:
                continue
            if Counted.DAYS_OF_WEEK in tariff.rules.counts:
                low = min(low, span_of(first, Per.WEEK, calendar).starts_on)
                high = max(high, _end(span_of(last, Per.WEEK, calendar)))
            pers = {cap.per for cap in tariff.rules.caps}
            if any(package.sessions for package in tariff.rules.packages):
                pers.add(Per.SCHOOL_YEAR)
            for per in pers:
                low = min(low, span_of(first, per, calendar).starts_on)
    return type(period)(low, high)


def charges_of(
    home: Home,
    lived: Sequence[Lived],
    goods: Mapping[int, Good],
    *,
    period: Period,
    calendar: Calendar,
    aids: Sequence[Helped] = (),
) -> Account:
    """Will return what a home owes for `period`, for what was lived around it (see `widest`), aids taken off.

    `goods` by product key: what is not among them is not billed.
    """
    books = _Books(home, lived, goods, period, calendar)
    books.days()
    books.packages()
    books.caps()
    books.help(aids)
    return books.closed()


def differences(
    charges: Iterable[Charge],
    billed: Mapping[Name, Mapping[date, int]],
    *,
    period: Period,
    goods: Mapping[int, Good],
    calendar: Calendar,
    third_payers: Mapping[str, int] | None = None,
) -> list[Charge]:
    """Will return what is still to be invoiced: what was under the same name, day by day, is taken off.

    `billed` holds, for each name, the cents already invoiced a day. What was invoiced for `period` and is no longer due
    comes back; `third_payers` (by key of an aid) give theirs back too.
    """
    found: list[Charge] = []
    due: set[tuple[Name, date]] = set()
    for charge in charges:
        before = billed.get(charge.name)
        if before is None:
            found.append(charge)
            continue
        due.update((charge.name, day) for day in charge.days)
        fresh = tuple(day for day in charge.days if day not in before)
        if fresh:
            found.append(replace(charge, days=fresh))
        others: dict[int, list[date]] = defaultdict(list)
        for day in charge.days:
            if day in before and before[day] != charge.cents:
                others[before[day]].append(day)
        found += [_corrected(charge, cents, tuple(days)) for cents, days in others.items()]
    for name, days in billed.items():
        gone: dict[int, list[date]] = defaultdict(list)
        for day, cents in days.items():
            if cents and (name, day) not in due and _concerns(name, day, period, goods, calendar):
                gone[cents].append(day)
        found += [
            Charge(
                name,
                tuple(sorted(each)),
                -cents,
                "",
                (PriceStep(ALREADY_BILLED, -cents),),
                before=cents,
                is_correction=True,
                third_payer=(third_payers or {}).get(name.key) if name.kind is Kind.AID else None,
            )
            for cents, each in gone.items()
        ]
    return found


def _concerns(name: Name, day: date, period: Period, goods: Mapping[int, Good], calendar: Calendar) -> bool:
    """Will tell whether what was invoiced under that name for that day is judged again with `period`."""
    if name.kind is Kind.MANUAL:
        return False
    if day in period:
        return True
    # Packages and caps are named by the first day of their span, which may come before the period.
    per = _span_per(name, goods)
    return per is not None and day <= _end(period) and _end(span_of(day, per, calendar)) >= period.starts_on


def _span_per(name: Name, goods: Mapping[int, Good]) -> Per | None:
    if name.kind is Kind.CAP:
        return Per(name.key)
    if name.kind is not Kind.PACKAGE or name.product not in goods:
        return None
    for voted in goods[name.product].sold.tariffs:
        for package in voted.rules.packages if voted.rules is not None else ():
            if package.code == name.key:
                return None if package.sessions or package.installments else package.per or Per.MONTH
    return None


def _corrected(charge: Charge, before: int, days: tuple[date, ...]) -> Charge:
    return replace(
        charge,
        days=days,
        cents=charge.cents - before,
        steps=(*charge.steps, PriceStep(ALREADY_BILLED, -before)),
        before=before,
        is_correction=True,
    )


def _end(period: Period) -> date:
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


class _Books:
    """The charges of one home while they are found."""

    def __init__(
        self, home: Home, lived: Sequence[Lived], goods: Mapping[int, Good], period: Period, calendar: Calendar
    ) -> None:
        self.home, self.goods, self.period, self.calendar = home, goods, period, calendar
        self.lived = [one for one in lived if one.product in goods]
        self.last = _end(period)
        self.turns = home.turns()
        self.units: dict[_Unit, list[date]] = {}
        self.tariffs: dict[_Unit, Tariff] = {}
        self.noted: dict[tuple[Trouble, int, int], list[date]] = {}
        # Day charges over the whole spans read, by product and child: what caps are judged on.
        self.sums: dict[int, dict[int, dict[date, int]]] = {}
        self._coming: dict[date, list[tuple[int, int]]] | None = None

    # ------------------------------------------------------------------------------------------------------------ days
    def days(self) -> None:
        """Will charge each day lived, and each late departure."""
        for one in self.lived:
            good = self.goods[one.product]
            billable = self._enrolled(one, good) if one.what is What.UNBOOKED else one
            if not billable.days:
                continue
            for days in self._alike(billable, good):
                self._charge(billable, good, days)
            if billable.late_minutes:
                self._late(billable, good)

    def _enrolled(self, one: Lived, good: Good) -> Lived:
        """Will keep the days on which the child is enrolled, and note the others."""
        outside = [day for day in one.days if self.home.enrollment(one.child, good.activity, day) is None]
        if not outside:
            return one
        self._note(Trouble.NOT_ENROLLED, one, outside)
        return one._replace(days=tuple(day for day in one.days if day not in outside))

    def _alike(self, one: Lived, good: Good) -> Iterable[tuple[date, ...]]:
        """Will cut days where the price may change: a new tariff, quotient or enrollment; each day, where it counts."""
        days = one.days
        tariff = good.tariff_on(days[0])
        counts = tariff is not None and tariff.rules is not None and not tariff.rules.counts.isdisjoint(_BY_DAY)
        if counts:
            return [(day,) for day in days]
        turns = [turn for turn in self.turns if days[0] < turn <= days[-1]]
        changed = [voted.valid_from for voted in good.sold.tariffs if days[0] < voted.valid_from <= days[-1]]
        if changed:
            self._note(Trouble.TARIFF_CHANGED, one, [day for day in days if day >= changed[0]])
        if not turns and not changed:
            return [days]
        cut: dict[int, list[date]] = defaultdict(list)
        edges = sorted({*turns, *changed})
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
        priced: Priced | Unpriced = Unpriced(Lacking.TARIFF)
        tariff = good.tariff_on(day)
        if tariff is not None and one.what is not What.CANCELLED:
            priced = tariff.price(self._facts(one, good, day))
        if isinstance(priced, Priced) and one.booked is not None:
            priced = priced.ruled(one.booked, BOOKED_LATE)
        if one.due is not None and not (isinstance(priced, Priced) and priced.cents == one.due):
            words = KEPT_DUE if one.what is What.CANCELLED else FIXED_THEN
            priced = Priced(one.due, (PriceStep(words, one.due),))
        if isinstance(priced, Priced) and one.rule is not None:
            priced = priced.ruled(one.rule, _RULED.get(one.what, ""))
        return priced

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
            self.units.setdefault(unit, []).extend(within)
            if tariff is not None:
                self.tariffs.setdefault(unit, tariff)

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
        enrollment = self.home.enrollment(one.child, good.activity, day)
        formula = enrollment.formula if enrollment is not None else ""
        return next(
            (
                package
                for package in tariff.rules.packages
                if package.includes_days and (package.is_for_all or package.code == formula)
            ),
            None,
        )

    def _included(self, package: Package, one: Lived, days: tuple[date, ...], tariff: Tariff | None) -> None:
        is_given_back = one.rule is not None and one.rule == NOTHING_DUE
        if package.refund and is_given_back:
            label = f"{package.name}, jour rendu"
            name = Name(Kind.PACKAGE_REFUND, one.child, one.product, package.code)
            step = PriceStep(f"Remboursé par {self.goods[one.product].sold.noun}", -package.refund)
            self._enter(_Unit(name, -package.refund, label, (step,)), days, tariff)

    def packages(self) -> None:
        """Will charge the packages of the children enrolled under them."""
        for good in self.goods.values():
            for voted in good.sold.tariffs:
                if voted.rules is not None:
                    for package in voted.rules.packages:
                        self._sell(package, good, voted)

    def _sell(self, package: Package, good: Good, voted: Voted) -> None:
        seen: set[tuple[int, date]] = set()
        for one in self.home.enrolled:
            if one.activity != good.activity or not (package.is_for_all or one.formula == package.code):
                continue
            child = EVERY_CHILD if package.scope is Scope.FAMILY else one.child
            if package.sessions:
                days = self._first_sessions(package, good, one.child, one.starts_on, one.ends_on)
                parts = [(day, 0, 1) for day in days]
            else:
                parts = self._spans(package, one.starts_on, one.ends_on)
            for day, nth, of in parts:
                if good.tariff_on(max(day, one.starts_on)) is not voted or (child, day) in seen:
                    continue
                seen.add((child, day))
                self._sold(package, good, voted, child=child, payer=one.child, day=day, nth=nth, of=of)

    def _spans(self, package: Package, starts_on: date, ends_on: date) -> list[tuple[date, int, int]]:
        """Will return the days that name what is due in the period: the first of each span, and which part it is."""
        per = package.per or Per.MONTH
        found = []
        first, last = max(self.period.starts_on, starts_on), min(self.last, ends_on)
        day = first
        while day <= last:
            span = span_of(day, per, self.calendar)
            if package.installments:
                found += [
                    (month, nth, len(package.installments))
                    for nth, month in enumerate(_months(span.starts_on, package.installments))
                    if month.replace(day=1) <= self.last
                    and span_of(month, Per.MONTH, self.calendar).starts_on
                    >= span_of(self.period.starts_on, Per.MONTH, self.calendar).starts_on
                ]
            else:
                found.append((span.starts_on, 0, 1))
            day = _end(span) + timedelta(days=1)
        return found

    def _sold(
        self, package: Package, good: Good, voted: Voted, *, child: int, payer: int, day: date, nth: int, of: int
    ) -> None:
        # Priced as on the first day of the enrollment in the span: a year paid in September keeps its quotient.
        facts = self.home.facts(payer, good.activity, max(day, self._since(payer, good)), together=good.together)
        rules = voted.rules
        if rules is None:  # pragma: no cover  a package comes from rules that were read
            return
        priced = amount_of(package.amount, facts, rounding=rules.rounding)
        if isinstance(priced, Unpriced):
            self.noted.setdefault((_TROUBLES[priced.lacking], payer, good.sold.pk), []).append(day)
            return
        cents, steps = priced.cents, priced.steps
        label = package.name
        if of > 1:
            cents = priced.cents // of + (nth < priced.cents % of)
            label = f"{package.name}, échéance {nth + 1} sur {of}"
            steps = (*steps, PriceStep(f"Échéance {nth + 1} sur {of}", cents - priced.cents))
        name = Name(Kind.PACKAGE, child, good.sold.pk, package.code)
        unit = _Unit(name, cents, label, steps, priced.measured, priced.bracket)
        self.units.setdefault(unit, []).append(day)
        self.tariffs.setdefault(unit, rules)

    def _since(self, child: int, good: Good) -> date:
        return min(one.starts_on for one in self.home.enrolled if (one.child, one.activity) == (child, good.activity))

    def _first_sessions(self, package: Package, good: Good, child: int, starts_on: date, ends_on: date) -> list[date]:
        """Will return the days that open a new card in a school year: the first, then each one after so many."""
        days = sorted(
            {
                day
                for one in self.lived
                if one.child == child and one.product == good.sold.pk and one.what in _CAME
                for day in one.days
                if starts_on <= day <= ends_on
            }
        )
        found = []
        counted: dict[date, int] = defaultdict(int)
        for day in days:
            year = span_of(day, Per.SCHOOL_YEAR, self.calendar).starts_on
            if counted[year] % (package.sessions or 1) == 0 and day in self.period:
                found.append(day)
            counted[year] += 1
        return found

    # ------------------------------------------------------------------------------------------------------------ caps
    def caps(self) -> None:
        """Will take off what passes a cap: each span is judged on its days up to the end of the period."""
        for product, children in self.sums.items():
            good = self.goods[product]
            tariff = good.tariff_on(self.last)
            rules = tariff.rules if tariff is not None else None
            if rules is None:
                continue
            for cap in rules.caps:
                if cap.scope is Scope.FAMILY:
                    joined: dict[date, int] = defaultdict(int)
                    for sums in children.values():
                        for day, cents in sums.items():
                            joined[day] += cents
                    judged = {EVERY_CHILD: dict(joined)}
                else:
                    judged = children
                for child, sums in judged.items():
                    self._cap(cap.cents, cap.per, good, child, sums=sums, tariff=rules)

    def _cap(self, most: int, per: Per, good: Good, child: int, *, sums: Mapping[date, int], tariff: Tariff) -> None:
        spans: dict[date, int] = defaultdict(int)
        ends: dict[date, date] = {}
        for day, cents in sums.items():
            if day <= self.last:
                span = span_of(day, per, self.calendar)
                spans[span.starts_on] += cents
                ends[span.starts_on] = _end(span)
        for first, total in spans.items():
            if total > most and ends[first] >= self.period.starts_on:
                label = f"{good.sold.name}, plafond {_PER[per]}"
                steps = (PriceStep(f"Plafond {_PER[per]} de {in_euros(most)}", most - total),)
                name = Name(Kind.CAP, child, good.sold.pk, per.value)
                unit = _Unit(name, most - total, label, steps)
                self.units.setdefault(unit, []).append(first)
                self.tariffs.setdefault(unit, tariff)

    # ------------------------------------------------------------------------------------------------------------ aids
    def help(self, aids: Sequence[Helped]) -> None:
        """Will take the aids off the days that they are for, never more than the day costs."""
        if not aids:
            return
        for unit, days in list(self.units.items()):
            if unit.name.kind is not Kind.DAY or unit.cents <= 0:
                continue
            service = self.goods[unit.name.product].service
            left = dict.fromkeys(days, unit.cents)
            for aid in aids:
                if aid.child not in {None, unit.name.child} or aid.service not in {None, service}:
                    continue
                for day in days:
                    taken = min(left[day], aid.cents + (unit.cents * aid.percent + 50) // 100)
                    if aid.starts_on <= day <= aid.ends_on and taken:
                        left[day] -= taken
                        name = Name(Kind.AID, unit.name.child, unit.name.product, aid.key)
                        off = _Unit(name, -taken, aid.label, (PriceStep(aid.label, -taken),), third_payer=aid.payer)
                        self.units.setdefault(off, []).append(day)
                        if unit in self.tariffs:
                            self.tariffs.setdefault(off, self.tariffs[unit])

    def closed(self) -> Account:
        """Will return what was found, each list of days in order."""
        charges = [
            Charge(
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
            for unit, days in self.units.items()
        ]
        self._note_quotients(charges)
        noted = [
            Noted(trouble, child, product, tuple(sorted(days)))
            for (trouble, child, product), days in self.noted.items()
        ]
        return Account(charges, noted)

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


def _months(year_starts_on: date, months: Iterable[int]) -> list[date]:
    """Will return the first day of each of these months of the school year, in its order."""
    found = []
    for month in months:
        year = year_starts_on.year if month >= year_starts_on.month else year_starts_on.year + 1
        found.append(date(year, month, 1))
    return sorted(found)


_CAME: Final = frozenset({What.RESERVED, What.UNBOOKED})
_WHO_COMES: Final = frozenset({Counted.RANK_PRESENT, Counted.SIBLINGS_PRESENT})
_BY_DAY: Final = _WHO_COMES | {Counted.DAYS_OF_WEEK}
_PER: Final = {
    Per.WEEK: "par semaine",
    Per.MONTH: "par mois",
    Per.PERIOD: "par période",
    Per.SCHOOL_YEAR: "par année scolaire",
}
