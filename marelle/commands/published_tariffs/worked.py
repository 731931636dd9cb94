"""A worked price: what it is about, what its text expects, and what the rules of the portal find."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from marelle.commands.published_rules.cases import Standing
from marelle.domain.catalog.rules.price_steps import (
    Priced,
    PriceFacts,
    PriceStep,
    Unpriced,
    amount_of,
    late_pickup_steps,
    price_of,
)
from marelle.domain.catalog.rules.pricing import FULL_PRICE, PriceRule
from marelle.domain.catalog.rules.tariffs import Tariff
from marelle.foundation.money import in_euros

BY_THE_REGLEMENT: Final = "Selon le règlement"


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose price is asked: of a day, of a package (`package`, less `refunded` days), or of a late pickup (minutes).

    `home`: for so many children of a home together, each with its rank.
    """

    facts: PriceFacts = field(default_factory=PriceFacts)
    ruled: PriceRule = FULL_PRICE
    package: str | None = None
    refunded: int = 0
    late_pickup: int | None = None
    home: int | None = None


@dataclass(frozen=True, slots=True)
class Worked:
    """A worked price of a file. `expected` None: no price. `kind`: why it is skipped, nothing when it is not."""

    place: str
    about: str
    asked: Asked = field(default_factory=Asked)
    tariff: Tariff | None = None
    expected: int | None = None
    why: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class PriceVerdict:
    """A worked price and what came of it; `kind` is why it is skipped."""

    worked: Worked
    standing: Standing
    found: Priced | Unpriced | None = None

    @property
    def kind(self) -> str:
        """Will return why it is skipped."""
        return self.worked.kind

    @property
    def is_failed(self) -> bool:
        """Will tell whether it comes out otherwise than its text says."""
        return self.standing is Standing.FAILED


def judge(worked: Worked) -> PriceVerdict:
    """Will price what is asked and compare."""
    if worked.tariff is None:
        return PriceVerdict(worked, Standing.SKIPPED)
    found = priced(worked.tariff, worked.asked)
    cents = found.cents if isinstance(found, Priced) else None
    return PriceVerdict(worked, Standing.PASSED if cents == worked.expected else Standing.FAILED, found)


def priced(tariff: Tariff, asked: Asked) -> Priced | Unpriced:
    """Will price what is asked, with its steps."""
    if asked.late_pickup is not None:
        steps = late_pickup_steps(tariff.late_pickup, asked.late_pickup) if tariff.late_pickup else ()
        return Priced(sum(step.cents for step in steps), steps)
    if asked.package is not None:
        return _package(tariff, asked, asked.package)
    if asked.home is not None:
        return _home(tariff, asked, asked.home)
    found = price_of(tariff, asked.facts)
    return found.ruled(asked.ruled, BY_THE_REGLEMENT) if isinstance(found, Priced) else found


def _package(tariff: Tariff, asked: Asked, code: str) -> Priced | Unpriced:
    package = next(one for one in tariff.packages if one.code == code)
    found = amount_of(package.amount, asked.facts, rounding=tariff.rounding)
    if not isinstance(found, Priced) or not asked.refunded:
        return found
    back = PriceStep(f"{asked.refunded} × {in_euros(package.refund)} rendus", -asked.refunded * package.refund)
    return Priced(found.cents + back.cents, (*found.steps, back), found.measured, found.bracket)


def _home(tariff: Tariff, asked: Asked, children: int) -> Priced | Unpriced:
    steps: list[PriceStep] = []
    for rank in range(1, children + 1):
        facts = asked.facts._replace(
            rank=rank, rank_present=rank, siblings_present=children, children_enrolled=children
        )
        found = price_of(tariff, facts)
        if isinstance(found, Unpriced):
            return found
        ruled = found.ruled(asked.ruled, BY_THE_REGLEMENT)
        steps += [PriceStep(f"Enfant {rank} : {step.label}", step.cents) for step in ruled.steps]
    return Priced(sum(step.cents for step in steps), tuple(steps))
