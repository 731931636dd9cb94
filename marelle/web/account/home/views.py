"""The first page of the account site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from marelle.domain.accounts.models import Site
from marelle.web.account.home import wording
from marelle.web.account.whence import places_of, way_into
from marelle.web.doors import signed_in
from marelle.web.family_addresses import FAMILY_SITE, address_for

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A site, or a family of the families' site: what it is, what one does there, the way."""

    name: str
    words: str
    url: str


@signed_in
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Will show the ways to the sites that the account uses, and to what protects it."""
    places = places_of(request)
    families = [
        PlaceView(
            one.authority.name,
            f"Espace famille, famille {one.family.name}",
            way_into(Site.FAMILY, address_for("news", one, places.memberships, urlconf=FAMILY_SITE)),
        )
        for one in places.memberships
    ]
    others = [
        PlaceView(site.label, wording.WHAT_FOR[site], way_into(site)) for site in places.sites if site != Site.FAMILY
    ]
    response = render(request, "account/home/page.html", {"places": [*families, *others]})
    patch_cache_control(response, private=True, no_store=True)
    return response
