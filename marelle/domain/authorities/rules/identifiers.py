"""The numbers by which an authority is known, as INSEE writes them, and how a telephone number looks."""

from __future__ import annotations

import re
from typing import Final

INSEE_CODE: Final = re.compile(r"\A[0-9][0-9AB][0-9]{3}\Z")
DEPARTMENT: Final = re.compile(r"\A(?:[0-9]{2}|2[AB]|9[78][0-9])\Z")
PHONE: Final = re.compile(r"\A\+?[0-9 .]{6,19}\Z")
SIRET_DIGITS: Final = 14


def siret_from(text: str) -> str:
    """Will return the fourteen digits of a SIRET; raises ValueError, with a French reason, when its key is wrong.

    The key is Luhn's, as for every SIRET but those of La Poste, which is no local authority.
    """
    digits = "".join(text.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == SIRET_DIGITS):
        raise ValueError("un SIRET compte 14 chiffres")
    if sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(digits)) % 10:
        raise ValueError("ce SIRET est faux : sa clé de contrôle ne correspond pas")
    return digits
