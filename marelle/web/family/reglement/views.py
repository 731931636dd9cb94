"""Le règlement: what the council voted for a product, in French, whole, and what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from marelle.domain.catalog.queries import offer_of
from marelle.domain.catalog.rules.articles import articles_of
from marelle.web.doors import FamilyVisit, family_page
from marelle.web.family.reglement.costs import costs_of
from marelle.web.family.surroundings import family_context

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@family_page
@require_safe
def reglement(request: HttpRequest, ruled: str) -> HttpResponse:
    """Will print the règlement and the tariff in force for a product (public id)."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    offer = offer_of(visit.authority)
    product = offer.product_by_public_id.get(ruled)
    if product is None:
        raise Http404
    day = max(visit.today, product.activity.opening.period.starts_on)
    rules = product.rules_on(day)
    context = family_context(
        visit,
        "calendar",
        title=product.name,
        above=f"Règlement, {product.activity.facility_name}",
        articles=articles_of(rules, subject=product.name, names=offer.names) if rules else (),
        costs=costs_of(visit, product, day, offer),
        back_url=reverse("calendar", kwargs={"authority": visit.authority.slug}),
        contact=product.activity.service.contact,
        contact_hours=product.activity.service.contact.opening_hours.splitlines(),
    )
    return render(request, "family/reglement/page.html", context)
