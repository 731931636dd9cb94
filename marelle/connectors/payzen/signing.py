"""How PayZen signs what goes both ways: HMAC-SHA-256 over the values of the `vads_` fields, ordered by their names."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX: Final = "vads_"
SIGNATURE: Final = "signature"


def signature(fields: Mapping[str, str], key: str) -> str:
    """Will return the signature of these fields, in base64; those that PayZen does not sign are left out."""
    values = [value for name, value in sorted(fields.items()) if name.startswith(PREFIX)]
    message = "+".join([*values, key]).encode(errors="replace")
    return base64.b64encode(hmac.new(key.encode(), message, hashlib.sha256).digest()).decode()


def is_signed(fields: Mapping[str, str], key: str) -> bool:
    """Will tell whether the signature is ours, in the same time whatever is wrong with it."""
    given = fields.get(SIGNATURE, "").encode(errors="replace")
    return bool(key) and hmac.compare_digest(signature(fields, key).encode(), given)
