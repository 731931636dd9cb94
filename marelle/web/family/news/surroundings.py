"""What the pages of news share: the two doors of a public page, and the way from one to the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from marelle.domain.families.queries import memberships_of
from marelle.web.components.controls import Choice
from marelle.web.family_addresses import address_of_all
from marelle.web.surroundings import MenuEntry

if TYPE_CHECKING:
    from django.http import HttpRequest

    from marelle.domain.authorities.models import Authority

TABS = (("news", "Actualités", "newspaper"), ("menus", "Menus", "utensils"), ("downloads", "Documents", "download"))


def is_member(request: HttpRequest, authority: Authority) -> bool:
    """Will tell whether who is signed in has a family there: she reads more than everybody. One statement at most."""
    return request.user.is_authenticated and memberships_of(request.user.pk).filter(authority=authority).exists()


def published_here(authority: Authority, current: str, *, is_public: bool = False) -> list[Choice]:
    """Will return the ways to what an authority publishes; before signing in, its page stands for the news."""
    return [
        Choice(
            label if name != "news" or not is_public else "Accueil",
            reverse("authority_home" if name == "news" and is_public else name, args=[authority.slug]),
            is_current=name == current,
            icon=icon,
        )
        for name, label, icon in TABS
    ]


def entrance(authority: Authority | None = None, *, is_signed_in: bool = False) -> dict[str, Any]:
    """Will return the two doors of a public page; who is signed in already goes to their own space."""
    label, name = ("Mon espace", "home") if is_signed_in else ("Se connecter", "account_login")
    return {
        "sign_in": MenuEntry(label, address_of_all(name)),
        "is_signed_in": is_signed_in,
        "create_url": address_of_all("account_signup"),
        "home_url": reverse("authority_home", args=[authority.slug]) if authority else address_of_all("home"),
    }
