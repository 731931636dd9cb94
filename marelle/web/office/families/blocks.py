"""What stands against a family's reservations: put and lifted by agents; the règlement says what it stops."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from marelle.domain.families.operations.blocks import lift_block, put_block
from marelle.domain.families.queries import blocks_of
from marelle.web.doors import office_page
from marelle.web.office.families import wording
from marelle.web.office.families.finding import address_of
from marelle.web.office.families.forms import BlockForm
from marelle.web.office.families.views import Doing, family_or_404, render_family
from marelle.web.office.surroundings import ROLES
from marelle.web.readings import notes_readings
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
@notes_readings
def put(request: HttpRequest, family: str) -> HttpResponse:
    """Will note that something stands against the family."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = family_or_404(request, family)
    form = BlockForm(request.POST, auto_id="bloquer-%s")
    if not form.is_valid():
        return render_family(request, found, doing=Doing(blocking=form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    block = put_block(
        found,
        form.cleaned_data["kind"],
        amount_cents=form.cleaned_data["amount"],
        document=form.cleaned_data["document"],
        by=visit.actor,
        at=visit.at,
    )
    messages.success(request, wording.blocked(block), extra_tags="green")
    return SeeOther(address_of(visit, "office_family", found))


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
def lift(request: HttpRequest, family: str, block: str) -> HttpResponse:
    """Will lift what stood against the family."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = family_or_404(request, family)
    standing = get_object_or_404(blocks_of(found.pk), public_id=block)
    lift_block(standing, by=visit.actor, at=visit.at)
    messages.success(request, wording.LIFTED, extra_tags="green")
    return SeeOther(address_of(visit, "office_family", found))
