"""What a tariff comes to for one child and one day: the amount, and the steps that lead to it. In cents, exactly.

Between two roundings amounts are fractions; a step shows what it adds to the rounded sum, so that the steps of a price
always sum to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

from marelle.domain.catalog.rules.acts import NON_RESIDENT, RESIDENT
from marelle.domain.catalog.rules.pricing import FULL_PRICE, PriceRule
from marelle.domain.catalog.rules.tariffs import (
    ELEMENTARY,
    NURSERY,
    OCCASIONAL,
    OWN_MEAL,
    REGULAR,
    Amount,
    ByBracket,
    ByCount,
    ByDuration,
    BySituation,
    Change,
    Component,
    Counted,
    EffortRate,
    Fixed,
    LatePickup,
    Measure,
    Rounding,
    RoundingMode,
    Tariff,
)
from marelle.foundation.french_dates import NO_BREAK
from marelle.foundation.money import in_euros

if TYPE_CHECKING:
    from collections.abc import Callable

    from marelle.domain.catalog.rules.tariffs import Case

MILLION: Final = 1_000_000
HUNDRED: Final = 100
HALF: Final = Fraction(1, 2)
PLAIN: Final = "Prix"  # the step of a price that is the same for everybody
TO_THE_CENT: Final = Rounding()
SITUATIONS: Final = {
    RESIDENT: "habitants de la commune",
    NON_RESIDENT: "hors commune",
    OWN_MEAL: "panier-repas (PAI)",
    NURSERY: "maternelle",
    ELEMENTARY: "élémentaire",
    REGULAR: "régulier",
    OCCASIONAL: "occasionnel",
}


class PriceFacts(NamedTuple):
    """What a tariff may ask of a child and a day. Counts include the child itself; `None` is not known.

    `quotient` and `income` are in cents. `situations` are codes: resident or not, categories of the family, level of
    the class, formula and options of the enrollment. `minutes` is how long the child stayed.
    """

    quotient: int | None = None
    income: int | None = None
    situations: frozenset[str] = frozenset()
    rank: int = 1
    rank_present: int = 1
    siblings_present: int = 1
    children_enrolled: int = 1
    days_of_week: int = 1
    minutes: int | None = None

    def counted(self, what: Counted) -> int:
        """Will return what is counted."""
        return int(getattr(self, what.value))


class PriceStep(NamedTuple):
    """A line of the explanation: « Quotient 742 → tranche 3 », and what it adds (cents)."""

    label: str
    cents: int


class Lacking(StrEnum):
    """Why there is no price."""

    QUOTIENT = "quotient"  # the quotient, or income, is not known and the tariff says nothing of that
    BRACKET = "bracket"  # no band holds this quotient
    SITUATION = "situation"  # no case is for this child
    DURATION = "duration"  # nobody wrote how long the child stayed
    TARIFF = "tariff"  # no tariff is voted for that day


@dataclass(frozen=True, slots=True)
class Priced:
    """What is due (cents), by which steps, with what was read of the household (cents) and the band it fell in."""

    cents: int
    steps: tuple[PriceStep, ...]
    measured: int | None = None
    bracket: str = ""

    def ruled(self, rule: PriceRule, label: str) -> Priced:
        """Will return what the règlement makes of it: late, absent, not booked."""
        if rule == FULL_PRICE:
            return self
        due = rule.applied_to(self.cents)
        if due is None:  # pragma: no cover  a price that is known stays known
            return self
        return Priced(due, (*self.steps, PriceStep(label, due - self.cents)), self.measured, self.bracket)


@dataclass(frozen=True, slots=True)
class Unpriced:
    """Nobody can say what it costs, and why."""

    lacking: Lacking


class _NoPriceError(Exception):
    """Nothing of the tariff holds for these facts."""

    def __init__(self, lacking: Lacking) -> None:
        super().__init__(lacking.value)
        self.lacking = lacking


def price_of(tariff: Tariff, facts: PriceFacts) -> Priced | Unpriced:
    """Will return what one unit costs, the changes of the tariff included."""
    return amount_of(tariff.amount, facts, rounding=tariff.rounding, changes=tariff.changes)


def amount_of(
    amount: Amount, facts: PriceFacts, *, rounding: Rounding = TO_THE_CENT, changes: tuple[Change, ...] = ()
) -> Priced | Unpriced:
    """Will return what an amount of a tariff comes to, with the changes that hold."""
    sums = _Sums(rounding)
    try:
        _add(amount, facts, sums)
    except _NoPriceError as error:
        return Unpriced(error.lacking)
    for change in changes:
        if _holds(change, facts):
            sums.change(change)
    return sums.priced()


def late_pickup_steps(rule: LatePickup, minutes: int) -> tuple[PriceStep, ...]:
    """Will return what a child fetched `minutes` late costs; nothing within the grace."""
    if minutes <= rule.grace:
        return ()
    slices = -(-minutes // rule.minutes)
    label = f"Retard de {minutes}{NO_BREAK}min, {slices} × {in_euros(rule.cents)}"
    return (PriceStep(label, slices * rule.cents),)


def split(components: tuple[Component, ...], cents: int, units: int = 1) -> tuple[tuple[Component, int], ...]:
    """Will share `cents`, the price of `units` units, between the components; the shares sum to it exactly.

    Fixed parts are taken first, in their order, as far as there is enough; what is left over goes to the one that
    takes what is left. A negative sum (a credit) is shared as the positive one.
    """
    sign, left = (-1, -cents) if cents < 0 else (1, cents)
    whole = left
    shares: dict[int, int] = {}
    for place, one in enumerate(components):
        if one.cents is not None:
            wanted = one.cents * units
        elif one.percent is not None:
            wanted = _rounded(Fraction(whole * one.percent, HUNDRED), TO_THE_CENT)
        else:
            continue
        shares[place] = min(wanted, left)
        left -= shares[place]
    for place, one in enumerate(components):
        if one.cents is None and one.percent is None:
            shares[place] = left
            left = 0
    return tuple((one, sign * shares[place]) for place, one in enumerate(components))


class _Sums:
    """The exact sum so far, the rounded one, and the steps."""

    def __init__(self, rounding: Rounding) -> None:
        self.rounding = rounding
        self.exact = Fraction(0)
        self.shown = 0
        self.steps: list[PriceStep] = []
        self.measured: int | None = None
        self.bracket = ""

    def bring(self, exact: Fraction, label: str) -> None:
        rounded = _rounded(exact, self.rounding)
        self.exact = Fraction(rounded) if self.rounding.at_each_step else exact
        self.steps.append(PriceStep(label, rounded - self.shown))
        self.shown = rounded

    def change(self, change: Change) -> None:
        exact = self.exact + self.exact * Fraction(change.percent, HUNDRED) + change.cents
        self.bring(max(exact, Fraction(0)), change.name)

    def priced(self) -> Priced:
        return Priced(self.shown, tuple(self.steps), self.measured, self.bracket)


def _holds(change: Change, facts: PriceFacts) -> bool:
    when = change.when
    if when.codes and facts.situations.isdisjoint(when.codes):
        return False
    if when.counted is None:
        return True
    count = facts.counted(when.counted)
    return count >= when.least and (when.upto is None or count <= when.upto)


def _add(amount: Amount, facts: PriceFacts, sums: _Sums) -> None:
    """Will bring the sums to the amount: what was chosen on the way is said in one step."""
    exact, said = _reached(amount, facts, sums)
    floor, ceiling = said.floor, said.ceiling
    sums.bring(exact, " · ".join(said.words) or PLAIN)
    if floor is not None and exact < floor:
        sums.bring(Fraction(floor), f"Porté au plancher de {in_euros(floor)}")
    elif ceiling is not None and exact > ceiling:
        sums.bring(Fraction(ceiling), f"Ramené au plafond de {in_euros(ceiling)}")


class _Said:
    """The words of the choices met on the way, and the bounds of a rate."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.floor: int | None = None
        self.ceiling: int | None = None


