"""A tariff as the council voted it, as a value: what one unit of a product costs, and what changes that. In cents.

The amount is a tree of choices (by quotient, by rank, by situation…) whose leaves are amounts; around it stand the
changes, packages, caps and components. What it comes to for a child and a day is said in `price_steps.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from marelle.domain.catalog.rules.spans import Per

# What a tariff may ask of a day, beside the categories of a family, the level of a class, the formula and the options
# of an enrollment, which are codes that the authority chooses.
OWN_MEAL = "own-meal"  # the child brings its own meal under a care plan (PAI)
NURSERY, ELEMENTARY = "nursery", "elementary"
REGULAR, OCCASIONAL = "regular", "occasional"


class RoundingMode(StrEnum):
    """Which way what is between two amounts goes."""

    HALF_UP = "half_up"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Rounding:
    """How amounts are rounded: to a multiple of `to` cents, at each step or once at the end."""

    to: int = 1
    mode: RoundingMode = RoundingMode.HALF_UP
    at_each_step: bool = False


class Measure(StrEnum):
    """What a household has, that prices go by. In cents."""

    QUOTIENT = "quotient"
    INCOME = "income"


class Counted(StrEnum):
    """What is counted, that prices go by."""

    RANK = "rank"  # the child's place among those of its home enrolled in the service, the eldest first
    RANK_PRESENT = "rank_present"  # its place among those of its home who come that day
    SIBLINGS_PRESENT = "siblings_present"  # children of the home who come that day, this one included
    CHILDREN_ENROLLED = "children_enrolled"  # children of the home enrolled in the service, this one included
    DAYS_OF_WEEK = "days_of_week"  # days on which the child comes that week, this one included


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same for everybody."""

    cents: int


@dataclass(frozen=True, slots=True)
class EffortRate:
    """A share of what the household has: `millionths` of it (0.36 % is 3 600), between a floor and a ceiling.

    `missing` is what is due when it is not known; None: no price.
    """

    millionths: int
    floor: int | None = None
    ceiling: int | None = None
    missing: int | None = None
    of: Measure = Measure.QUOTIENT


@dataclass(frozen=True, slots=True)
class Bracket:
    """A band, from the end of the one before up to `upto` cents (None: without end), itself in it if `is_inclusive`."""

    amount: Amount
    upto: int | None = None
    is_inclusive: bool = True
    name: str = ""


@dataclass(frozen=True, slots=True)
class ByBracket:
    """By bands of what the household has. `missing` is the place (0 the first) of the band when it is not known.

    `missing` None: no price then. `is_whole`: a quotient of 650,80 counts for 650.
    """

    brackets: tuple[Bracket, ...]
    missing: int | None = None
    of: Measure = Measure.QUOTIENT
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class ByCount:
    """By what is counted: the first amount for one, the second for two…, the last for as many and more.

    `together`: the amounts are for all the children of the home who come that day (`counted` is SIBLINGS_PRESENT);
    each child pays what it adds to those before it, by their rank that day.
    """

    counted: Counted
    amounts: tuple[Amount, ...]
    together: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """What is due in one of these situations; `name` is how the tariff calls them."""

    codes: tuple[str, ...]
    amount: Amount
    name: str = ""


@dataclass(frozen=True, slots=True)
class BySituation:
    """The first case that the child is in; `otherwise` when in none, None: no price."""

    cases: tuple[Case, ...]
    otherwise: Amount | None = None


@dataclass(frozen=True, slots=True)
class ByDuration:
    """`amount` for each slice of `minutes` begun; `presumed` minutes when nobody wrote how long, None: no price."""

    minutes: int
    amount: Amount
    presumed: int | None = None


Amount = Fixed | EffortRate | ByBracket | ByCount | BySituation | ByDuration


