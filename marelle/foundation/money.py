"""Money is integer cents. Nothing here is ever a float."""

from __future__ import annotations

import re

NO_BREAK = "\N{NO-BREAK SPACE}"
_AMOUNT = re.compile(r"(?P<euros>\d{1,9})(?:[,.](?P<cents>\d{2}))?\s*€?")


def in_euros(cents: int) -> str:
    """Will write an amount of `cents` as people do: 310 → « 3,10 € », -385 → « − 3,85 € », thousands spaced."""
    euros, rest = divmod(abs(cents), 100)
    digits = f"{euros:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    sign = f"\N{MINUS SIGN}{NO_BREAK}" if cents < 0 else ""
    return f"{sign}{digits},{rest:02d}{NO_BREAK}€"


def cents_from(text: str) -> int:
    """Will read « 3,10 », « 3.10 » or « 3 € » as cents.

    Raises ValueError when the text is not an amount in euros and whole cents.
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        message = f"montant illisible : {text!r}"
        raise ValueError(message)
    return int(match["euros"]) * 100 + int(match["cents"] or 0)


def in_amount(cents: int) -> str:
    """Will write an amount of `cents` as data, « 3,10 », which `cents_from` reads back."""
    return f"{cents // 100},{cents % 100:02d}"
