"""A town opens its space: one page, behind a link that serves once, then signing in."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods

from marelle.domain.onboarding.operations.opening import (
    FirstAdministrator,
    NewTown,
    OpeningLinkUsedError,
    SlugTakenError,
    open_authority,
)
from marelle.domain.onboarding.queries.opening import link_of, whom_for
from marelle.foundation import clock
from marelle.foundation.actors import Actor, ActorKind
from marelle.web.doors import public
from marelle.web.office.opening import wording
from marelle.web.office.opening.forms import OpeningForm
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.onboarding.queries.opening import ForWhom

SOMEBODY: Final = Actor(ActorKind.AGENT)
# Where the first administrator lands once she is signed in.
LANDING: Final = "office_guide"


@public
@require_http_methods(["GET", "HEAD", "POST"])
def open_town(request: HttpRequest, opening: str) -> HttpResponse:
    """Will ask what a town needs to exist and open it; afterwards the same address says where to sign in."""
    whom = whom_for(opening)
    link = link_of(opening)
    if whom is None or link is None:
        return _page(request, "over", HTTPStatus.GONE)
    if link.opened:
        url = reverse(LANDING, kwargs={"authority": link.opened})
        status = HTTPStatus.CONFLICT if request.method == "POST" else HTTPStatus.OK
        return _page(request, "opened", status, url=url, email=whom.email)
    if request.method != "POST":
        form = OpeningForm(email=whom.email, initial={"agent_name": whom.name, "kind": "commune"})
        return _page(request, "page", form=form, email=whom.email)
    form = OpeningForm(request.POST, email=whom.email)
    if not form.is_valid():
        return _page(request, "page", HTTPStatus.UNPROCESSABLE_ENTITY, form=form, email=whom.email)
    return _opened(request, form, whom, opening)


def _opened(request: HttpRequest, form: OpeningForm, whom: ForWhom, token: str) -> HttpResponse:
    said = form.cleaned_data
    contact = {"phone": said["phone"], "email": said["contact_email"].lower()}
    town = NewTown(
        name=said["name"],
        kind=said["kind"],
        department=said["department"],
        school_zone=said["school_zone"],
        slug=said["slug"],
        insee_code=said["insee_code"],
        siret=said["siret"],
        contact={name: value for name, value in contact.items() if value},
    )
    administrator = FirstAdministrator(said["agent_name"], said["email"], said["password"])
    try:
        open_authority(town, administrator, link=token, by=SOMEBODY, at=clock.business_now())
    except OpeningLinkUsedError:
        pass  # somebody was quicker with the same link: its page says so
    except SlugTakenError:
        form.add_error("slug", wording.SLUG_TAKEN)
        return _page(request, "page", HTTPStatus.CONFLICT, form=form, email=whom.email)
    return SeeOther(reverse("town_opening", kwargs={"opening": token}))


def _page(request: HttpRequest, name: str, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
    """Will show a page that no cache keeps: its address is a secret."""
    response = render(request, f"office/opening/{name}.html", context, status=status)
    patch_cache_control(response, private=True, no_store=True)
    return response
