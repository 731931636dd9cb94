"""The shapes that most tariffs have, from the amounts that an agent types: the written form that the catalog reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from marelle.foundation.money import in_amount

# « Redevances et droits des services périscolaires et d’enseignement », in the accounts of communes (M57).
CHILDCARE_ACCOUNT: Final = "7067"
NON_RESIDENT: Final = "non_resident"


class Shape(StrEnum):
    """A common way to price a product."""

    FLAT = "flat"
    QUOTIENT = "quotient"
    EFFORT = "effort"


@dataclass(frozen=True, slots=True)
class Band:
    """A band of quotients: all below `below` euros, None for the last one; what it costs, in cents."""

    below: int | None
    cents: int


def flat(cents: int) -> Any:
    """Will return the price that is the same for everybody."""
    return in_amount(cents)


def by_quotient(bands: Sequence[Band]) -> Any:
    """Will return a price by bands of the family quotient; who gave none pays the last band."""
    return {
        "by": "quotient",
        "missing": "highest",
        "bands": [
            {**({} if band.below is None else {"below": band.below}), "price": in_amount(band.cents)} for band in bands
        ],
    }


def by_effort(percent: str, floor: int, ceiling: int) -> Any:
    """Will return a percentage of the quotient between a floor and a ceiling; who gave none pays the ceiling."""
    return {
        "by": "effort_rate",
        "percent": percent,
        "floor": in_amount(floor),
        "ceiling": in_amount(ceiling),
        "missing": "ceiling",
    }


def tariff(price: Any, *, non_resident: int | None = None, is_childcare: bool = False) -> dict[str, Any]:
    """Will return the whole tariff: `non_resident` cents for families from elsewhere, what taxes call childcare."""
    if non_resident is not None:
        cases = [{"for": [NON_RESIDENT], "price": in_amount(non_resident)}]
        price = {"by": "situation", "cases": cases, "otherwise": price}
    written: dict[str, Any] = {"price": price}
    if is_childcare:
        written["components"] = [
            {"code": CHILDCARE_ACCOUNT, "name": "Garde d’enfants", "childcare": True, "cesu": True}
        ]
    return written