@dataclass(frozen=True, slots=True)
class Condition:
    """When a change holds: all that is given must be. Counts are « from »; `upto` ends them."""

    codes: tuple[str, ...] = ()
    counted: Counted | None = None
    least: int = 1
    upto: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A reduction or a supplement, in the words of the tariff: percent of what stands before it, or cents. Signed."""

    name: str
    percent: int = 0
    cents: int = 0
    when: Condition = Condition()


class Scope(StrEnum):
    """Whom a package or a cap is for."""

    CHILD = "child"
    FAMILY = "family"


@dataclass(frozen=True, slots=True)
class Package:
    """A sum for a month, a school year or so many sessions, instead of the price of each day.

    It is for children whose enrollment has this formula (`code`), or for every child enrolled when `is_for_all`.
    `includes_days`: days then cost nothing more. `refund` cents come back for each day that the règlement gives back
    whole. `installments`: the months (1 to 12) in which a yearly sum is due, in equal parts, the cents left over first.
    """

    code: str
    name: str
    amount: Amount
    per: Per | None = None
    sessions: int | None = None
    scope: Scope = Scope.CHILD
    is_for_all: bool = False
    includes_days: bool = True
    refund: int = 0
    installments: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Cap:
    """No more than `cents` for the product over a span, for a child or for all those of its home."""

    cents: int
    per: Per
    scope: Scope = Scope.CHILD


@dataclass(frozen=True, slots=True)
class LatePickup:
    """What a child fetched late costs: `cents` for each slice of `minutes` begun, after `grace` minutes."""

    cents: int
    minutes: int
    grace: int = 0


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the price: its accounting code, and whether it is childcare (tax credit) and payable by CESU.

    `cents` of each unit, or `percent` of its price; neither: what is left of it. Exactly one takes what is left.
    """

    code: str
    name: str = ""
    cents: int | None = None
    percent: int | None = None
    is_childcare: bool = False
    is_cesu: bool = False


@dataclass(frozen=True, slots=True)
class Tariff:
    """All that a council voted about the price of a product. `counts`: what must be counted to know the price."""

    amount: Amount
    changes: tuple[Change, ...] = ()
    rounding: Rounding = Rounding()
    packages: tuple[Package, ...] = ()
    caps: tuple[Cap, ...] = ()
    late_pickup: LatePickup | None = None
    components: tuple[Component, ...] = ()
    note: str = ""
    counts: frozenset[Counted] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Will count once what each price would ask: a town asks by the million."""
        found = {change.when.counted for change in self.changes if change.when.counted is not None}
        amounts = (self.amount, *(package.amount for package in self.packages))
        object.__setattr__(self, "counts", frozenset(found).union(*map(counts_in, amounts)))

    @property
    def counts_the_day(self) -> bool:
        """Will tell whether the price depends on who of the home comes that day."""
        return not self.counts.isdisjoint({Counted.RANK_PRESENT, Counted.SIBLINGS_PRESENT})

    @property
    def is_flat(self) -> bool:
        """Will tell whether a day costs the same for everybody."""
        return isinstance(self.amount, Fixed) and not self.changes and not self.packages


def inner_amounts(amount: Amount) -> tuple[Amount, ...]:
    """Will return the amounts among which one chooses, in their order; none of a leaf."""
    match amount:
        case ByBracket(brackets):
            return tuple(bracket.amount for bracket in brackets)
        case ByCount(amounts=amounts):
            return amounts
        case BySituation(cases, otherwise):
            return (*(case.amount for case in cases), *(() if otherwise is None else (otherwise,)))
        case ByDuration(amount=each):
            return (each,)
        case _:
            return ()


def counts_in(amount: Amount) -> frozenset[Counted]:
    """Will return what must be counted to know an amount."""
    own: frozenset[Counted] = frozenset()
    if isinstance(amount, ByCount):
        # A price for the children together is shared by their rank of that day.
        own = frozenset({Counted.RANK_PRESENT if amount.together else amount.counted})
    return own.union(*map(counts_in, inner_amounts(amount)))


def has_duration(amount: Amount) -> bool:
    """Will tell whether an amount may depend on how long the child stayed."""
    return isinstance(amount, ByDuration) or any(map(has_duration, inner_amounts(amount)))
