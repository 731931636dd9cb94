"""What every page shows around its content: brand, colors, menus, footer. The menus are given by each site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zlib import crc32

from django.conf import settings

from marelle.domain.accounts.models import Site
from marelle.web.family_addresses import address_of_all

if TYPE_CHECKING:
    from django.http import HttpRequest

    from marelle.domain.authorities.models import Authority

FOOTER = (
    ("Aide", "help"),
    ("Accessibilité : non conforme", "accessibility"),
    ("Données personnelles", "privacy"),
    ("Mentions légales", "legal"),
    ("Contact", "contact"),
)
SITE_NAMES: dict[str, str] = {
    Site.FAMILY: "Espace famille",
    Site.OFFICE: "Bureau · espace agents",
    Site.INVOICES: "Factures en ligne",
    Site.ACCOUNT: "Votre compte",
}


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """An entry of a menu, as the layouts show it."""

    label: str
    url: str
    icon: str = ""
    short: str = ""
    current: bool = False
    count: int = 0


def colours_url(authority: Authority) -> str:
    """Will return the address of the authority's color file, which changes with its colors."""
    return address_of_all("colours", authority.slug, f"{crc32(authority.accent.encode()):08x}")


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """Will give every template the visit, the brand and the footer."""
    visit = getattr(request, "visit", None)
    authority = visit.authority if visit else None
    site = getattr(request, "site", "")
    return {
        "visit": visit,
        "authority": authority,
        "family": getattr(visit, "family", None),
        "colours_url": colours_url(authority) if authority else "",
        "crest_url": address_of_all("logo", authority.slug) if authority and authority.logo_type else "",
        "operator": settings.OPERATOR,
        "operator_mark_url": address_of_all("operator_mark") if settings.OPERATOR.mark else "",
        "is_office": site == Site.OFFICE,
        "site_name": SITE_NAMES.get(site, SITE_NAMES[Site.FAMILY]),
        "site_menu": [],
        "family_url": settings.FAMILY_URL,
        "office_url": settings.OFFICE_URL,
        "footer_menu": [MenuEntry(label, address_of_all(name)) for label, name in FOOTER],
    }
