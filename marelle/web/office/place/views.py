"""« Prendre sa place »: the site as the family sees it, to answer on the telephone; read only, and in the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from marelle.domain.families.models import Guardian
from marelle.domain.families.operations.places import take_place
from marelle.domain.reservations.queries.families import families_within
from marelle.web.doors import office_page
from marelle.web.office.surroundings import ROLES, reach
from marelle.web.see_other import SeeOther
from marelle.web.standing import link_to_place

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
def take(request: HttpRequest, family: str, guardian: str) -> HttpResponse:
    """Will lead to the families' site, in the place of a guardian of a family that the agent may open."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    within = families_within(reach(visit, ROLES.MANAGE_RESERVATIONS))
    found = get_object_or_404(Guardian.objects.filter(family__in=within), public_id=guardian, family__public_id=family)
    take_place(found, by=visit.actor, at=visit.at)
    at = {"authority": visit.authority.slug, "sealed": link_to_place(visit.agent, found)}
    return SeeOther(settings.FAMILY_URL + reverse("place_come", "marelle.config.urls_family", kwargs=at))
