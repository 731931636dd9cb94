"""Unguessable names for rows, for addresses and forms; bigint keys stay inside."""

from __future__ import annotations

import secrets
from typing import Final

ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH: Final = 12


def new_public_id() -> str:
    """Will draw a name of 12 letters and digits (60 bits), none of them easily confused (no i, l, o, u)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
