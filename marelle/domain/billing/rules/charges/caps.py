"""What caps take off the days of a child, or of all of them, over a span."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Final

from marelle.domain.billing.rules.charges.books import Unit
from marelle.domain.billing.rules.charges.charge import EVERY_CHILD, Kind, Name
from marelle.domain.billing.rules.charges.goods import LONGEST_FIRST
from marelle.domain.catalog.rules.price_steps import PriceStep
from marelle.domain.catalog.rules.spans import Per, span_of
from marelle.domain.catalog.rules.tariffs import Scope
from marelle.foundation.money import in_euros

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marelle.domain.billing.rules.charges.books import Books
    from marelle.domain.billing.rules.charges.goods import Good

_PER: Final = {
    Per.WEEK: "par semaine",
    Per.MONTH: "par mois",
    Per.PERIOD: "par période",
    Per.SCHOOL_YEAR: "par année scolaire",
}


def take_caps_off(books: Books) -> None:
    """Will take off each day what passes a cap on that day, in order: the cap of a child, then of all of them.

    A shorter span comes first. What a cap leaves is what the next one counts, so that nothing is taken off twice.
    """
    for product, children in books.sums.items():
        good = books.goods[product]
        for scope in Scope:
            for per in reversed(LONGEST_FIRST):
                caps = {
                    voted.valid_from: cap.cents
                    for voted in good.sold.tariffs
                    for cap in (voted.rules.caps if voted.rules is not None else ())
                    if (cap.per, cap.scope) == (per, scope)
                }
                if caps and scope is Scope.FAMILY:
                    every = [children[child] for child in sorted(children)]
                    _cap(books, caps, per, good, child=EVERY_CHILD, sums=every)
                elif caps:
                    for child, sums in children.items():
                        _cap(books, caps, per, good, child=child, sums=[sums])


def _cap(
    books: Books, caps: Mapping[date, int], per: Per, good: Good, *, child: int, sums: list[dict[date, int]]
) -> None:
    """Will take what passes off `sums` (cents by day, of each child), by the caps of each tariff."""
    kept: dict[date, int] = defaultdict(int)
    for day in sorted({day for each in sums for day in each}):
        total = sum(each.get(day, 0) for each in sums)
        first = span_of(day, per, books.calendar).starts_on
        voted = good.tariff_on(day)
        most = caps.get(voted.valid_from) if voted is not None else None
        over = min(max(kept[first] + total - most, 0), total) if most is not None else 0
        kept[first] += total - over
        if not over or voted is None or most is None:
            continue
        step = PriceStep(f"Plafond {_PER[per]} de {in_euros(most)}", -over)
        name = Name(Kind.CAP, child, good.sold.pk, per.value)
        unit = Unit(name, -over, f"{good.sold.name}, plafond {_PER[per]}", (step,))
        if day in books.period:
            books.keep(unit, [day], voted.rules.components if voted.rules is not None else None)
        elif day > books.last:
            books.beyond.setdefault(unit, []).append(day)
        for each in sums:
            taken = min(over, each.get(day, 0))
            if taken:
                each[day] -= taken
                over -= taken
