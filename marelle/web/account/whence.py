"""From which of our sites somebody comes to the account site, and to which she may go back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.conf import settings

from marelle.domain.accounts.models import Site
from marelle.domain.accounts.queries import agents_of
from marelle.domain.families.queries import memberships_of
from marelle.foundation import tenancy
from marelle.web.account.our_provider import CLIENTS, url_of
from marelle.web.account.provider.asking import asked_by

if TYPE_CHECKING:
    from django.http import HttpRequest

    from marelle.domain.families.models import Membership


@dataclass(frozen=True, slots=True)
class Places:
    """What an account opens: the families that it acts for, and whether it has a post in a town hall."""

    memberships: tuple[Membership, ...] = ()
    is_agent: bool = False

    @property
    def sites(self) -> tuple[Site, ...]:
        """Will return the sites that it uses."""
        family = (Site.FAMILY,) if self.memberships else ()
        return (*family, Site.INVOICES, *((Site.OFFICE,) if self.is_agent else ()))


def places_of(request: HttpRequest) -> Places:
    """Will return what the account that is signed in opens, nothing when none is; two statements a request at most."""
    known: Places | None = getattr(request, "account_places", None)
    if known is None:
        known = Places()
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            with tenancy.every_authority():
                known = Places(tuple(memberships_of(user.pk)), agents_of(user.pk).exists())
        request.account_places = known  # type: ignore[attr-defined]
    return known


def is_for_agents(request: HttpRequest) -> bool:
    """Will tell whether a page should speak to an agent: on their site, or on the account site if that is her only use.

    Before signing in it is the site that asked who says so; afterwards it is what the account opens.
    """
    site = getattr(request, "site", "")
    if site != Site.ACCOUNT:
        return bool(site == Site.OFFICE)
    if asked_by(request):
        return asked_by(request) == CLIENTS[Site.OFFICE]
    places = places_of(request)
    return places.is_agent and not places.memberships


def way_into(site: str, path: str = "/") -> str:
    """Will return the address by which whoever is signed in here comes into another site without seeing a page."""
    return f"{url_of(site)}{settings.LOGIN_URL}?{urlencode({'next': path}, safe='/')}"
