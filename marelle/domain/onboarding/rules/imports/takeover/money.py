"""Amounts as the tables of other software write them: « 1 234,5 », « 12.30 € », in cents."""

from __future__ import annotations

import re
from typing import Final

_BLANKS: Final = re.compile(r"[\s\u00a0\u202f€]")
_AMOUNT: Final = re.compile(r"(\d{1,9})(?:[.,](\d{1,2}))?", re.ASCII)


def read_cents(text: str) -> int | None:
    """Will return an amount without a sign in cents; None for what is none. A spreadsheet writes 12,5 for 12,50."""
    match = _AMOUNT.fullmatch(_BLANKS.sub("", text))
    return None if match is None else int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
