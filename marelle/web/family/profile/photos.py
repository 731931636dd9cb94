"""The photo of a child, given by its family for the agents alone, and taken back in one click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.families.operations.photos import keep_photo, remove_photo
from marelle.domain.families.queries import children_of
from marelle.domain.families.queries.photos import agreed_photos
from marelle.domain.families.receiving import UnableToTakePhotoError
from marelle.web.doors import family_page, takes_documents
from marelle.web.family.profile import wording
from marelle.web.family.profile.views import children_page
from marelle.web.photos import PhotoForm, shown_photo

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import FamilyVisit


@family_page
@require_safe
def show(request: HttpRequest, photo: str) -> HttpResponse:
    """Will hand over the photo of a child of the family."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    mine = children_of(visit.family.pk, on=visit.today).values_list("pk", flat=True)
    found = next((one for one in agreed_photos(list(mine)).values() if one.public_id == photo), None)
    if found is None:
        raise Http404
    return shown_photo(request, found)


@takes_documents
@family_page
@require_POST
def keep(request: HttpRequest, child: str) -> HttpResponse:
    """Will keep the photo of a child, with the agreement of the family."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    found = get_object_or_404(children_of(visit.family.pk, on=visit.today), public_id=child)
    form = PhotoForm(
        request.POST, request.FILES, words=str(wording.PHOTO_AGREED), auto_id=f"photo-{found.public_id}-%s"
    )
    if not form.is_valid():
        return children_page(request, picturing=(found.pk, form), status=422)
    try:
        keep_photo(found, visit.family, form.cleaned_data["photo"], by=visit.actor, at=visit.at)
    except UnableToTakePhotoError as error:
        form.add_error("photo", error.words)
        return children_page(request, picturing=(found.pk, form), status=409)
    messages.success(request, wording.PHOTO_KEPT.format(name=found.first_name))
    return HttpResponseRedirect(reverse("profile_children", args=[visit.authority.slug]), status=303)


@family_page
@require_POST
def remove(request: HttpRequest, child: str) -> HttpResponse:
    """Will erase the photo of a child."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    found = get_object_or_404(children_of(visit.family.pk, on=visit.today), public_id=child)
    is_done = remove_photo(found, by=visit.actor, at=visit.at)
    words = wording.PHOTO_REMOVED if is_done else wording.PHOTO_ALREADY_REMOVED
    messages.success(request, words.format(name=found.first_name))
    return HttpResponseRedirect(reverse("profile_children", args=[visit.authority.slug]), status=303)
