"""Membership codes as people read, say and type them: « 7KQM-X2PD-9RHV ».

Thirty-one signs, none of which is taken for another: no 0 nor O, no 1, I nor L. Eleven are drawn and the twelfth checks
them: since 31 is a prime number and each place has its own weight, one wrong sign, or two that changed places, never
make another good code.
"""

from __future__ import annotations

import unicodedata
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
DRAWN: Final = 11
LENGTH: Final = DRAWN + 1
GROUP: Final = 4
_BASE: Final = len(ALPHABET)
_RANK: Final = {sign: rank for rank, sign in enumerate(ALPHABET)}


def code_from(random: bytes) -> str:
    """Will return the code that these random bytes (16 at least) give. Raises ValueError for fewer."""
    if len(random) < 16:  # noqa: PLR2004  so many that the division below favours no sign
        raise ValueError(f"{len(random)} octets ne suffisent pas à un code")
    number = int.from_bytes(random, "big")
    signs = []
    for _place in range(DRAWN):
        number, rank = divmod(number, _BASE)
        signs.append(ALPHABET[rank])
    drawn = "".join(signs)
    return drawn + check_sign(drawn)


def check_sign(drawn: str) -> str:
    """Will return the sign that makes the weighted sum of the whole code a multiple of 31."""
    return ALPHABET[-_weighed(drawn) * pow(LENGTH, -1, _BASE) % _BASE]


def tidy(typed: str) -> str:
    """Will return what was typed as a code is kept: capitals, without spaces, hyphens, dots or any other mark."""
    text = unicodedata.normalize("NFKC", typed).upper()
    return "".join(sign for sign in text if sign.isalnum())


def is_well_formed(code: str) -> bool:
    """Will tell whether a tidy code has the right length and signs, and checks: a slip of the finger does not."""
    return len(code) == LENGTH and all(sign in _RANK for sign in code) and _weighed(code) % _BASE == 0


def in_groups(code: str) -> str:
    """Will write a code as it is printed, in groups of four."""
    return "-".join(code[place : place + GROUP] for place in range(0, len(code), GROUP))


def _weighed(signs: str) -> int:
    return sum(place * _RANK[sign] for place, sign in enumerate(signs, start=1))
