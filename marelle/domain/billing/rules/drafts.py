"""From charges to the lines and sums of one invoice. In cents; every sum is exact."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from marelle.domain.billing.rules.charges import Charge, Kind
from marelle.domain.billing.rules.differences import ALREADY_BILLED
from marelle.domain.catalog.rules.price_steps import split
from marelle.domain.catalog.rules.tariffs import Component

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from marelle.domain.billing.rules.charges import Good
    from marelle.domain.catalog.rules.price_steps import PriceStep

# 7067 of the M57: « redevances et droits des services périscolaires et d’enseignement ».
DEFAULT_CODE: Final = "7067"
UNSPLIT: Final = (Component(DEFAULT_CODE),)


class Share(NamedTuple):
    """A part of a line, by accounting code (cents)."""

    code: str
    name: str
    cents: int
    is_childcare: bool
    is_cesu: bool


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A line as it will be frozen: so many units alike, their days, the price of one and how it is made."""

    charge: Charge
    label: str
    shares: tuple[Share, ...]
    reason: str = ""

    @property
    def total(self) -> int:
        """Will return what it comes to."""
        return self.charge.total

    @property
    def steps(self) -> tuple[PriceStep, ...]:
        """Will return how the price of one unit is made."""
        return self.charge.steps


@dataclass(frozen=True, slots=True)
class Draft:
    """An invoice before its number. `revenue` by code is before aids, which `third_parties` owe (by payer key)."""

    lines: tuple[DraftLine, ...]
    total: int
    revenue: dict[str, int]
    childcare: int
    cesu: int
    third_parties: dict[int, int]
    first_day: date
    last_day: date


def draft_of(
    charges: Iterable[Charge],
    goods: Mapping[int, Good],
    *,
    order: Sequence[int],
    reasons: Mapping[str, str] | None = None,
) -> Draft | None:
    """Will make the lines of the charges, in the order of the children (`order`, keys) and of the days; None if none.

    `reasons` by key of a manual charge.
    """
    places = {child: place for place, child in enumerate(order)}
    positions = {product: place for place, product in enumerate(goods)}
    lines = [_line(charge, goods, reasons or {}) for charge in charges if charge.days]
    if not lines:
        return None
    lines.sort(
        key=lambda line: (
            places.get(line.charge.name.child, len(places)),
            positions.get(line.charge.name.product, len(positions)),
            _KINDS[line.charge.name.kind],
            line.charge.is_correction,
            line.charge.days[0],
            line.label,
            line.charge.cents,
        )
    )
    revenue: dict[str, int] = defaultdict(int)
    third_parties: dict[int, int] = defaultdict(int)
    childcare = cesu = 0
    for line in lines:
        is_aid = line.charge.name.kind is Kind.AID
        if is_aid and line.charge.third_payer is not None:
            third_parties[line.charge.third_payer] -= line.total
        for share in line.shares:
            if not is_aid or line.charge.third_payer is None:
                revenue[share.code] += share.cents
            childcare += share.cents if share.is_childcare else 0
            cesu += share.cents if share.is_cesu else 0
    return Draft(
        lines=tuple(lines),
        total=sum(line.total for line in lines),
        revenue={code: cents for code, cents in sorted(revenue.items()) if cents},
        childcare=childcare,
        cesu=cesu,
        third_parties={payer: cents for payer, cents in sorted(third_parties.items()) if cents},
        first_day=min(line.charge.days[0] for line in lines),
        last_day=max(line.charge.days[-1] for line in lines),
    )


def _line(charge: Charge, goods: Mapping[int, Good], reasons: Mapping[str, str]) -> DraftLine:
    good = goods.get(charge.name.product)
    components = charge.components
    if components is None and good is not None and (voted := good.tariff_on(charge.days[0])) is not None:
        components = voted.rules.components if voted.rules is not None else None
    components = components or UNSPLIT
    # One unit is shared, then counted: so any days of a line, taken back, give back exactly what they brought. What is
    # corrected is shared as the new price is, less what was shared before.
    units = len(charge.days)
    now = split(components, charge.cents + charge.before)
    before = split(components, charge.before) if charge.before else ()
    taken = [cents for _component, cents in before] or [0] * len(now)
    shares = tuple(
        Share(one.code, one.name, (cents - less) * units, one.is_childcare, one.is_cesu)
        for (one, cents), less in zip(now, taken, strict=True)
    )
    label = charge.label or (good.sold.name if good is not None else ALREADY_BILLED)
    if charge.is_correction:
        label = f"Régularisation : {label[:1].lower()}{label[1:]}"
    return DraftLine(charge, label, shares, reasons.get(charge.name.key, ""))


_KINDS: Final = {kind: place for place, kind in enumerate(Kind)}
