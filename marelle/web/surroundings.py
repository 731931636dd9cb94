"""What every page shows around its content: brand, colors, menus, footer. The menus are given by each site."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from zlib import crc32

from django.conf import settings
from django.urls import reverse

from marelle.domain.accounts.models import Site
from marelle.web.account.whence import is_for_agents, places_of, way_into
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
SITE_NAMES = {
    Site.FAMILY: "Espace famille",
    Site.OFFICE: "Bureau · espace agents",
    Site.INVOICES: "Factures en ligne",
    Site.ACCOUNT: "Votre compte",
}
SITE_ICONS = {Site.FAMILY: "house", Site.INVOICES: "receipt-euro", Site.OFFICE: "landmark"}
SHORT_NAMES = {Site.FAMILY: "Famille", Site.INVOICES: "Factures", Site.OFFICE: "Bureau"}


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


def account_menu(request: HttpRequest) -> list[MenuEntry]:
    """Will return the menu of the account site, back to the sites that the account uses; empty for nobody."""
    if not (hasattr(request, "user") and request.user.is_authenticated):
        return []
    sites = [
        MenuEntry(site.label, way_into(site), SITE_ICONS[site], SHORT_NAMES[site]) for site in places_of(request).sites
    ]
    own = [
        MenuEntry("Votre compte", reverse("account_home"), "circle-user-round", "Compte"),
        MenuEntry("Sécurité du compte", reverse("security"), "shield-check", "Sécurité"),
    ]
    return [*sites, *(replace(one, current=one.url == request.path) for one in own)]


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """Will give every template the visit, the brand and the footer."""
    visit = getattr(request, "visit", None)
    authority = visit.authority if visit else None
    return {
        "visit": visit,
        "authority": authority,
        "family": getattr(visit, "family", None),
        "colours_url": colours_url(authority) if authority else "",
        "crest_url": address_of_all("logo", authority.slug) if authority and authority.logo_type else "",
        "operator": settings.OPERATOR,
        "operator_mark_url": address_of_all("operator_mark") if settings.OPERATOR.mark else "",
        "is_office": is_for_agents(request),
        "site_name": SITE_NAMES.get(getattr(request, "site", ""), SITE_NAMES[Site.FAMILY]),
        "site_menu": account_menu(request) if getattr(request, "site", "") == Site.ACCOUNT else [],
        "family_url": settings.FAMILY_URL,
        "office_url": settings.OFFICE_URL,
        "footer_menu": [MenuEntry(label, address_of_all(name)) for label, name in FOOTER],
    }
