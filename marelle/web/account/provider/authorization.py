"""Where a site sends a person to say who she is: she signs in, accepts if the site is not ours, and goes back."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from allauth.core.internal.httpkit import add_query_params
from allauth.idp.oidc.internal.oauthlib.utils import get_uri
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST
from oauthlib.oauth2.rfc6749 import errors
from oauthlib.openid.connect.core.exceptions import ConsentRequired, LoginRequired

from marelle.domain.accounts.operations.consents import allow_site
from marelle.domain.accounts.queries import scopes_allowed
from marelle.domain.accounts.rules.clients import EMAIL, is_own
from marelle.foundation import clock
from marelle.web.account.notices import actor_of
from marelle.web.account.provider.keys import read_hint
from marelle.web.account.provider.proving import forget_mark, must_prove_again, page_of_proving, sid_of
from marelle.web.account.provider.server import Server
from marelle.web.account.provider.subjects import name_for
from marelle.web.doors import public
from marelle.web.form_ends import let_forms_lead_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from allauth.idp.oidc.models import Client
    from django.http import HttpRequest, HttpResponse

LONGEST_QUERY = 8000
ACCEPT = "accept"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that may be answered: every word of it was looked at."""

    client: Client
    scopes: tuple[str, ...]
    prompts: frozenset[str]
    max_age: int | None
    id_token_hint: str
    said: Any  # oauthlib's own request, to which its refusals belong

    @property
    def is_silent(self) -> bool:
        """Will tell whether the site wants an answer without any page."""
        return "none" in self.prompts


@public
@csrf_exempt  # another site's form may come here (Core 1.0, 3.1.2.1): it is only led to the address it spells
@require_http_methods(["GET", "HEAD", "POST"])
def authorization(request: HttpRequest) -> HttpResponse:
    """Will send a person back to the site that asks who she is, with a code; pages stand between as needed."""
    if request.method == "POST":
        return HttpResponseRedirect(f"{request.path}?{request.POST.urlencode()[:LONGEST_QUERY]}")

    def decide(asked: Asked) -> HttpResponse:
        page = _page_before(request, asked)
        if page is not None:
            return page
        if _is_consent_needed(request, asked):
            if asked.is_silent:
                raise ConsentRequired(request=asked.said)
            return _consent_page(request, asked)
        return _grant(request, asked)

    return _answer(request, decide)


@public
@require_POST
def consent(request: HttpRequest) -> HttpResponse:
    """Will remember that the person accepts the site that the address describes, or send it her refusal."""

    def decide(asked: Asked) -> HttpResponse:
        if request.POST.get("answer") != ACCEPT:
            raise errors.AccessDeniedError(request=asked.said)
        page = _page_before(request, asked)
        if page is not None:
            return page
        if not is_own(asked.client.pk):
            user = request.user
            allow_site(user.pk, asked.client.pk, asked.scopes, by=actor_of(request, user), at=clock.machine_now())  # type: ignore[arg-type]  # signed in
        return _grant(request, asked)

    return _answer(request, decide)


def _answer(request: HttpRequest, decide: Callable[[Asked], HttpResponse]) -> HttpResponse:
    """Will answer as `decide` says; a refusal goes to the site if the site is known, else it is a page of ours."""
    try:
        return decide(_understand(request))
    except errors.FatalClientError as error:
        return _refusal_page(request, error)
    except errors.OAuth2Error as error:
        if not error.redirect_uri:
            return _refusal_page(request, error)
        forget_mark(request)
        error.response_mode = None
        return _back(error.in_uri(error.redirect_uri))


def _query(request: HttpRequest) -> tuple[str, str, str, dict[str, str]]:
    """Will return the request as oauthlib reads it: its address, whose words are all there is of it."""
    return get_uri(request), "GET", "", {}


def _understand(request: HttpRequest) -> Asked:
    """Will read the request. Raises OAuth2Error, of which FatalClientError must not be sent to the site."""
    query = request.META.get("QUERY_STRING", "")
    if len(query) > LONGEST_QUERY or any(len(values) > 1 for _name, values in request.GET.lists()):
        raise errors.InvalidRequestFatalError
    try:
        scopes, info = Server().validate_authorization_request(*_query(request))
    except ValueError as error:
        raise errors.InvalidRequestFatalError from error
    said = info["request"]
    return Asked(
        client=said.client,
        scopes=tuple(scopes),
        prompts=frozenset(info["prompt"]),
        max_age=int(said.max_age) if said.max_age else None,
        id_token_hint=said.id_token_hint or "",
        said=said,
    )


def _page_before(request: HttpRequest, asked: Asked) -> HttpResponse | None:
    """Will return the page where the person signs in or proves again who she is, if the answer waits for it."""
    here = f"{reverse('oidc_authorization')}?{request.META.get('QUERY_STRING', '')}"
    must_prove = must_prove_again(request, asked.prompts, asked.max_age)
    if not request.user.is_authenticated or must_prove:
        if asked.is_silent:
            raise LoginRequired(request=asked.said)
        return page_of_proving(request, here) if request.user.is_authenticated else redirect_to_login(here)
    if asked.id_token_hint:
        hint = read_hint(asked.id_token_hint)
        expected = (asked.client.pk, name_for(asked.client, request.user.public_id))  # type: ignore[union-attr]
        if hint is None or (hint["aud"], hint["sub"]) != expected:
            raise LoginRequired(request=asked.said)
    return None


def _is_consent_needed(request: HttpRequest, asked: Asked) -> bool:
    if is_own(asked.client.pk):
        return False
    allowed = scopes_allowed(request.user.pk or 0, asked.client.pk)
    return "consent" in asked.prompts or not set(asked.scopes) <= allowed


def _consent_page(request: HttpRequest, asked: Asked) -> HttpResponse:
    where = asked.said.redirect_uri
    page = render(
        request,
        "account/provider/consent.html",
        {
            "client_name": asked.client.name,
            "client_host": urlsplit(where).hostname,
            "gives_email": EMAIL in asked.scopes,
            "action": f"{reverse('oidc_consent')}?{request.META.get('QUERY_STRING', '')}",
        },
    )
    let_forms_lead_to(page, [where])
    return page


def _grant(request: HttpRequest, asked: Asked) -> HttpResponse:
    sid_of(request)
    forget_mark(request)
    headers, _body, _status = Server().create_authorization_response(
        *_query(request), scopes=list(asked.scopes), credentials={"user": request.user}
    )
    return _back(headers["Location"])


def _back(address: str) -> HttpResponse:
    """Will send the person back to the site; who answers is said too, for those that ask several (RFC 9207)."""
    return HttpResponseRedirect(add_query_params(address, {"iss": settings.ACCOUNT_URL}))


def _refusal_page(request: HttpRequest, error: errors.OAuth2Error) -> HttpResponse:
    is_address = isinstance(error, errors.MismatchingRedirectURIError | errors.InvalidRedirectURIError)
    is_site = isinstance(error, errors.InvalidClientIdError | errors.MissingClientIdError)
    return render(
        request,
        "account/provider/refused.html",
        {"is_address": is_address, "is_site": is_site},
        status=HTTPStatus.BAD_REQUEST,
    )
