"""Unguessable names for rows, for addresses and forms; bigint keys stay inside."""

from __future__ import annotations

import secrets
from typing import Final

ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH: Final = 12


def new_public_id() -> str:
    """Will draw a name of 12 letters and digits (60 bits), none of them easily confused (no i, l, o, u)."""
    # The alphabet has 32 signs: five bits of a byte choose one, all as likely.
    return "".join([ALPHABET[byte & 31] for byte in secrets.token_bytes(LENGTH)])
