"""Leaving for FranceConnect or ProConnect and coming back: who is known is signed in, who is not is told what to do."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import get_next_redirect_url, perform_login
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET, require_POST

from marelle.connectors.openid.client import IdentityNotProvenError
from marelle.domain.accounts.models import Identity
from marelle.domain.accounts.operations.identities import UnableToLinkError, link_identity, note_identity_used
from marelle.domain.accounts.queries import agents_at, identity_of
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.web.account.identities import quotient, wording
from marelle.web.account.identities.journeys import ENTER, LINK, QUOTIENT, hold, let_wait, take
from marelle.web.account.identities.setting_out import set_out
from marelle.web.account.identities.ways import PROCONNECT, TITLES, address, plugged
from marelle.web.account.notices import where
from marelle.web.doors import public, sent_back

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.connectors.franceconnect.access import Recognized
    from marelle.connectors.proconnect.access import RecognizedAgent
    from marelle.domain.accounts.models import User
    from marelle.web.account.identities.journeys import Kept

PAGES = "account/identities"
CANCELLED = "access_denied"


@public
@require_POST
def begin_enter(request: HttpRequest, provider: str) -> HttpResponse:
    """Will lead to the provider somebody who wants to sign in by it."""
    going_on = get_next_redirect_url(request, "next") or ""
    return set_out(request, provider, purpose=ENTER, going_on=going_on)


class _NobodyError(Exception):
    """Nobody is recognized: the page that says so, and its status."""

    def __init__(self, page: str, status: int, kept: Kept | None = None) -> None:
        super().__init__(page)
        self.page, self.status, self.kept = page, status, kept


@sent_back
@require_GET
def come_back(request: HttpRequest, provider: str) -> HttpResponse:
    """Will end the journey that this session began, once: sign in, let an identity wait, or ask for a quotient."""
    connector = plugged(provider)
    try:
        kept, found = _recognized(request, provider, connector)
    except _NobodyError as nobody:
        return _page(request, nobody.page, provider, nobody.status, nobody.kept)
    if kept.purpose == QUOTIENT:
        return quotient.record(request, kept, connector, found)
    if kept.purpose == LINK:
        return _wait(request, kept, connector, found, "franceconnect_attach")
    if provider == PROCONNECT:
        return _enter_as_agent(request, kept, connector, found)
    identity = identity_of(connector.issuer, found.subject)
    if identity is None:
        return _wait(request, kept, connector, found, "franceconnect_unknown")
    return _sign_in(request, kept, identity, found.id_token, ActorKind.FAMILY)


def _recognized(request: HttpRequest, provider: str, connector: Any) -> tuple[Kept, Any]:
    """Will return the journey that ends here and who came back; raises _NobodyError."""
    state = request.GET.get("state", "")
    kept = take(request, provider, state)
    # Somebody else may have signed in meanwhile, or she has signed out: what was begun is not hers to end.
    if kept is None or kept.user not in {None, request.user.pk}:
        raise _NobodyError("over", HTTPStatus.GONE)
    if request.GET.get("error") == CANCELLED:
        raise _NobodyError("cancelled", HTTPStatus.OK, kept)
    if "error" in request.GET or request.GET.get("iss", connector.issuer) != connector.issuer:
        raise _NobodyError("failed", HTTPStatus.BAD_GATEWAY, kept)
    try:
        found = connector.recognize(
            kept.as_journey(state),
            request.GET.get("code", ""),
            redirect_uri=address(f"{provider}_return"),
            at=clock.machine_now(),
        )
    except IdentityNotProvenError:
        raise _NobodyError("failed", HTTPStatus.BAD_GATEWAY, kept) from None
    return kept, found


def _enter_as_agent(request: HttpRequest, kept: Kept, connector: Any, found: RecognizedAgent) -> HttpResponse:
    """Will sign in an agent whom her authority has registered: by address and SIRET first, by what is tied then."""
    identity = identity_of(connector.issuer, found.subject)
    with tenancy.every_authority():
        if identity is not None:
            is_agent = agents_at(found.siret, user=identity.user_id).exists()
            user = identity.user_id if is_agent else None
        else:
            user = agents_at(found.siret, email=found.email).values_list("user_id", flat=True).first()
    if user is None:
        return _refuse_agent(request, kept, found, wording.UNKNOWN_AGENT)
    if identity is None:
        try:
            identity = link_identity(
                user,
                PROCONNECT,
                connector.issuer,
                found.subject,
                **where(request),
                by=Actor(ActorKind.AGENT, user),
                at=clock.machine_now(),
            )
        except UnableToLinkError:
            return _refuse_agent(request, kept, found, wording.ANOTHER_AGENT)
    return _sign_in(request, kept, identity, found.id_token, ActorKind.AGENT)


def _refuse_agent(request: HttpRequest, kept: Kept, found: RecognizedAgent, why: str) -> HttpResponse:
    # Otherwise ProConnect would answer the same at each new try, without asking who is there.
    hold(request, PROCONNECT, found.id_token)
    return _page(request, "refused", PROCONNECT, HTTPStatus.FORBIDDEN, kept, why=why)


def _sign_in(request: HttpRequest, kept: Kept, identity: Identity, id_token: str, side: ActorKind) -> HttpResponse:
    """Will sign in the account of an identity; its second factor, if it has one, is asked for as after a password."""
    user: User = identity.user
    note_identity_used(identity, by=Actor(side, user.pk), at=clock.machine_now())
    hold(request, kept.provider, id_token)
    record_authentication(request, user, method=kept.provider)
    response: HttpResponse = perform_login(request, user, email_verification="none", redirect_url=kept.going_on or None)
    hold(request, kept.provider, id_token)  # signing in over another account's session empties it
    return response


def _wait(request: HttpRequest, kept: Kept, connector: Any, found: Recognized, page: str) -> HttpResponse:
    let_wait(
        request,
        provider=kept.provider,
        issuer=connector.issuer,
        subject=found.subject,
        name=found.name,
        id_token=found.id_token,
        going_on=kept.going_on,
        user=kept.user,
    )
    return HttpResponseRedirect(reverse(page))


def _page(
    request: HttpRequest, name: str, provider: str, status: int, kept: Kept | None = None, **more: Any
) -> HttpResponse:
    """Will show why nobody was signed in, and how to go on; nothing has changed."""
    context = {
        "title": TITLES[provider],
        "provider": provider,
        "begin_url": reverse(f"{provider}_begin"),
        "forget_url": reverse(f"{provider}_forget"),
        "going_on": kept.going_on if kept else "",
        "is_entering": kept is None or kept.purpose == ENTER,
        **more,
    }
    response = render(request, f"{PAGES}/{name}.html", context, status=status)
    patch_cache_control(response, private=True, no_store=True)
    return response
