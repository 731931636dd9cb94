"""Telephone numbers, as people give them and as they are written."""

from __future__ import annotations

import re
from typing import Final

from marelle.foundation.french_dates import NO_BREAK

LONGEST: Final = 20


def read_phone(given: str) -> str:
    """Will write a number as people read it: « 06 12 34 56 78 », or « +32 2 123 45 67 » as given; or nothing."""
    text = " ".join(given.split())
    digits = re.sub(r"[\s.\-()]", "", text)
    if re.fullmatch(r"(?:\+33|0033)[1-9][0-9]{8}", digits):
        digits = "0" + digits[-9:]
    if re.fullmatch(r"0[1-9][0-9]{8}", digits):
        return " ".join(digits[at : at + 2] for at in range(0, 10, 2))
    if re.fullmatch(r"\+[1-9][0-9]{6,14}", digits):
        return text if len(text) <= LONGEST else digits
    return ""


def held_together(phone: str) -> str:
    """Will write a number for the middle of a sentence: it is not cut at the end of a line."""
    return phone.replace(" ", NO_BREAK)
