"""The most that a tariff can ask for one unit: what is compared with what the service costs the authority."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.domain.catalog.rules.tariffs import ByDuration, EffortRate, Fixed, inner_amounts

if TYPE_CHECKING:
    from marelle.domain.catalog.rules.tariffs import Amount, Tariff

_WHOLE: Final = 100


def highest_price(tariff: Tariff) -> int | None:
    """Will return the highest price of one unit, in cents, every increase that the tariff knows included.

    None when it has no bound that can be read: a rate without a ceiling, a price by duration.
    """
    highest = _highest(tariff.amount)
    if highest is None:
        return None
    for change in tariff.changes:
        if change.percent > 0:
            highest = -(-highest * (_WHOLE + change.percent) // _WHOLE)  # a cent begun is a cent
        elif change.cents > 0:
            highest += change.cents
    return highest


def _highest(amount: Amount) -> int | None:
    match amount:
        case Fixed(cents):
            return cents
        case EffortRate(ceiling=ceiling, missing=missing):
            return None if ceiling is None else max(ceiling, missing or 0)
        case ByDuration():
            return None
    each = [_highest(one) for one in inner_amounts(amount)]
    known = [one for one in each if one is not None]
    return max(known) if known and len(known) == len(each) else None
