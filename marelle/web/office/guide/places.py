"""How the town is reached, and its schools pasted as they are listed elsewhere."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.views.decorators.http import require_http_methods

from marelle.domain.authorities.models import Facility
from marelle.domain.authorities.operations.places import change_authority
from marelle.domain.onboarding.operations.presets import make_places
from marelle.domain.onboarding.rules.checklist import Step
from marelle.web.office.guide import wording
from marelle.web.office.guide.forms import ContactForm, PlacesForm
from marelle.web.office.guide.surroundings import guide_page, next_url, page
from marelle.web.office.surroundings import visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "HEAD", "POST"])
@guide_page
def contact(request: HttpRequest) -> HttpResponse:
    """Will ask how families reach the town."""
    visit = visit_of(request)
    if request.method != "POST":
        initial = {name: getattr(visit.authority, name) for name in ContactForm.base_fields}
        return page(request, "contact.html", form=ContactForm(initial=initial))
    form = ContactForm(request.POST)
    if not form.is_valid():
        return page(request, "contact.html", HTTPStatus.UNPROCESSABLE_ENTITY, form=form)
    change_authority(visit.authority, form.cleaned_data, by=visit.actor, at=visit.at)
    messages.success(request, wording.CONTACT_SAVED, extra_tags="green")
    return SeeOther(next_url(visit, Step.AUTHORITY))


@require_http_methods(["GET", "HEAD", "POST"])
@guide_page
def schools(request: HttpRequest) -> HttpResponse:
    """Will ask for the names of the schools and centers, with their classes."""
    visit = visit_of(request)
    form = PlacesForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
        there = Facility.objects.order_by("name", "pk").prefetch_related("classes")
        return page(request, "places.html", status, form=form, there=there)
    made = make_places(visit.authority, form.places, by=visit.actor, at=visit.at)
    is_new = made.first or made.second
    words = wording.places_made(made.first, made.second) if is_new else wording.ALL_PLACES_THERE
    messages.success(request, words, extra_tags="green")
    return SeeOther(next_url(visit, Step.PLACES))
