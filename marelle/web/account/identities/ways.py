"""Which of the two are plugged in, and which one the page of signing in shows to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.http import Http404
from django.urls import reverse

from marelle.domain.accounts.models import Identity, Site
from marelle.web.account.our_provider import CLIENTS
from marelle.web.account.provider.asking import asked_by

if TYPE_CHECKING:
    from django.http import HttpRequest

FRANCECONNECT: Final = Identity.Provider.FRANCECONNECT.value
PROCONNECT: Final = Identity.Provider.PROCONNECT.value
TITLES: Final = dict(Identity.Provider.choices)
ABOUT: Final = {FRANCECONNECT: "https://franceconnect.gouv.fr/", PROCONNECT: "https://www.proconnect.gouv.fr/"}


@dataclass(frozen=True, slots=True)
class WayIn:
    """A button of the page of signing in; `artwork` is the address of its official picture, if the operator gave it."""

    title: str
    url: str
    about: str
    artwork: str


def plugged(provider: str) -> Any:
    """Will return the connector of a provider; raises Http404 where it is not plugged in."""
    connector = {FRANCECONNECT: settings.FRANCECONNECT, PROCONNECT: settings.PROCONNECT}[provider]
    if connector is None:
        raise Http404
    return connector


def is_plugged(provider: str) -> bool:
    """Will tell whether a provider is plugged in."""
    return {FRANCECONNECT: settings.FRANCECONNECT, PROCONNECT: settings.PROCONNECT}[provider] is not None


def address(name: str) -> str:
    """Will return an address of the account site as it was declared over there."""
    return f"{settings.ACCOUNT_URL}{reverse(name, urlconf='marelle.config.urls_account')}"


def shown_to(request: HttpRequest) -> list[WayIn]:
    """Will return the buttons of the page of signing in: an agent's when the agents' site asks, a parent's otherwise.

    Who comes from no site may be either, and sees both.
    """
    if getattr(request, "site", "") != "account":
        return []
    asking = asked_by(request)
    wanted = (
        (PROCONNECT,) if asking == CLIENTS[Site.OFFICE] else (FRANCECONNECT,) if asking else (FRANCECONNECT, PROCONNECT)
    )
    return [
        WayIn(
            TITLES[provider],
            reverse(f"{provider}_begin"),
            ABOUT[provider],
            reverse(f"{provider}_button") if settings.IDENTITY_BUTTONS[provider] else "",
        )
        for provider in wanted
        if is_plugged(provider)
    ]


def ways_in(request: HttpRequest) -> dict[str, Any]:
    """Will give the templates the buttons: asked by the page of signing in alone, at no cost for the others."""
    return {"ways_in": lambda: shown_to(request)}
