"""The numbers by which an authority is known, as INSEE writes them, and how a telephone number looks."""

from __future__ import annotations

import re
from typing import Final

INSEE_CODE: Final = re.compile(r"\A[0-9][0-9AB][0-9]{3}\Z")
DEPARTMENT: Final = re.compile(r"\A(?:[0-9]{2}|2[AB]|9[78][0-9])\Z")
PHONE: Final = re.compile(r"\A\+?[0-9 .]{6,19}\Z")
SIRET: Final = re.compile("[0-9]{14}")
LA_POSTE: Final = "356000000"


def is_siret(number: str) -> bool:
    """Will tell whether a number is a SIRET: fourteen digits, the key of Luhn; offices of La Poste have their own."""
    if not SIRET.fullmatch(number):
        return False
    if number.startswith(LA_POSTE) and sum(map(int, number)) % 5 == 0:
        return True
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(number))
    return sum(one - 9 if one > 9 else one for one in doubled) % 10 == 0  # noqa: PLR2004  the digits of a number of two


def siret_from(text: str) -> str:
    """Will return the fourteen digits of a SIRET, however it is spaced; raises ValueError, with a French reason."""
    digits = "".join(text.split())
    if not SIRET.fullmatch(digits):
        raise ValueError("un SIRET compte 14 chiffres")
    if not is_siret(digits):
        raise ValueError("ce SIRET est faux : sa clé de contrôle ne correspond pas")
    return digits
