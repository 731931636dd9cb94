"""What the pages of the account site show around their content, beside what every page does: the way to the others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from marelle.domain.accounts.models import Site
from marelle.web.account.whence import is_for_agents, places_of, way_into
from marelle.web.surroundings import MenuEntry

if TYPE_CHECKING:
    from django.http import HttpRequest

ICONS = {Site.FAMILY: "house", Site.INVOICES: "receipt-euro", Site.OFFICE: "landmark"}
SHORT_NAMES = {Site.FAMILY: "Famille", Site.INVOICES: "Factures", Site.OFFICE: "Bureau"}


def account_surroundings(request: HttpRequest) -> dict[str, Any]:
    """Will give the templates of the account site its menu, and whether they speak to an agent; nothing elsewhere."""
    if getattr(request, "site", "") != Site.ACCOUNT:
        return {}
    return {"is_office": is_for_agents(request), "site_menu": account_menu(request)}


def account_menu(request: HttpRequest) -> list[MenuEntry]:
    """Will return the menu: back to the sites that the account uses, and its own pages; empty for nobody."""
    if not (hasattr(request, "user") and request.user.is_authenticated):
        return []
    sites = [MenuEntry(site.label, way_into(site), ICONS[site], SHORT_NAMES[site]) for site in places_of(request).sites]
    own = [
        MenuEntry("Votre compte", reverse("account_home"), "circle-user-round", "Compte"),
        MenuEntry("Sécurité du compte", reverse("security"), "shield-check", "Sécurité"),
    ]
    return [*sites, *(replace(one, current=one.url == request.path) for one in own)]
