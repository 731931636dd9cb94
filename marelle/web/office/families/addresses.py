"""A change of address that is to come, given up by an agent before its day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from marelle.domain.families.models import AddressChange
from marelle.domain.families.operations.addresses import withdraw_address_change
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
def withdraw(request: HttpRequest, family: str, move: str) -> HttpResponse:
    """Will give up a change of address that is to come."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = family_or_404(request, family)
    row = get_object_or_404(AddressChange, family=found, public_id=move)
    if withdraw_address_change(row, by=visit.actor, at=visit.at):
        messages.success(request, wording.ADDRESS_WITHDRAWN, extra_tags="green")
    else:
        messages.warning(request, wording.ADDRESS_NOT_COMING)
    return SeeOther(address_of(visit, "office_family", found))
