"""The sites that people sign in to with their account (« clients » of OpenID Connect): ours, and those of others."""

from __future__ import annotations

import hashlib
import re
from typing import Final
from urllib.parse import urlsplit

FAMILY, OFFICE, INVOICES = "famille", "mairie", "factures"
OWN: Final = {FAMILY: "Espace famille", OFFICE: "Espace agents", INVOICES: "Factures en ligne"}
OPENID, EMAIL = "openid", "email"
SCOPES: Final = (OPENID, EMAIL)  # an account is an address, and nothing more is known of its person
LONGEST_NAME: Final = 100
LOOPBACK: Final = re.compile(r"localhost|.+\.localhost|127\.0\.0\.1|\[::1\]|::1")
# What an address may be written with (RFC 3986), but for the asterisk, which elsewhere stands for several.
ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9._~:/?@!$&'()+,;=%\[\]-]{1,400}")


def is_own(client: str) -> bool:
    """Will tell whether a site (its client id) is one of ours: no consent is asked, and it knows people by one name."""
    return client in OWN


def is_good_address(address: str) -> bool:
    """Will tell whether people may be sent to this address with what opens their account.

    It is https, or a name of the visitor's own machine; whole, without a fragment, an account or an asterisk. It is
    then compared sign by sign.
    """
    if not ADDRESS.fullmatch(address):
        return False
    try:
        parts = urlsplit(address)
        name, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return bool(name) and "@" not in parts.netloc and (parts.scheme == "https" or bool(LOOPBACK.fullmatch(name)))


def pairwise(salt: str, name: str) -> str:
    """Will return what a site of others knows instead of `name`: two sites cannot tell that they speak of the same.

    OpenID Connect Core 1.0, 8.1: it cannot be reversed, and it is always the same for a site.
    """
    return hashlib.sha256(f"{salt}:{name}".encode()).hexdigest()[:32]
