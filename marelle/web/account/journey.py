"""Signing in on a site by the account site, and out of all of them: what our sites other than the account's answer.

The secrets of a journey wait in the session of the browser that began it. Whoever is signed in on the account site
already comes back without having seen a page.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from marelle.connectors.openid.client import IdentityNotProvenError, Journey, Reason, begin, end_session_url, exchange
from marelle.domain.accounts.models import User
from marelle.foundation import clock
from marelle.web.account.our_provider import provider_for, return_address, url_of
from marelle.web.account.sessions import LONGEST_SID, SID
from marelle.web.doors import public
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

KEPT: Final = "journeys"  # of the session: state, then nonce, verifier, where to go on, begun when
ID_TOKEN: Final = "id_token"  # noqa: S105  a name: signing out says to the account site whose session to end
# Time to find a password, an application, or a letter; and the tabs of somebody who opens many.
LASTS: Final = timedelta(hours=2)
MOST: Final = 5
BACKEND: Final = "allauth.account.auth_backends.AuthenticationBackend"
STATUS_OF: Final = {
    Reason.CODE_REFUSED: HTTPStatus.FORBIDDEN,
    Reason.UNREACHABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Reason.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}
ERRORS_OF_THE_MOMENT: Final = ("server_error", "temporarily_unavailable")


@public
@require_safe
def sign_in(request: HttpRequest) -> HttpResponse:
    """Will begin a journey to the account site, or go on at once when somebody is signed in here."""
    following = _within_the_site(request, request.GET.get("next", ""))
    if request.user.is_authenticated:
        return HttpResponseRedirect(following)
    site = _site(request)
    journey = begin(provider_for(site), redirect_uri=return_address(site))
    now = clock.machine_now()
    kept = {
        state: said
        for state, said in request.session.get(KEPT, {}).items()
        if now - datetime.fromisoformat(said[-1]) < LASTS
    }
    latest = list(kept.items())[1 - MOST :]
    said = [journey.nonce, journey.verifier, following, now.isoformat()]
    request.session[KEPT] = dict([*latest, (journey.state, said)])
    # Programs that follow every link leave such sessions by the thousand.
    request.session.set_expiry(int(LASTS.total_seconds()))
    return HttpResponseRedirect(journey.url)


@public
@require_GET
def come_back(request: HttpRequest) -> HttpResponse:
    """Will end a journey: whoever the account site names is signed in here, and goes on where she was."""
    journeys = dict(request.session.get(KEPT, {}))
    said = journeys.pop(request.GET.get("state", ""), None)
    if said is None:
        return _again(request, HTTPStatus.BAD_REQUEST)
    request.session[KEPT] = journeys
    nonce, verifier, following, begun = said
    now, site = clock.machine_now(), _site(request)
    provider = provider_for(site)
    if now - datetime.fromisoformat(begun) >= LASTS:
        return _again(request, HTTPStatus.GONE, following)
    if "error" in request.GET or request.GET.get("iss", provider.issuer) != provider.issuer:
        is_passing = request.GET.get("error", "") in ERRORS_OF_THE_MOMENT
        return _again(request, HTTPStatus.SERVICE_UNAVAILABLE if is_passing else HTTPStatus.FORBIDDEN, following)
    journey = Journey(request.GET["state"], nonce, verifier)
    try:
        tokens = exchange(provider, journey, request.GET.get("code", ""), redirect_uri=return_address(site), at=now)
    except IdentityNotProvenError as error:
        return _again(request, STATUS_OF.get(error.reason, HTTPStatus.BAD_GATEWAY), following)
    user = User.objects.filter(public_id=tokens.claims["sub"], is_active=True).first()
    sid = tokens.claims.get("sid")
    if user is None or not isinstance(sid, str) or not 0 < len(sid) <= LONGEST_SID:
        return _again(request, HTTPStatus.FORBIDDEN, following)
    login(request, user, backend=BACKEND)
    request.session[SID], request.session[ID_TOKEN] = sid, tokens.id_token
    request.session.set_expiry(settings.SESSION_COOKIE_AGE)
    return HttpResponseRedirect(following)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Will ask first; a POST signs out here, then leads to the account site, which signs out everywhere."""
    if request.method != "POST":
        return render(request, "account/logout.html") if request.user.is_authenticated else HttpResponseRedirect("/")
    id_token, site = request.session.get(ID_TOKEN, ""), _site(request)
    logout(request)
    home = f"{url_of(site)}/"
    return SeeOther(end_session_url(provider_for(site), id_token, home) if id_token else "/")


def _again(request: HttpRequest, status: int, following: str = "/") -> HttpResponse:
    """Will say calmly that nobody is signed in, and propose to begin again."""
    context: dict[str, Any] = {
        "again_url": f"{reverse('account_login')}?{urlencode({'next': following})}",
        "is_theirs": status >= HTTPStatus.INTERNAL_SERVER_ERROR,
    }
    return render(request, "account/journey_over.html", context, status=status)


def _within_the_site(request: HttpRequest, url: str) -> str:
    """Will return `url` if it is an address of this very site, else its first page."""
    is_ours = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if is_ours and not url.startswith(reverse("account_login")) else "/"


def _site(request: HttpRequest) -> str:
    return str(request.site)  # type: ignore[attr-defined]  # of HostMiddleware
