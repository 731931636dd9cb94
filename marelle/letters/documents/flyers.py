"""What a flyer holds: how families come to their space, at one authority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from marelle.letters.documents.parties import Issuer


class WayIn(StrEnum):
    """How families are let in: by a link in an e-mail, or by a code that they type."""

    LINK = "lien"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class FlyerDocument:
    """A flyer of one page. `announcement` is what the authority says of its services, `site` its own page there.

    `services` are named as families know them; `invoices_site` is empty where invoices are not paid online. Raises
    ValueError when the address is not one that a phone can open.
    """

    written_on: date
    issuer: Issuer
    way_in: WayIn
    announcement: str
    site: str
    services: tuple[str, ...] = ()
    has_prepaid: bool = False
    has_arrears: bool = False
    invoices_site: str = ""

    def __post_init__(self) -> None:
        """Will refuse an address without its scheme."""
        if not self.site.startswith(("https://", "http://")):
            raise ValueError(f"une adresse commence par https://, non {self.site!r}")
