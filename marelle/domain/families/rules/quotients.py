"""The quotient familial: which one is in force on a day, and which value nobody believes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from marelle.foundation.money import in_amount

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

# A quotient is written in euros and cents: 742 is 74200. Nobody's is above the first; few people's is above the second.
HIGHEST_CENTS: Final = 20_000_00
UNUSUAL_CENTS: Final = 5_000_00


@dataclass(frozen=True, slots=True)
class DatedQuotient:
    """What a family's quotient is from a day on, in cents; a withdrawn one never was."""

    value_cents: int
    valid_from: date
    source: str = ""
    provider: str = ""
    period: str = ""
    is_withdrawn: bool = False


def in_words(value_cents: int) -> str:
    """Will write a quotient as people say it: 74200 → « 742 », 74250 → « 742,50 »."""
    return in_amount(value_cents).removesuffix(",00")


def quotient_on(day: date, history: Iterable[DatedQuotient]) -> DatedQuotient | None:
    """Will return the entry in force on `day`: the latest that begins by then and was not withdrawn; None without."""
    begun = [one for one in history if one.valid_from <= day and not one.is_withdrawn]
    return max(begun, key=lambda one: one.valid_from, default=None)


class Doubt(StrEnum):
    """Why a quotient is not taken as it is."""

    NEGATIVE = "negative"
    ABSURD = "absurd"
    UNUSUAL = "unusual"
    REPLACES = "replaces"

    @property
    def can_be_confirmed(self) -> bool:
        """Will tell whether somebody who has checked may record it all the same."""
        return self in {Doubt.UNUSUAL, Doubt.REPLACES}


def doubts_about(value_cents: int, valid_from: date, history: Iterable[DatedQuotient]) -> tuple[Doubt, ...]:
    """Will say why this quotient is not taken as it is; () when it is. Zero is believable: some have no income.

    One that begins on the same day as another of `history` replaces it, which asks for a confirmation too.
    """
    if value_cents < 0:
        return (Doubt.NEGATIVE,)
    if value_cents > HIGHEST_CENTS:
        return (Doubt.ABSURD,)
    doubts = [Doubt.UNUSUAL] if value_cents > UNUSUAL_CENTS else []
    if any(one.valid_from == valid_from and not one.is_withdrawn for one in history):
        doubts.append(Doubt.REPLACES)
    return tuple(doubts)


def doubt_sentence(doubt: Doubt, value_cents: int) -> str:
    """Will say the doubt to the one who typed the value, and what to do."""
    if doubt is Doubt.NEGATIVE:
        return "Un quotient familial n’est jamais négatif. Vérifiez le montant."
    if doubt is Doubt.REPLACES:
        return "Un autre quotient est déjà noté à partir de ce jour. Si vous confirmez, il sera retiré et remplacé."
    written = in_words(value_cents)
    if doubt is Doubt.ABSURD:
        return f"Un quotient familial de {written} n’existe pas. Vérifiez le montant : c’est peut-être un revenu."
    return f"Un quotient familial de {written} est très rare. Vérifiez le montant, puis confirmez-le."
