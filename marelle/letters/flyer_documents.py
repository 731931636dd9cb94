"""The flyer of an authority, from what it is and what it offers today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from marelle.domain.authorities.models import Regie
from marelle.domain.catalog.queries import offer_of
from marelle.letters.billing_documents import LOGO_TYPES, address_lines
from marelle.letters.documents.flyers import FlyerDocument, WayIn
from marelle.letters.documents.parties import Issuer, Logo

if TYPE_CHECKING:
    from datetime import date

    from marelle.domain.authorities.models import Authority


def flyer(authority: Authority, way_in: WayIn, *, on: date) -> FlyerDocument:
    """Will return the flyer of an authority, which holds its logo, as it is given out on that day."""
    logo = None
    if authority.logo and authority.logo_type in LOGO_TYPES:
        logo = Logo(bytes(authority.logo), authority.logo_type)  # type: ignore[arg-type]
    services = offer_of(authority).services
    is_online = Regie.objects.filter(online_from__lte=on).exists()
    return FlyerDocument(
        written_on=on,
        issuer=Issuer(
            name=authority.name,
            regie="Espace famille",
            address=address_lines(authority.address),
            phone=authority.phone,
            email=authority.email,
            opening_hours=" ".join(authority.opening_hours.split()),
            logo=logo,
            accent=authority.accent,
        ),
        way_in=way_in,
        announcement=authority.announcement or f"Les services de {authority.name} sont en ligne !",
        site=f"{settings.FAMILY_URL}/{authority.slug}/",
        services=tuple(service.name for service in services),
        has_prepaid=any(service.is_prepaid for service in services),
        has_arrears=any(not service.is_prepaid for service in services),
        invoices_site=f"{settings.INVOICES_URL}/" if is_online else "",
    )
