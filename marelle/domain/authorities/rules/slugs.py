"""The word that names an authority in addresses, and those that the sites keep for their own."""

from __future__ import annotations

import re
from typing import Final

# The first words of the addresses that are about no authority, on any site (held by tests/house/test_architecture.py).
RESERVED: Final = frozenset(
    {
        "accessibilite",
        "agenda",
        "aide",
        "api",
        "collectivites",
        "compte",
        "contact",
        "design",
        "donnees-personnelles",
        "healthz",
        "marque",
        "mentions-legales",
        "mes-enfants",
        "mes-factures",
        "mon-poste",
        "oidc",
        "ouvrir",
        "paiement",
        "payer",
        "static",
        "sw.js",
    }
)
# Before the address of an authority: which of its families, for an account that has several (decision 18).
FAMILY: Final = re.compile(r"f-[0-9a-z]{12}")


def is_free(slug: str) -> bool:
    """Will tell whether an authority may be named so in addresses, and hide no page of the sites."""
    return slug not in RESERVED and not FAMILY.fullmatch(slug)
