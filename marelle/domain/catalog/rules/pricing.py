"""What something costs when it is not simply its price: late, absent, cancelled, unbooked. Amounts in cents."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PriceKind(StrEnum):
    """How the price is changed."""

    FULL = "full"  # the ordinary price
    NOTHING = "nothing"
    PART = "part"  # `value` percent of the price
    MORE_PERCENT = "more_percent"  # the price and `value` percent of it
    MORE = "more"  # the price and `value` cents
    INSTEAD = "instead"  # `value` cents instead of the price


@dataclass(frozen=True, slots=True)
class PriceRule:
    """The ordinary price, changed. `value` is a whole percentage or cents, by kind."""

    kind: PriceKind
    value: int = 0

    def applied_to(self, cents: int | None) -> int | None:
        """Will return what is due, rounded half up to the cent; None when it depends on a price that is not voted."""
        if self.kind is PriceKind.NOTHING:
            return 0
        if self.kind is PriceKind.INSTEAD:
            return self.value
        return None if cents is None else cents + self._change(cents)

    @property
    def code(self) -> str:
        """Will write it in a few letters, « more_percent 50 », as `PriceRule.from_code` reads it; empty when full."""
        return "" if self.kind is PriceKind.FULL else f"{self.kind.value} {self.value}"

    @classmethod
    def from_code(cls, code: str) -> PriceRule:
        """Will read what `code` writes. Raises ValueError when it is something else."""
        if not code:
            return FULL_PRICE
        kind, _space, value = code.partition(" ")
        return cls(PriceKind(kind), int(value))

    def _change(self, cents: int) -> int:
        match self.kind:
            case PriceKind.PART:
                return _percent(cents, self.value) - cents
            case PriceKind.MORE_PERCENT:
                return _percent(cents, self.value)
            case PriceKind.MORE:
                return self.value
            case _:
                return 0


FULL_PRICE = PriceRule(PriceKind.FULL)
NOTHING_DUE = PriceRule(PriceKind.NOTHING)


def _percent(cents: int, percent: int) -> int:
    return (cents * percent + 50) // 100
