"""Whom a family trusts with its children: an agent ends it, when the family asks by telephone or a judge decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from marelle.domain.families.models import PickupPerson
from marelle.domain.families.operations.pickups import end_pickup
from marelle.web.doors import office_page
from marelle.web.office.families import wording
from marelle.web.office.families.finding import address_of
from marelle.web.office.families.views import family_or_404
from marelle.web.office.surroundings import ROLES
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
def end(request: HttpRequest, family: str, pickup: str) -> HttpResponse:
    """Will end what somebody was allowed, from now on; the family sees it in its profile."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = family_or_404(request, family)
    person = get_object_or_404(PickupPerson, family=found, public_id=pickup)
    if end_pickup(person, by=visit.actor, at=visit.at):
        messages.success(request, wording.pickup_ended(person), extra_tags="green")
    else:
        messages.warning(request, wording.PICKUP_ALREADY_ENDED)
    return SeeOther(address_of(visit, "office_family", found))
