"""The link that the town hall sends: seen, then opened by a button, then completed.

Programs that read letters before people do follow links: seeing the page writes nothing and spends nothing. The button
leaves the link's secret in the session, so that it stands in one address only.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from marelle.domain.accounts.models import User
from marelle.domain.accounts.operations.people import AccountExistsError
from marelle.domain.families.models import Membership
from marelle.domain.families.operations.joining import (
    UnableToJoinError,
    ask_for_link,
    complete_activation,
    note_opened,
)
from marelle.domain.families.queries.joining import good_invitation
from marelle.domain.families.queries.removals import may_come_in
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.web.account.joining import wording
from marelle.web.account.joining.answers import home_of, page, sign_in, too_often
from marelle.web.account.joining.forms import ActivationForm, AddressForm, PhoneForm
from marelle.web.doors import public
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.families.models import Invitation

KEPT = "activation"


@public
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, link: str) -> HttpResponse:
    """Will show whose link this is; pressed, keep it in the session and go on."""
    with tenancy.every_authority():
        found = good_invitation(token=link, at=clock.machine_now())
        if found is None:
            return _over(request)
        if request.method != "POST":
            return page(request, "link", found=found)
        note_opened(found, by=_who(request), at=clock.machine_now())
    request.session[KEPT] = found.public_id
    return SeeOther(reverse("activation"))


@public
@require_http_methods(["GET", "HEAD", "POST"])
def complete(request: HttpRequest) -> HttpResponse:
    """Will ask what is missing, then open the account, or attach the one that is signed in."""
    public_id = request.session.get(KEPT, "")
    with tenancy.every_authority():
        found = good_invitation(public_id=public_id, at=clock.machine_now()) if public_id else None
        if found is None:
            return _over(request)
        if request.user.is_authenticated:
            return _attach(request, found)
        if User.objects.filter(email=found.email.strip().lower()).exists():
            return page(request, "existing", found=found, status=_status(request))
        return _open(request, found)


def _open(request: HttpRequest, found: Invitation) -> HttpResponse:
    is_sent = request.method == "POST"
    form = ActivationForm(request.POST if is_sent else None, email=found.email, initial={"phone": found.guardian.phone})
    if not is_sent or not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY if is_sent else HTTPStatus.OK
        return page(request, "complete", status, found=found, form=form)
    try:
        membership = complete_activation(
            found,
            user=None,
            password=form.cleaned_data["password"],
            phone=form.cleaned_data["phone"],
            by=_who(request),
            at=clock.machine_now(),
        )
    except AccountExistsError:
        return page(request, "existing", HTTPStatus.CONFLICT, found=found)
    except UnableToJoinError:
        return _over(request)
    del request.session[KEPT]
    return sign_in(request, membership.user, home_of(membership))


def _attach(request: HttpRequest, found: Invitation) -> HttpResponse:
    is_sent = request.method == "POST"
    form = PhoneForm(request.POST if is_sent else None, initial={"phone": found.guardian.phone})
    refused = _not_this_account(request, found)
    if refused is not None:
        return refused
    if not is_sent or not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY if is_sent else HTTPStatus.OK
        return page(request, "attach", status, found=found, form=form)
    try:
        membership = complete_activation(
            found,
            user=request.user,  # type: ignore[arg-type]
            password="",
            phone=form.cleaned_data["phone"],
            by=_who(request),
            at=clock.machine_now(),
        )
    except UnableToJoinError:
        # What was so a moment ago, or that somebody else came in by it.
        return _not_this_account(request, found) or _over(request)
    del request.session[KEPT]
    return SeeOther(home_of(membership))


def _not_this_account(request: HttpRequest, found: Invitation) -> HttpResponse | None:
    """Will say why the account that is signed in does not come in by a link, if something but the link is."""
    if Membership.objects.filter(user=request.user.pk, family=found.family_id).exists():
        return page(request, "taken", _status(request), found=found)
    if not may_come_in(request.user, found.guardian):  # type: ignore[arg-type]  # signed in
        return page(request, "removed", _status(request), words=wording.REMOVED)
    return None


@public
@require_http_methods(["GET", "HEAD", "POST"])
def ask_again(request: HttpRequest) -> HttpResponse:
    """Will have the link sent again to an address, if one waits there; the answer is the same for every address."""
    if request.method != "POST":
        return page(request, "again", form=AddressForm())
    form = AddressForm(request.POST)
    if not form.is_valid():
        return page(request, "again", HTTPStatus.UNPROCESSABLE_ENTITY, form=form)
    email = form.cleaned_data["email"]
    refused = too_often(request, "ask_for_link", key=email)
    if refused is not None:
        return refused
    ask_for_link(email, by=_who(request), at=clock.machine_now())
    return SeeOther(reverse("activation_again_sent"))


@public
@require_safe
def asked_again(request: HttpRequest) -> HttpResponse:
    """Will say that a letter was written."""
    return page(request, "again_sent", days=settings.INVITATION_DAYS)


def _over(request: HttpRequest) -> HttpResponse:
    """Will say that a link does not serve, in the same words whatever the reason."""
    return page(request, "over", HTTPStatus.GONE)


def _status(request: HttpRequest) -> int:
    return HTTPStatus.CONFLICT if request.method == "POST" else HTTPStatus.OK


def _who(request: HttpRequest) -> Actor:
    return Actor(ActorKind.FAMILY, request.user.pk)
