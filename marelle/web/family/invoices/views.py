"""Mes factures: what is not open yet at this authority, and where to see and pay what is owed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.domain.catalog.queries import offer_of
from marelle.web.contacts import contact_view
from marelle.web.doors import family_page
from marelle.web.family.surroundings import family_context

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import FamilyVisit


@family_page
@require_safe
def invoices(request: HttpRequest) -> HttpResponse:
    """Will say how each service is paid today, and whom to ask."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    services = offer_of(visit.authority).services
    # Services that give no contact of their own are reached through the authority: once is enough.
    contacts = {service.contact.name: contact_view(service.contact) for service in services}
    contacts.setdefault(visit.authority.name, contact_view(visit.authority))
    context = family_context(
        visit,
        "invoices",
        in_arrears=[service for service in services if not service.is_prepaid],
        prepaid=[service for service in services if service.is_prepaid],
        contacts=list(contacts.values()),
    )
    return render(request, "family/invoices/page.html", context)
