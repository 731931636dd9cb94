"""The reference that anybody types from a printed invoice to pay it without an account: « 7KQ2-M9XD-4TRBQ ».

It is the public name of the invoice (60 bits that nobody guesses) and one sign more that catches a slip of the finger:
one sign for another, or two in the wrong order, wherever they are. Letters and digits that are read one for the other
are one and the same.
"""

from __future__ import annotations

from typing import Final

from marelle.foundation.money import in_euros
from marelle.foundation.public_ids import ALPHABET, LENGTH

LONGEST: Final = 40  # of what may be typed: the number that another software gave to its invoice
_GROUP: Final = 4
_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})
_SEPARATORS: Final = str.maketrans(dict.fromkeys(" \u00a0\u202f-\u2010\u2011\u2013._/"))


def _powers() -> tuple[int, ...]:
    """Will return the powers of a generator of the field of 32 elements (x⁵ + x² + 1)."""
    found, power = [], 1
    for _exponent in range(31):
        found.append(power)
        power <<= 1
        if power & 32:
            power ^= 0b100101
    return tuple(found)


_POWER: Final = _powers()
_LOGARITHM: Final = {power: exponent for exponent, power in enumerate(_POWER)}


def check_sign(public_id: str) -> str:
    """Will return the sign that closes a reference: the sum of its signs, each multiplied by another power."""
    total = 0
    for place, sign in enumerate(public_id, start=1):
        value = ALPHABET.index(sign)
        if value:
            total ^= _POWER[(_LOGARITHM[value] + place) % 31]
    return ALPHABET[total]


def reference_of(public_id: str) -> str:
    """Will write the reference of an invoice (public id), in groups."""
    whole = (public_id + check_sign(public_id)).upper()
    return f"{whole[:_GROUP]}-{whole[_GROUP : 2 * _GROUP]}-{whole[2 * _GROUP :]}"


def public_id_of(typed: str) -> str:
    """Will return the public id that a typed reference names; nothing when it is not one, or holds a slip."""
    signs = typed.upper().translate(_SEPARATORS).translate(_READ_AS).lower()
    if len(signs) != LENGTH + 1 or any(sign not in ALPHABET for sign in signs):
        return ""
    return signs[:LENGTH] if check_sign(signs[:LENGTH]) == signs[LENGTH] else ""


def without_account_words(url: str, public_id: str, cents: int) -> str:
    """Will write how anybody pays an invoice of `cents` in all at the address of the online invoices."""
    site = url.split("://", 1)[-1].rstrip("/")
    return f"Sans compte : {site}, référence {reference_of(public_id)}, montant {in_euros(cents)}"


def number_typed(typed: str) -> str:
    """Will return a typed number of another software as it is compared: in capitals, without spaces around."""
    return " ".join(typed.split())[:LONGEST].upper()
