"""The menu of the parents' site, and that of the account: whose family one acts for, and the way to the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from marelle.web.family_addresses import address_for, address_of_all
from marelle.web.surroundings import MenuEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

    from marelle.domain.families.models import Membership
    from marelle.web.doors import FamilyVisit

ENTRIES = (
    ("news", "Actualités", "Actualités", "newspaper"),
    ("calendar", "Mes réservations", "Réservations", "calendar-days"),
    ("invoices", "Mes factures", "Factures", "receipt-euro"),
    ("requests", "Mes demandes", "Demandes", "message-square-text"),
)


def visit_of(request: HttpRequest) -> FamilyVisit:
    """Will return the visit that the door opened."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    return visit


def family_context(visit: FamilyVisit, current: str, **more: Any) -> dict[str, Any]:
    """Will return the context of a parent's page: menu with `current` marked, account menu, then `more`."""
    at = {"authority": visit.authority.slug}
    profile = MenuEntry("Informations profil", reverse("profile", kwargs=at), "user", current=current == "profile")
    return {
        "layout": "layouts/family.html",
        "menu": [
            MenuEntry(label, reverse(name, kwargs=at), icon, short, current=name == current)
            for name, label, short, icon in ENTRIES
            if visit.standing is None or visit.standing.sees(name)
        ],
        "home_url": reverse("news", kwargs=at),
        **account_context(visit.memberships, here=visit.membership, first=[profile]),
        **more,
    }


def account_context(
    places: Sequence[Membership],
    *,
    here: Membership | None = None,
    first: Sequence[MenuEntry] = (),
    current: str = "",
) -> dict[str, Any]:
    """Will return the account menu: `first`, the families where there are several, and how to add an authority.

    `here` is the family that the page is about, None for a page about all; `current` is then the name of that page.
    """
    several = len(places) > 1
    general = [MenuEntry("Tous mes enfants", address_of_all("my_children"), "users", current=current == "my_children")]
    adding = MenuEntry(
        "Ajouter une commune", address_of_all("add_authority"), "plus", current=current == "add_authority"
    )
    return {
        "account": MenuEntry(f"Famille {here.family.name}" if here is not None else "Mes communes", ""),
        "account_menu": [*first, *(general if several else []), adding],
        "account_places": [
            MenuEntry(
                one.authority.name,
                address_for("news", one, places),
                short=f"Famille {one.family.name}",
                current=one == here,
            )
            for one in places
        ]
        if several
        else [],
        "sign_out_url": address_of_all("account_logout"),
    }
