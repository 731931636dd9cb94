"""Texts (SMS): how long one is, in how many parts it is paid for, and which numbers take one.

The alphabet and the sizes are those of 3GPP TS 23.038 and TS 23.040: 160 signs of seven bits in one part, 153 in each
of several; with a single sign outside that alphabet, 70 then 67 units of sixteen bits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

ALPHABET: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each of these takes two places.
EXTENSION: Final = frozenset("^{}\\[~]|€\f")
ALONE_7, EACH_7 = 160, 153
ALONE_16, EACH_16 = 70, 67
BEYOND_16_BITS: Final = 0xFFFF
# What a keyboard or a word processor puts in, and that reads as well when it is plain: nobody pays twice for it.
_PLAINER: Final = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
        "«": '"',
        "»": '"',
        "…": "...",
        "–": "-",
        "—": "-",
        "\N{NON-BREAKING HYPHEN}": "-",
        "\N{NO-BREAK SPACE}": " ",
        "\N{NARROW NO-BREAK SPACE}": " ",
        "œ": "oe",
        "Œ": "OE",
        "\t": " ",
    }
)
# From when to when a telephone may ring for what nobody pressed a button for, by the clock of the authority. No law
# says it of what sells nothing: these are our own hours.
FIRST_HOUR, LAST_HOUR = time(8), time(20)
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_LANDLINE_OR_SPECIAL: Final = re.compile(r"\+33[1-589]")
# Mobile numbers of the overseas, by their first four digits at home, and their country code (ARCEP, numbering plan).
_OVERSEAS: Final = {
    "0639": "262",
    "0690": "590",
    "0691": "590",
    "0692": "262",
    "0693": "262",
    "0694": "594",
    "0696": "596",
    "0697": "596",
}


@dataclass(frozen=True, slots=True)
class Length:
    """How long a text is: its units, whether it needs sixteen bits, and the parts that it is paid for."""

    units: int
    is_wide: bool
    parts: int


def plainer(text: str) -> str:
    """Will write a text with plain quotes, dashes and spaces, which changes nothing to how it reads."""
    guillemets = re.sub(r"«[\s\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]*", '"', text.replace("\r\n", "\n"))
    guillemets = re.sub(r"[\s\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]*»", '"', guillemets)
    return guillemets.translate(_PLAINER).strip()


def costly(text: str) -> tuple[str, ...]:
    """Will return the signs of a text that halve what a part holds, in their order, each once."""
    return tuple(dict.fromkeys(sign for sign in text if sign not in ALPHABET and sign not in EXTENSION))


def length_of(text: str) -> Length:
    """Will say how long a text is. No sign is cut in two by the end of a part, as telephones do."""
    is_wide = bool(costly(text))
    sizes = [_size(sign, is_wide=is_wide) for sign in text]
    alone, each = (ALONE_16, EACH_16) if is_wide else (ALONE_7, EACH_7)
    units = sum(sizes)
    if units <= alone:
        return Length(units, is_wide, 1 if units else 0)
    parts, left = 1, each
    for size in sizes:
        if size > left:
            parts, left = parts + 1, each
        left -= size
    return Length(units, is_wide, parts)


def may_ring_at(local: datetime) -> bool:
    """Will tell whether a text that leaves by itself may leave at this moment, by the clock of the authority."""
    return FIRST_HOUR <= local.time() < LAST_HOUR


def _size(sign: str, *, is_wide: bool) -> int:
    if is_wide:
        return 2 if ord(sign) > BEYOND_16_BITS else 1
    return 2 if sign in EXTENSION else 1


def mobile_number(given: str) -> str:
    """Will write a number as providers want it, « +33612345678 », or nothing when no text can reach it.

    A number of metropolitan France that is not a mobile takes none; one of another country is left to the provider.
    """
    digits = re.sub(r"[\s.\-()/]", "", given)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if re.fullmatch(r"0[1-9][0-9]{8}", digits):
        digits = f"+{_OVERSEAS.get(digits[:4], '33')}{digits[1:]}"
    digits = re.sub(r"^\+330", "+33", digits)
    if not _NUMBER.fullmatch(digits) or _LANDLINE_OR_SPECIAL.match(digits):
        return ""
    if digits.startswith("+33") and not re.fullmatch(r"\+33[67][0-9]{8}", digits):
        return ""
    return digits
