"""Where a site sends a person who leaves it: her session here ends, and those that it opened.

OpenID Connect RP-Initiated Logout 1.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from allauth.core.internal.httpkit import add_query_params
from allauth.idp.oidc.models import Client
from django.contrib.auth import logout
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from marelle.domain.accounts.models import Session, Site
from marelle.domain.accounts.rules.clients import is_own
from marelle.web.account.provider.keys import read_hint
from marelle.web.account.provider.proving import sid_of
from marelle.web.doors import public
from marelle.web.form_ends import let_forms_lead_to

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

NAMES = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")
LONGEST = 8000
STAY = "stay"


class BadRequestToLeaveError(Exception):
    """What was asked does not hold together: nothing is ended, and nobody is sent anywhere."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """What a site asks, looked at."""

    client: Client | None
    hint: Mapping[str, str] | None
    then: str  # where the person goes afterwards; empty: a page of ours


@public
@csrf_exempt  # a site's form may come here: it is only led to the address it spells
@require_http_methods(["GET", "HEAD", "POST"])
def end_session(request: HttpRequest) -> HttpResponse:
    """Will end the session that one of our sites names, or ask the person; then she goes where the site declared."""
    if request.method == "POST":
        return HttpResponseRedirect(f"{request.path}?{request.POST.urlencode()[:LONGEST]}")
    try:
        asked = _understand(request.GET)
    except BadRequestToLeaveError:
        return render(request, "account/provider/refused.html", {"is_leaving": True}, status=HTTPStatus.BAD_REQUEST)
    if asked.client and asked.hint and is_own(asked.client.pk):
        if not request.user.is_authenticated:
            # Her session here is not in this browser any more; it may still be open, and hold those of other sites.
            Session.objects.filter(sid=asked.hint["sid"], site=Site.ACCOUNT, user__public_id=asked.hint["sub"]).delete()
            return _gone(request, asked)
        if asked.hint["sid"] == sid_of(request) and asked.hint["sub"] == request.user.public_id:
            return _leave(request, asked)
    if not request.user.is_authenticated:
        return _gone(request, asked)
    page = render(
        request,
        "account/provider/leave.html",
        {
            "asked": [(name, request.GET[name]) for name in NAMES if request.GET.get(name)],
            "client_name": asked.client.name if asked.client else "",
        },
    )
    let_forms_lead_to(page, [asked.then] if asked.then else ())
    return page


@public
@require_POST
def end_session_answer(request: HttpRequest) -> HttpResponse:
    """Will end the session of the person who answers, or keep it, as she says."""
    try:
        asked = _understand(request.POST)
    except BadRequestToLeaveError:
        return render(request, "account/provider/refused.html", {"is_leaving": True}, status=HTTPStatus.BAD_REQUEST)
    if request.POST.get("answer") == STAY:
        return HttpResponseRedirect(asked.then or "/")
    return _leave(request, asked)


def _understand(said: Mapping[str, str]) -> Leaving:
    """Will read what a site asks. Raises BadRequestToLeaveError: an address that it did not declare is one reason."""
    hint = read_hint(said.get("id_token_hint", ""))
    name = said.get("client_id", "")
    if hint is not None and name and name != hint["aud"]:
        raise BadRequestToLeaveError
    client = Client.objects.filter(pk=hint["aud"] if hint else name).first()
    if client is None and (hint is not None or name):
        raise BadRequestToLeaveError
    then = said.get("post_logout_redirect_uri", "")
    if then and (client is None or then not in client.get_post_logout_redirect_uris()):
        raise BadRequestToLeaveError
    if then and said.get("state"):
        then = add_query_params(then, {"state": said["state"]})
    return Leaving(client, hint, then)


def _leave(request: HttpRequest, asked: Leaving) -> HttpResponse:
    logout(request)
    return _gone(request, asked)


def _gone(request: HttpRequest, asked: Leaving) -> HttpResponse:
    return HttpResponseRedirect(asked.then) if asked.then else render(request, "account/provider/left.html")
