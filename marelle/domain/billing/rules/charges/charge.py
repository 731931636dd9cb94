"""What a charge is: so many units of one thing, named, in cents; and what could not be charged."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from marelle.domain.catalog.rules.price_steps import Lacking

if TYPE_CHECKING:
    from datetime import date

    from marelle.domain.catalog.rules.price_steps import PriceStep
    from marelle.domain.catalog.rules.tariffs import Component

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
    is the quotient used (cents), `bracket` its band. `components` share it between codes: those of the tariff of its
    first day when None.
    """

    name: Name
    days: tuple[date, ...]
    cents: int
    label: str
    steps: tuple[PriceStep, ...]
    components: tuple[Component, ...] | None = None
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


TROUBLE_OF: Final = {
    Lacking.QUOTIENT: Trouble.NO_QUOTIENT,
    Lacking.BRACKET: Trouble.NO_BRACKET,
    Lacking.SITUATION: Trouble.NO_SITUATION,
    Lacking.DURATION: Trouble.NO_DURATION,
    Lacking.TARIFF: Trouble.NO_TARIFF,
}
