"""What makes a password too easy to guess.

CNIL, délibération 2022-100: with attempts that are limited in number, a password must be worth 50 bits: eight signs of
three kinds out of four, or sixteen digits. Ours are of twelve signs at least, of any kind: twelve small letters are
worth 56 bits, twelve digits only 40. It also asks that common ones be refused; Django's list knows English ones best.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum

SHORTEST = 12
SHORTEST_OF_DIGITS = 16
FEWEST_SIGNS = 5
# What people of this country begin with when they are asked for twelve signs. Compared without accents nor case.
COMMON = (
    "motdepasse",
    "monmotdepasse",
    "azertyuiop",
    "azerty",
    "qwerty",
    "qsdfghjklm",
    "bonjour",
    "jetaime",
    "soleil",
    "doudou",
    "chouchou",
    "loulou",
    "marseille",
    "paris",
    "france",
    "cantine",
    "mairie",
    "marelle",
    "famille",
    "password",
    "administrateur",
    "admin",
    "changezmoi",
    "abcdefghijkl",
)
# Rows of a keyboard and of the alphabet: a password that is a piece of one of them is not a secret.
ROWS = ("azertyuiopqsdfghjklmwxcvbn", "qwertyuiopasdfghjklzxcvbnm", "abcdefghijklmnopqrstuvwxyz")


class Weakness(StrEnum):
    """Why a password is refused."""

    ONLY_DIGITS = "only_digits"
    FEW_SIGNS = "few_signs"
    REPEATED = "repeated"
    ROW = "row"
    COMMON = "common"


def weakness(password: str) -> Weakness | None:
    """Return the first reason why `password` is easy to guess, None when there is none. Its length is not judged."""
    plain = _plain(password)
    if password.isdigit() and len(password) < SHORTEST_OF_DIGITS:
        return Weakness.ONLY_DIGITS
    if len(set(plain)) < FEWEST_SIGNS:
        return Weakness.FEW_SIGNS
    letters = "".join(sign for sign in plain if sign.isalpha())
    if _is_repeated(plain) or _is_repeated(letters):
        return Weakness.REPEATED
    if any(letters in row or letters in row[::-1] for row in ROWS if letters):
        return Weakness.ROW
    if letters in COMMON or plain.strip("0123456789!?.*-_@# ") in COMMON:
        return Weakness.COMMON
    return None


def _plain(text: str) -> str:
    """Return `text` without accents nor case."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))


def _is_repeated(text: str) -> bool:
    """Tell whether `text` is a shorter one said several times: it is found again inside itself doubled."""
    return bool(text) and text in (text + text)[1:-1]
