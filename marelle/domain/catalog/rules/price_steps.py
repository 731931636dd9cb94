"""What a tariff comes to for one child and one day: the amount, and the steps that lead to it. In cents, exactly.

Between two roundings an amount is a fraction, as two whole numbers; a step shows what it adds to the rounded sum, so
that the steps of a price always sum to it. Their words are kept on invoices: they say what was read and what it gave.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from marelle.domain.catalog.rules.acts import NON_RESIDENT, RESIDENT
from marelle.domain.catalog.rules.pricing import FULL_PRICE, PriceRule
from marelle.domain.catalog.rules.tariffs import (
    ELEMENTARY,
    NURSERY,
    OCCASIONAL,
    OWN_MEAL,
    REGULAR,
    Amount,
    Bracket,
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

MILLION: Final = 1_000_000
HUNDRED: Final = 100
SECOND: Final = 2
PLAIN: Final = "Prix"  # the step of a price that is the same for everybody
TO_THE_CENT: Final = Rounding()
_MEASURES: Final = {Measure.QUOTIENT: "Quotient", Measure.INCOME: "Revenu"}
_NOT_GIVEN: Final = {of: f"{words} non fourni" for of, words in _MEASURES.items()}
SITUATIONS: Final = {
    RESIDENT: "habitants de la commune",
    NON_RESIDENT: "hors commune",
    OWN_MEAL: "panier-repas (PAI)",
    NURSERY: "maternelle",
    ELEMENTARY: "élémentaire",
    REGULAR: "régulier",
    OCCASIONAL: "occasionnel",
}


_Exact = tuple[int, int]  # so many cents, over so many


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

    QUOTIENT = "quotient"  # the quotient, or income, is negative, or not known and the tariff says nothing of that
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
        due = rule.applied_to(self.cents) or 0  # never None: the price is known
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
    reading = _Reading(facts, rounding)
    try:
        exact = reading.of(amount)
    except _NoPriceError as error:
        return Unpriced(error.lacking)
    sums = _Sums(rounding)
    label = " · ".join(reading.words) or PLAIN
    if reading.then is None:
        sums.bring(exact, label)
    else:
        # The rate before its bounds, or the price of the children together, has its own line.
        sums.bring(reading.before, label)
        sums.bring(exact, reading.then)
    for change in changes:
        if _holds(change, facts):
            sums.change(change)
    sums.end()
    return Priced(sums.shown, tuple(sums.steps), reading.measured, reading.bracket)


def late_pickup_steps(rule: LatePickup, minutes: int) -> tuple[PriceStep, ...]:
    """Will return what a child fetched `minutes` late costs; nothing within the grace, all the minutes after it."""
    if minutes <= rule.grace:
        return ()
    slices = -(-minutes // rule.minutes)
    slice_in_words = f"{slices} × {rule.minutes}{NO_BREAK}min à {in_euros(rule.cents)}"
    return (PriceStep(f"Retard de {minutes}{NO_BREAK}min → {slice_in_words}", slices * rule.cents),)


def split(components: tuple[Component, ...], cents: int, units: int = 1) -> tuple[tuple[Component, int], ...]:
    """Will share `cents`, the price of `units` units, between the components; the shares sum to it exactly.

    Parts that are amounts or percentages are taken first, in their order, as far as there is enough; what is left over
    goes to the one that takes what is left. A negative sum (a credit) is shared as the positive one.
    """
    sign, left = (-1, -cents) if cents < 0 else (1, cents)
    whole = left
    shares: dict[int, int] = {}
    for place, one in enumerate(components):
        if one.cents is not None:
            wanted = one.cents * units
        elif one.percent is not None:
            wanted = _rounded((whole * one.percent, HUNDRED), 1, RoundingMode.HALF_UP)
        else:
            continue
        shares[place] = min(wanted, left)
        left -= shares[place]
    for place in range(len(components)):
        if place not in shares:
            shares[place] = left
            left = 0
    return tuple((one, sign * shares[place]) for place, one in enumerate(components))


class _Sums:
    """The exact sum so far, what is shown of it in whole cents, and the steps."""

    __slots__ = ("exact", "rounding", "shown", "steps", "to")

    def __init__(self, rounding: Rounding) -> None:
        self.rounding = rounding
        # An amount that is rounded to five cents at the end is shown to the cent until then.
        self.to = rounding.to if rounding.at_each_step else 1
        self.exact: _Exact = (0, 1)
        self.shown = 0
        self.steps: list[PriceStep] = []

    def bring(self, exact: _Exact, label: str) -> None:
        """Will go on to `exact`, in one step."""
        is_last_word = self.to == self.rounding.to
        shown = _rounded(exact, self.to, self.rounding.mode if is_last_word else RoundingMode.HALF_UP)
        self.exact = (shown, 1) if self.rounding.at_each_step else exact
        self.steps.append(PriceStep(label, shown - self.shown))
        self.shown = shown

    def change(self, change: Change) -> None:
        """Will apply a reduction, which takes what there is at most, or a supplement."""
        cents, parts = self.exact
        cents = cents * (HUNDRED + change.percent) + change.cents * HUNDRED * parts
        self.bring((max(cents, 0), HUNDRED * parts), change.name)

    def end(self) -> None:
        """Will round the sum, when it is not yet."""
        if self.to == self.rounding.to:
            return
        due = _rounded(self.exact, self.rounding.to, self.rounding.mode)
        if due != self.shown:
            self.steps.append(PriceStep(f"Arrondi à {in_euros(self.rounding.to)}", due - self.shown))
            self.shown = due


def _holds(change: Change, facts: PriceFacts) -> bool:
    when = change.when
    if when.codes and facts.situations.isdisjoint(when.codes):
        return False
    if when.counted is None:
        return True
    count = facts.counted(when.counted)
    return count >= when.least and (when.upto is None or count <= when.upto)


class _Reading:
    """Follows the choices of an amount down to what is due, and keeps their words.

    `then`: what the last step says, `before` being the sum without it.
    """

    __slots__ = ("before", "bracket", "facts", "measured", "rounding", "then", "words")

    def __init__(self, facts: PriceFacts, rounding: Rounding) -> None:
        self.facts = facts
        self.rounding = rounding
        self.words: list[str] = []
        self.measured: int | None = None
        self.bracket = ""
        self.before: _Exact = (0, 1)
        self.then: str | None = None

    def of(self, node: Amount, *, inside: bool = False) -> _Exact:
        """Will return what is due; `inside` what multiplies or shares it, all is said in one step."""
        match node:
            case Fixed(cents):
                return (cents, 1)
            case EffortRate():
                return self._rated(node, inside=inside)
            case ByDuration():
                return self._lasting(node)
            case ByCount(together=True):
                return self._shared(node.amounts, inside=inside)
            case ByBracket():
                chosen = self._bracket(node)
            case ByCount():
                chosen = self._counted(node)
            case BySituation():
                chosen = self._situation(node)
        return self.of(chosen, inside=inside)

    def _measured(self, of: Measure) -> int | None:
        has = self.facts.quotient if of is Measure.QUOTIENT else self.facts.income
        if has is not None:
            if has < 0:  # absurd: not even the price of those who give none
                raise _NoPriceError(Lacking.QUOTIENT)
            self.measured = has
        return has

    def _bracket(self, node: ByBracket) -> Amount:
        has = self._measured(node.of)
        if has is None:
            if node.missing is None:
                raise _NoPriceError(Lacking.QUOTIENT)
            place, read = node.missing, _NOT_GIVEN[node.of]
        else:
            counted = has - has % HUNDRED if node.is_whole else has
            place, read = _place(node.brackets, counted), measured_in_words(node.of, has)
            if counted != has:
                read = f"{read}, compté {in_figures(counted)}"
        bracket = node.brackets[place]
        self.bracket = bracket.name or str(place + 1)
        self.words.append(f"{read} → tranche {self.bracket}")
        return bracket.amount

    def _counted(self, node: ByCount) -> Amount:
        count = max(self.facts.counted(node.counted), 1)
        self.words.append(counted_in_words(node.counted, count))
        return node.amounts[min(count, len(node.amounts)) - 1]

    def _rated(self, node: EffortRate, *, inside: bool) -> _Exact:
        has = self._measured(node.of)
        if has is None:
            if node.missing is None:
                raise _NoPriceError(Lacking.QUOTIENT)
            self.words.append(_NOT_GIVEN[node.of])
            return (node.missing, 1)
        exact = (has * node.millionths, MILLION)
        self.words.append(f"{measured_in_words(node.of, has)} × {rate_in_words(node.millionths)}")
        if node.floor is not None and exact[0] < node.floor * MILLION:
            bound, words = node.floor, f"Porté au plancher de {in_euros(node.floor)}"
        elif node.ceiling is not None and exact[0] > node.ceiling * MILLION:
            bound, words = node.ceiling, f"Ramené au plafond de {in_euros(node.ceiling)}"
        else:
            return exact
        if inside:
            self.words[-1] += f", {words[:1].lower()}{words[1:]}"
        else:
            self.before, self.then = exact, words
        return (bound, 1)

    def _shared(self, amounts: tuple[Amount, ...], *, inside: bool) -> _Exact:
        """Will return what this child adds, in the order of their ranks, to what the home owes for those before it."""
        rank = max(self.facts.rank_present, 1)
        together = self._rounded(self.of(amounts[min(rank, len(amounts)) - 1], inside=True))
        if rank == 1:
            self.words.append(counted_in_words(Counted.RANK_PRESENT, rank))
            return (together, 1)
        self.words.append(f"Prix de {counted_in_words(Counted.SIBLINGS_PRESENT, rank)}, ensemble")
        said = len(self.words)
        others = self._rounded(self.of(amounts[min(rank - 1, len(amounts)) - 1], inside=True))
        del self.words[said:]
        already = "le 1ᵉʳ" if rank == SECOND else f"les {rank - 1} premiers"
        if inside:
            self.words[-1] += f", moins ce qui est compté pour {already}"
        else:
            self.before, self.then = (together, 1), f"Déjà compté pour {already}"
        return (max(together - others, 0), 1)

    def _situation(self, node: BySituation) -> Amount:
        situations = self.facts.situations
        for case in node.cases:
            for code in case.codes:
                if code in situations:
                    self.words.append(case.name or situation_in_words(code))
                    return case.amount
        if node.otherwise is None:
            raise _NoPriceError(Lacking.SITUATION)
        return node.otherwise

    def _lasting(self, node: ByDuration) -> _Exact:
        minutes, presumed = self.facts.minutes, ""
        if minutes is None:
            minutes, presumed = node.presumed, " prévues"
        if minutes is None:
            raise _NoPriceError(Lacking.DURATION)
        slices = -(-max(minutes, 0) // node.minutes)
        cents, parts = self.of(node.amount, inside=True)
        if self.rounding.at_each_step:
            cents, parts = self._rounded((cents, parts)), 1
        each = f" à {in_euros(cents)}" if parts == 1 else ""
        self.words.append(f"{minutes}{NO_BREAK}min{presumed} → {slices} × {node.minutes}{NO_BREAK}min{each}")
        return (cents * slices, parts)

    def _rounded(self, exact: _Exact) -> int:
        return _rounded(exact, self.rounding.to if self.rounding.at_each_step else 1, self.rounding.mode)


def _place(brackets: tuple[Bracket, ...], counted: int) -> int:
    for place, bracket in enumerate(brackets):
        upto = bracket.upto
        if upto is None or counted < upto or (counted == upto and bracket.is_inclusive):
            return place
    raise _NoPriceError(Lacking.BRACKET)


def measured_in_words(of: Measure, cents: int) -> str:
    """Will write what a household has as people do, without the cents when there are none: « Quotient 742 »."""
    return f"{_MEASURES[of]} {in_figures(cents)}"


def rate_in_words(millionths: int) -> str:
    """Will write a rate as people do: 3 600 millionths are « 0,36 % »."""
    whole, rest = divmod(millionths, MILLION // HUNDRED)
    decimals = f"{rest:04d}".rstrip("0")
    return f"{whole}{',' if decimals else ''}{decimals}{NO_BREAK}%"


def situation_in_words(code: str) -> str:
    """Will name a situation, as a word that begins a line; the code itself when only the authority knows its name."""
    words = SITUATIONS.get(code, code)
    return words[:1].upper() + words[1:]


def counted_in_words(counted: Counted, count: int) -> str:
    """Will say what is counted: « 2ᵉ enfant », « 3 enfants présents ce jour »."""
    ordinal = "1ᵉʳ" if count == 1 else f"{count}ᵉ"
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


def in_figures(cents: int) -> str:
    """Will write a quotient or an income of so many cents: « 742 », « 1 308,01 »."""
    euros, rest = divmod(cents, HUNDRED)
    return f"{euros:,}".replace(",", "\N{NARROW NO-BREAK SPACE}") + (f",{rest:02d}" if rest else "")


def _rounded(exact: _Exact, to: int, mode: RoundingMode) -> int:
    cents, parts = exact
    unit = parts * to
    match mode:
        case RoundingMode.HALF_UP:
            whole = (2 * cents + unit) // (2 * unit)
        case RoundingMode.UP:
            whole = -(-cents // unit)
        case RoundingMode.DOWN:
            whole = cents // unit
    return whole * to
