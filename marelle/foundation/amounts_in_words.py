"""Amounts written out in French, as a receipt says them: « trente-huit euros et cinquante centimes »."""

from __future__ import annotations

from typing import Final

BELOW_SEVENTEEN: Final = (
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
    "quatorze", "quinze", "seize",
)  # fmt: skip
TENS: Final = ("", "dix", "vingt", "trente", "quarante", "cinquante", "soixante", "soixante", "quatre-vingt")
EIGHTY: Final = 8
LINKED_BY_ET: Final = range(2, 8)  # vingt et un, soixante et onze; but quatre-vingt-un
HIGHEST: Final = 999_999_999


def amount_in_words(cents: int) -> str:
    """Will write an amount of `cents` out in full, below zero with « moins ».

    Raises ValueError beyond 999 999 999 euros.
    """
    euros, rest = divmod(abs(cents), 100)
    said = []
    if euros or not rest:
        said.append(f"{number_in_words(euros)}{_of(euros)}{_many('euro', euros)}")
    if rest:
        said.append(f"{number_in_words(rest)} {_many('centime', rest)}")
    return f"{'moins ' if cents < 0 else ''}{' et '.join(said)}"


def number_in_words(number: int) -> str:
    """Will write a whole number out in full: 81 → « quatre-vingt-un ». Raises ValueError below 0 or beyond HIGHEST."""
    if not 0 <= number <= HIGHEST:
        raise ValueError(f"un nombre de 0 à {HIGHEST}, non {number}")
    if number == 0:
        return BELOW_SEVENTEEN[0]
    millions, below = divmod(number, 1_000_000)
    thousands, rest = divmod(below, 1000)
    said = []
    if millions:
        said.append(f"{_below_thousand(millions)} {_many('million', millions)}")
    if thousands:
        # « mille » never changes, and what comes before it takes no mark of the plural: quatre-vingt mille.
        said.append("mille" if thousands == 1 else f"{_below_thousand(thousands, is_last=False)} mille")
    if rest:
        said.append(_below_thousand(rest))
    return " ".join(said)


def _below_thousand(number: int, *, is_last: bool = True) -> str:
    hundreds, rest = divmod(number, 100)
    said = []
    if hundreds:
        plural = "s" if hundreds > 1 and not rest and is_last else ""
        said.append("cent" if hundreds == 1 else f"{BELOW_SEVENTEEN[hundreds]} cent{plural}")
    if rest:
        said.append(_below_hundred(rest, is_last=is_last))
    return " ".join(said)


def _below_hundred(number: int, *, is_last: bool) -> str:
    if number < len(BELOW_SEVENTEEN):
        return BELOW_SEVENTEEN[number]
    tens, units = divmod(number, 10)
    # Soixante-dix and quatre-vingt-dix count on from ten.
    if tens in {7, 9}:
        tens, units = tens - 1, units + 10
    ten = TENS[tens]
    if not units:
        return f"{ten}s" if tens == EIGHTY and is_last else ten
    joint = " et " if units in {1, 11} and tens in LINKED_BY_ET else "-"
    return f"{ten}{joint}{_below_hundred(units, is_last=is_last)}"


def _of(number: int) -> str:
    """Will link « un million d’euros », but « un million deux euros »."""
    return " d’" if number and number % 1_000_000 == 0 else " "


def _many(noun: str, count: int) -> str:
    return f"{noun}s" if count > 1 else noun
