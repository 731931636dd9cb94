"""Who sells here: a site number, and for each of the two contexts a key that signs and a password for the API."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Keys:
    """What one context of a shop signs with, and asks with."""

    signing: str
    password: str


@dataclass(frozen=True)
class Shop:
    """A shop, by context: « TEST », « PRODUCTION »."""

    number: str
    contexts: Mapping[str, Keys]


DEMONSTRATION = Shop(
    "70258842",
    {
        "TEST": Keys("cledetestdelademonstration", "testpassword_demonstration"),
        "PRODUCTION": Keys("cledeproductiondelademonstration", "prodpassword_demonstration"),
    },
)


def signature(fields: Mapping[str, str], key: str) -> str:
    """Return the HMAC-SHA-256, in base64, of the values of the `vads_` fields ordered by their names."""
    names = sorted(name for name in fields if name.startswith("vads_"))
    text = "".join(f"{fields[name]}+" for name in names) + key
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), hashlib.sha256)).decode()


def signed(fields: Mapping[str, str], key: str) -> dict[str, str]:
    """Return the fields with their signature."""
    return {**fields, "signature": signature(fields, key)}
