"""Who the authority is: its name, how to reach it, its days, its color and its logo."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations.places import IDENTITY, change_authority, change_logo
from marelle.domain.authorities.rules.logos import BIGGEST_LOGO, WrongLogoError
from marelle.domain.authorities.rules.palette import palette
from marelle.web.doors import office_page, takes_files
from marelle.web.office.places import wording
from marelle.web.office.places.forms import COLOR, IdentityForm, LogoForm
from marelle.web.office.setting_fields import initial_of
from marelle.web.office.surroundings import ROLES, office_context, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest

    from marelle.web.doors import OfficeVisit


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.ADMINISTER)
def edit(request: HttpRequest) -> HttpResponse:
    """Will show what the authority says of itself; a POST writes it."""
    visit = visit_of(request)
    if request.method != "POST":
        return _page(request, IdentityForm(initial=initial_of(visit.authority, IDENTITY)))
    form = IdentityForm(request.POST)
    if "voir" in request.POST:
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    changed = change_authority(visit.authority, form.cleaned_data, by=visit.actor, at=visit.at)
    messages.success(request, wording.SAVED if changed else wording.NOTHING_NEW, extra_tags="green")
    if "school_zone" in changed:
        messages.warning(request, wording.ZONE_CHANGED, extra_tags="amber")
        return SeeOther(reverse("office_calendar", kwargs={"authority": visit.authority.slug}))
    return SeeOther(_here(visit))


@takes_files
@require_POST
@office_page(ROLES.ADMINISTER)
def logo(request: HttpRequest) -> HttpResponse:
    """Will put a logo in place, or take it away with « retirer »."""
    visit = visit_of(request)
    form = LogoForm(request.POST, request.FILES)
    if "retirer" in request.POST:
        change_logo(visit.authority, None, by=visit.actor, at=visit.at)
        messages.success(request, wording.LOGO_REMOVED, extra_tags="green")
        return SeeOther(_here(visit))
    found = form.cleaned_data.get("logo") if form.is_valid() else None
    if found is None:
        form.add_error("logo", wording.NO_FILE)
    else:
        try:
            # One byte more than a logo may weigh says that it is too heavy; the rest needs no reading.
            change_logo(visit.authority, found.read(BIGGEST_LOGO + 1), by=visit.actor, at=visit.at)
        except WrongLogoError as error:
            reason = str(error)
            form.add_error("logo", f"{reason[:1].upper()}{reason[1:]}.")
        else:
            messages.success(request, wording.LOGO_SAVED, extra_tags="green")
            return SeeOther(_here(visit))
    identity = IdentityForm(initial=initial_of(visit.authority, IDENTITY))
    return _page(request, identity, logo_form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_safe
@office_page(ROLES.ADMINISTER)
def color(request: HttpRequest) -> HttpResponse:
    """Will draw what a color gives on the pages, light and dark, before it is saved."""
    asked = request.GET.get("couleur", visit_of(request).authority.accent)
    if not COLOR.fullmatch(f"#{asked.removeprefix('#')}"):
        raise Http404
    colors = palette(f"#{asked.removeprefix('#')}")
    return render(request, "office/places/color.svg", {"colors": colors}, content_type="image/svg+xml")


def _here(visit: OfficeVisit) -> str:
    return reverse("office_identity", kwargs={"authority": visit.authority.slug})


def _page(
    request: HttpRequest, form: IdentityForm, *, logo_form: LogoForm | None = None, status: int = HTTPStatus.OK
) -> HttpResponse:
    visit = visit_of(request)
    at = {"authority": visit.authority.slug}
    shown = str(form["accent"].value() or "")
    accent = shown if COLOR.fullmatch(shown) else Authority._meta.get_field("accent").default
    context = office_context(
        visit,
        "office_identity",
        form=form,
        logo_form=logo_form or LogoForm(),
        has_logo=bool(visit.authority.logo_type),
        logo_url=reverse("logo", kwargs=at),
        save_logo_url=reverse("office_logo", kwargs=at),
        color_url=f"{reverse('office_color', kwargs=at)}?couleur={accent.removeprefix('#')}",
        words=wording,
    )
    return render(request, "office/places/identity.html", context, status=status)