def _reached(amount: Amount, facts: PriceFacts, sums: _Sums) -> tuple[Fraction, _Said]:
    said = _Said()

    def follow(node: Amount) -> Fraction:
        match node:
            case Fixed(cents):
                return Fraction(cents)
            case EffortRate():
                return _rated(node, facts, sums, said)
            case ByBracket():
                return follow(_bracket(node, facts, sums, said))
            case ByCount():
                return _of_count(node, facts, said, follow)
            case BySituation(cases, otherwise):
                return follow(_situation(cases, otherwise, facts, said))
            case ByDuration():
                return _of_duration(node, facts, said, follow)

    return follow(amount), said


def _measured(of: Measure, facts: PriceFacts) -> int | None:
    return facts.quotient if of is Measure.QUOTIENT else facts.income


def _in_figures(of: Measure, cents: int) -> str:
    euros, rest = divmod(cents, HUNDRED)
    figures = f"{euros:,}".replace(",", "\N{NARROW NO-BREAK SPACE}") + (f",{rest:02d}" if rest else "")
    return f"{'Quotient' if of is Measure.QUOTIENT else 'Revenu'} {figures}"


def _rated(node: EffortRate, facts: PriceFacts, sums: _Sums, said: _Said) -> Fraction:
    has = _measured(node.of, facts)
    if has is None:
        if node.missing is None:
            raise _NoPriceError(Lacking.QUOTIENT)
        said.words.append("Quotient non fourni" if node.of is Measure.QUOTIENT else "Revenu non fourni")
        return Fraction(node.missing)
    sums.measured = has
    said.floor, said.ceiling = node.floor, node.ceiling
    said.words.append(f"{_in_figures(node.of, has)} × {rate_in_words(node.millionths)}")
    return Fraction(has * node.millionths, MILLION)


