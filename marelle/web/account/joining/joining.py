"""An account comes into a family: it types the code that the town hall gave, or asks without one."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.urls import reverse
from django.views.decorators.http import require_http_methods

from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.queries import open_authorities
from marelle.domain.families.models import JoinRequest
from marelle.domain.families.operations.joining import (
    AlreadyAskedError,
    NewPerson,
    No,
    UnableToJoinError,
    ask_to_join,
    join_by_code,
)
from marelle.domain.families.queries import memberships_of
from marelle.domain.families.queries.joining import own_join_requests
from marelle.domain.families.rules.codes import is_well_formed, tidy
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.french_dates import in_digits
from marelle.web.account.joining import wording
from marelle.web.account.joining.answers import home_of, page, too_often
from marelle.web.account.joining.forms import CodeForm, JoinRequestForm
from marelle.web.doors import signed_in
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

SHOWN_REQUESTS = 10
WHY_NOT = {No.ALREADY_IN_FAMILY: wording.ALREADY_IN_FAMILY, No.REMOVED: wording.REMOVED}
TAGS: dict[str, tuple[str, str]] = {
    JoinRequest.State.WAITING: ("amber", "hourglass"),
    JoinRequest.State.ACCEPTED: ("green", "check"),
    JoinRequest.State.REFUSED: ("red", "x"),
}


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Will take a code, and show what the account asked without one."""
    if request.method != "POST":
        return _join_page(request, CodeForm())
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _join_page(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    typed = form.cleaned_data["code"]
    # A slip of the finger, which the check sign tells, does not use up the few tries that a guess has.
    refused = too_often(request, "join_by_code" if is_well_formed(tidy(typed)) else "mistype_code")
    if refused is not None:
        return refused
    with tenancy.every_authority():
        try:
            membership = join_by_code(
                request.user,  # type: ignore[arg-type]
                typed,
                by=_who(request),
                at=clock.machine_now(),
            )
        except UnableToJoinError as error:
            form.add_error("code", WHY_NOT.get(error.no, wording.BAD_CODE))
            return _join_page(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
        return SeeOther(home_of(membership))


def _join_page(request: HttpRequest, form: CodeForm, status: int = HTTPStatus.OK) -> HttpResponse:
    with tenancy.every_authority():
        has_family = memberships_of(request.user.pk).exists()  # type: ignore[arg-type]
        asked = [
            {
                "authority": one.authority.name,
                "state": one.get_state_display(),
                "tone": TAGS[one.state][0],
                "icon": TAGS[one.state][1],
                "child": f"{one.child_first_name} {one.child_last_name}",
                "day": in_digits(one.asked_at.astimezone(one.authority.zone).date()),
                "reason": one.reason,
            }
            for one in own_join_requests(request.user.pk)[:SHOWN_REQUESTS]  # type: ignore[arg-type]
        ]
    return page(request, "join", status, form=form, asked=asked, has_family=has_family)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Will ask an authority to find one's family; what it knows of the child is not told."""
    authorities = [(one.slug, one.name) for one in open_authorities()]
    is_sent = request.method == "POST"
    form = JoinRequestForm(
        request.POST if is_sent else None,
        authorities=authorities,
        today=clock.business_today(),
        initial={"authority": request.GET.get("commune", "")},
    )
    if not is_sent or not form.is_valid():
        return page(request, "ask", HTTPStatus.UNPROCESSABLE_ENTITY if is_sent else HTTPStatus.OK, form=form)
    refused = too_often(request, "ask_to_join")
    if refused is not None:
        return refused
    said = form.cleaned_data
    authority = Authority.objects.only("pk").get(slug=said["authority"])
    with tenancy.scope({authority.pk}):
        try:
            ask_to_join(
                request.user,  # type: ignore[arg-type]
                authority=authority.pk,
                who=NewPerson(said["first_name"], said["last_name"], said["phone"]),
                child_first_name=said["child_first_name"],
                child_last_name=said["child_last_name"],
                child_birth_date=said["birth_date"],
                words=said["words"],
                by=_who(request),
                at=clock.machine_now(),
            )
        except AlreadyAskedError:
            form.add_error("authority", wording.ALREADY_ASKED)
            return page(request, "ask", HTTPStatus.CONFLICT, form=form)
    return SeeOther(reverse("join"))


def _who(request: HttpRequest) -> Actor:
    return Actor(ActorKind.FAMILY, request.user.pk)
