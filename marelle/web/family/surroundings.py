"""The menu of the parents' site, and the name on the account link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from marelle.web.surroundings import MenuEntry

if TYPE_CHECKING:
    from marelle.web.doors import FamilyVisit

ENTRIES = (
    ("news", "Actualités", "Actualités", "newspaper"),
    ("calendar", "Mes réservations", "Réservations", "calendar-days"),
    ("invoices", "Mes factures", "Factures", "receipt-euro"),
    ("requests", "Mes demandes", "Demandes", "message-square-text"),
)


def family_context(visit: FamilyVisit, current: str, **more: Any) -> dict[str, Any]:
    """Will return the context of a parent's page: menu with `current` marked, account link, then `more`."""
    at = {"authority": visit.authority.slug}
    return {
        "menu": [
            MenuEntry(label, reverse(name, kwargs=at), icon, short, current=name == current)
            for name, label, short, icon in ENTRIES
        ],
        "account": MenuEntry(f"Famille {visit.family.name}", reverse("profile", kwargs=at)),
        "home_url": reverse("news", kwargs=at),
        **more,
    }
