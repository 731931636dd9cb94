"""The photo of a child: shown to who looks after it, kept or erased by who manages its family's file."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.families.models import ChildPhoto
from marelle.domain.families.operations.photos import keep_photo, remove_photo
from marelle.domain.families.queries import children_of
from marelle.domain.families.queries.photos import agreed_among
from marelle.domain.families.receiving import UnableToTakePhotoError
from marelle.web.doors import office_page, takes_documents
from marelle.web.office.families import wording
from marelle.web.office.families.finding import address_of
from marelle.web.office.families.views import Doing, family_or_404, render_family
from marelle.web.office.photos import photo_page, who_may_be_pictured, whose_photo
from marelle.web.office.surroundings import ROLES, visit_of
from marelle.web.photos import PhotoForm, shown_photo
from marelle.web.readings import notes_readings
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.families.models import Child, Family


@require_safe
@photo_page
def show(request: HttpRequest, photo: str) -> HttpResponse:
    """Will hand over a photo to an agent whose rights reach an activity of the child, while the agreement holds."""
    visit = visit_of(request)
    found = get_object_or_404(ChildPhoto, public_id=photo)
    if not whose_photo(visit, [found.child_id]) or not agreed_among([found.child_id]):
        raise Http404
    return shown_photo(request, found)


@takes_documents
@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
@notes_readings
def keep(request: HttpRequest, family: str, child: str) -> HttpResponse:
    """Will keep the photo that a family gave to an agent, who says that it agrees."""
    visit = visit_of(request)
    found = family_or_404(request, family)
    whose = _child_or_404(request, found, child)
    if whose.pk not in who_may_be_pictured(visit, [whose.pk]):
        messages.warning(request, wording.photo_of_nobody_here(whose.first_name), extra_tags="amber")
        return SeeOther(address_of(visit, "office_family", found))
    form = PhotoForm(request.POST, request.FILES, words=wording.PHOTO_AGREED, auto_id=f"photo-{whose.public_id}-%s")
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        try:
            keep_photo(whose, found, form.cleaned_data["photo"], by=visit.actor, at=visit.at)
        except UnableToTakePhotoError as error:
            form.add_error("photo", error.words)
            status = HTTPStatus.CONFLICT
        else:
            messages.success(request, wording.photo_kept(whose.first_name), extra_tags="green")
            return SeeOther(address_of(visit, "office_family", found))
    return render_family(request, found, doing=Doing(picturing=(whose.pk, form)), status=status)


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
def remove(request: HttpRequest, family: str, child: str) -> HttpResponse:
    """Will erase the photo of a child."""
    visit = visit_of(request)
    found = family_or_404(request, family)
    whose = _child_or_404(request, found, child)
    is_done = remove_photo(whose, by=visit.actor, at=visit.at)
    words = wording.photo_removed(whose.first_name) if is_done else wording.PHOTO_ALREADY_REMOVED
    messages.success(request, words, extra_tags="green" if is_done else "amber")
    return SeeOther(address_of(visit, "office_family", found))


def _child_or_404(request: HttpRequest, family: Family, child: str) -> Child:
    found: Child = get_object_or_404(children_of(family.pk, on=visit_of(request).today), public_id=child)
    return found