def rate_in_words(millionths: int) -> str:
    """Will write a rate as people do: 3 600 millionths are « 0,36 % »."""
    whole, rest = divmod(millionths, MILLION // HUNDRED)
    decimals = f"{rest:04d}".rstrip("0")
    return f"{whole}{',' if decimals else ''}{decimals}{NO_BREAK}%"


def _bracket(node: ByBracket, facts: PriceFacts, sums: _Sums, said: _Said) -> Amount:
    has = _measured(node.of, facts)
    if has is None:
        if node.missing is None:
            raise _NoPriceError(Lacking.QUOTIENT)
        bracket = node.brackets[node.missing]
        sums.bracket = bracket.name or str(node.missing + 1)
        what = "Quotient non fourni" if node.of is Measure.QUOTIENT else "Revenu non fourni"
        said.words.append(f"{what} → tranche {sums.bracket}")
        return bracket.amount
    sums.measured = has
    counted = has - has % HUNDRED if node.is_whole else has
    for place, bracket in enumerate(node.brackets):
        upto = bracket.upto
        if upto is None or counted < upto or (counted == upto and bracket.is_inclusive):
            sums.bracket = bracket.name or str(place + 1)
            said.words.append(f"{_in_figures(node.of, has)} → tranche {sums.bracket}")
            return bracket.amount
    raise _NoPriceError(Lacking.BRACKET)


def _of_count(node: ByCount, facts: PriceFacts, said: _Said, follow: Callable[[Amount], Fraction]) -> Fraction:
    count = facts.counted(node.counted)
    amounts = node.amounts
    if not node.together:
        said.words.append(_counted_in_words(node.counted, count))
        return follow(amounts[min(count, len(amounts)) - 1])
    # For the home as a whole: the first child pays the first amount, each next one what it adds.
    rank = facts.rank_present
    here = follow(amounts[min(rank, len(amounts)) - 1])
    if rank == 1:
        said.words.append(_counted_in_words(Counted.RANK_PRESENT, rank))
        return here
    kept = list(said.words)
    before = follow(amounts[min(rank - 1, len(amounts)) - 1])
    said.words[:] = [*kept, f"{_counted_in_words(Counted.RANK_PRESENT, rank)}, en plus des autres"]
    return here - before


def _counted_in_words(counted: Counted, count: int) -> str:
    ordinal = "1\N{MODIFIER LETTER SMALL E}\N{MODIFIER LETTER SMALL R}" if count == 1 else f"{count}ᵉ"
    many = "s" if count > 1 else ""
    match counted:
        case Counted.RANK:
            return f"{ordinal} enfant"
        case Counted.RANK_PRESENT:
            return f"{ordinal} enfant présent ce jour"
        case Counted.SIBLINGS_PRESENT:
            return f"{count} enfant{many} présent{many} ce jour"
        case Counted.CHILDREN_ENROLLED:
            return f"{count} enfant{many} inscrit{many}"
        case Counted.DAYS_OF_WEEK:
            return f"{count} jour{many} cette semaine"


def _situation(cases: tuple[Case, ...], otherwise: Amount | None, facts: PriceFacts, said: _Said) -> Amount:
    for case in cases:
        met = next((code for code in case.codes if code in facts.situations), None)
        if met is not None:
            words = SITUATIONS.get(met, met)
            said.words.append(words[:1].upper() + words[1:])
            return case.amount
    if otherwise is None:
        raise _NoPriceError(Lacking.SITUATION)
    return otherwise


def _of_duration(node: ByDuration, facts: PriceFacts, said: _Said, follow: Callable[[Amount], Fraction]) -> Fraction:
    minutes = facts.minutes if facts.minutes is not None else node.presumed
    if minutes is None:
        raise _NoPriceError(Lacking.DURATION)
    slices = -(-minutes // node.minutes)
    each = follow(node.amount)
    presumed = "" if facts.minutes is not None else " prévues"
    said.words.append(f"{slices} × {node.minutes}{NO_BREAK}min{presumed}")
    return each * slices


def _rounded(exact: Fraction, rounding: Rounding) -> int:
    parts = exact / rounding.to
    match rounding.mode:
        case RoundingMode.HALF_UP:
            whole = (parts + HALF).__floor__()
        case RoundingMode.UP:
            whole = parts.__ceil__()
        case RoundingMode.DOWN:
            whole = parts.__floor__()
    return whole * rounding.to
