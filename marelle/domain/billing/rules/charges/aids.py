"""What aids take off the days that they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.billing.rules.charges.books import Unit
from marelle.domain.billing.rules.charges.charge import Kind, Name
from marelle.domain.catalog.rules.price_steps import PriceStep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marelle.domain.billing.rules.charges.books import Books
    from marelle.domain.billing.rules.charges.goods import Helped


def take_aids_off(books: Books, aids: Sequence[Helped]) -> None:
    """Will take the aids off the days that they are for, never more than what the caps leave of the day."""
    if not aids:
        return
    for unit, days in list(books.units.items()):
        if unit.name.kind is not Kind.DAY or unit.cents <= 0:
            continue
        service = books.goods[unit.name.product].service
        capped = books.sums.get(unit.name.product, {}).get(unit.name.child, {})
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
                    off = Unit(name, -taken, aid.label, (PriceStep(aid.label, -taken),), third_payer=aid.payer)
                    books.keep(off, [day], books.components.get(unit))
