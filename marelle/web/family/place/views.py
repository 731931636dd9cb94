"""Coming to a family's place from the office, and going back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.families.operations.places import leave_place
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.web.doors import signed_in
from marelle.web.see_other import SeeOther
from marelle.web.standing import guardian_of_link, office_address, stand, standing_of, step_back

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
@signed_in
def come(request: HttpRequest, authority: str, sealed: str) -> HttpResponse:
    """Will show the family's site from its place; to anybody else than the agent who asked, one's own."""
    guardian = guardian_of_link(sealed, request.user)  # type: ignore[arg-type]  # signed in
    if guardian is None:
        return HttpResponseRedirect(reverse("home"))
    stand(request, guardian)
    return HttpResponseRedirect(reverse("calendar", kwargs={"authority": authority}))


@require_POST
@signed_in
def leave(request: HttpRequest, authority: str) -> HttpResponse:
    """Will lead back to the family's page at the office; a second time, to one's own families."""
    standing = standing_of(request, authority)
    step_back(request)
    if standing is None:
        return SeeOther(reverse("home"))
    with tenancy.scope({standing.agent.authority_id}):
        leave_place(
            standing.membership.guardian,
            by=Actor(ActorKind.AGENT, standing.agent.user_id),
            at=clock.business_now(),
        )
    return SeeOther(office_address(standing, settings.OFFICE_URL))
