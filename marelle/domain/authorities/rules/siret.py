"""The SIRET of an authority: fourteen digits, the last of which proves the others."""

from __future__ import annotations

from typing import Final

_LENGTH: Final = 14
_TEN: Final = 10


def read_siret(text: str) -> str:
    """Will return the digits of a SIRET, however it is spaced; raises ValueError with a French sentence.

    The key is Luhn's (INSEE): from the right, one digit in two is doubled, and the sum ends with a zero.
    """
    digits = "".join(text.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == _LENGTH):
        raise ValueError("un SIRET compte 14 chiffres")
    if sum(sum(divmod(int(digit) * (2 - place % 2), _TEN)) for place, digit in enumerate(digits)) % _TEN:
        raise ValueError("ce SIRET est faux : sa clé de contrôle ne correspond pas")
    return digits
