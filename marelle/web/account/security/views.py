"""The page of security, and signing out of other devices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.accounts.models import Site
from marelle.domain.accounts.operations.consents import withdraw_site
from marelle.domain.accounts.operations.security import end_sessions, sign_out_everywhere
from marelle.domain.accounts.queries import (
    Device,
    agents_of,
    consents_of,
    devices_of,
    email_change_waiting,
    recent_events,
)
from marelle.domain.accounts.rules.clients import EMAIL
from marelle.foundation import clock, tenancy
from marelle.web.account.confirming import confirmed_recently
from marelle.web.account.notices import actor_of, where
from marelle.web.account.security import wording
from marelle.web.account.sessions import handle_of
from marelle.web.doors import signed_in

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.accounts.models import SecurityEvent

SITES = dict(Site.choices)
TYPE = Authenticator.Type


@dataclass(frozen=True, slots=True)
class PasskeyView:
    """A passkey of the list."""

    handle: str
    name: str
    added: str
    used: str


@dataclass(frozen=True, slots=True)
class SessionView:
    """A device of the list."""

    handle: str
    device: str
    sites: str
    opened: str
    seen: str
    is_this_one: bool


@dataclass(frozen=True, slots=True)
class AccessView:
    """A site of others that knows the account."""

    client: str
    name: str
    knows: str
    given: str


@dataclass(frozen=True, slots=True)
class EventView:
    """Something that happened."""

    what: str
    when: str
    whence: str


@require_safe
@signed_in
def security(request: HttpRequest) -> HttpResponse:
    """Will show what opens the account, where it is open, and what changed lately."""
    user = request.user
    at = clock.machine_now()
    factors = list(Authenticator.objects.filter(user_id=user.pk).order_by("created_at", "pk"))
    codes = next((one.wrap() for one in factors if one.type == TYPE.RECOVERY_CODES), None)
    app = next((one for one in factors if one.type == TYPE.TOTP), None)
    passkeys = [_passkey_view(one) for one in factors if one.type == TYPE.WEBAUTHN]
    context = {
        "passkeys": passkeys,
        "app_added": wording.day(app.created_at) if app else "",
        "codes_left": len(codes.get_unused_codes()) if codes else None,
        "is_factor_missing": settings.AGENTS_SECOND_FACTOR and not (passkeys or app) and _is_agent(user.pk or 0),
        "sessions": [_session_view(request, one) for one in devices_of(user.pk or 0, at=at)],
        "accesses": [
            AccessView(
                one.client,
                name,
                str(wording.KNOWS_ADDRESS if EMAIL in one.scopes.split() else wording.KNOWS_NUMBER),
                wording.day(one.given_at),
            )
            for one, name in consents_of(user.pk or 0)
        ],
        "events": [_event_view(one) for one in recent_events(user.pk or 0)],
        "change": email_change_waiting(user.pk or 0, at=at),
    }
    return render(request, "account/security/page.html", context)


@require_POST
@signed_in
def end_session(request: HttpRequest, session: str) -> HttpResponse:
    """Will sign the account out of one of its devices; of this very one, it leads to the page of signing in."""
    at = clock.machine_now()
    user = request.user.pk or 0
    found = [one.session.session_key for one in devices_of(user, at=at) if constant_time_compare(_handle(one), session)]
    if request.session.session_key in found:
        logout(request)
        return HttpResponseRedirect(reverse("account_login"))
    ended = end_sessions(user, found, by=actor_of(request, request.user), at=at)  # type: ignore[arg-type]
    messages.success(request, str(wording.SESSION_ENDED if ended else wording.SESSION_GONE))
    return HttpResponseRedirect(reverse("security"))


@require_POST
@signed_in
def withdraw_access(request: HttpRequest, client: str) -> HttpResponse:
    """Will take back what a site of others was given; it has nothing of the account from then on."""
    by = actor_of(request, request.user)  # type: ignore[arg-type]  # signed in
    was_given = withdraw_site(request.user.pk or 0, client, by=by, at=clock.machine_now())
    messages.success(request, str(wording.ACCESS_WITHDRAWN if was_given else wording.ACCESS_GONE))
    return HttpResponseRedirect(reverse("security"))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@confirmed_recently
def sign_out_everywhere_page(request: HttpRequest) -> HttpResponse:
    """Will ask whether to keep this device; a POST signs the account out of the others, or of all."""
    if request.method != "POST":
        return render(request, "account/security/everywhere.html")
    is_kept = request.POST.get("keep") == "this"
    sign_out_everywhere(
        request.user.pk or 0,
        keep=request.session.session_key if is_kept else None,
        **where(request),
        by=actor_of(request, request.user),  # type: ignore[arg-type]
        at=clock.machine_now(),
    )
    if not is_kept:
        logout(request)
        return HttpResponseRedirect(reverse("account_login"))
    messages.success(request, str(wording.OTHERS_ENDED))
    return HttpResponseRedirect(reverse("security"))


def _passkey_view(key: Authenticator) -> PasskeyView:
    return PasskeyView(
        handle_of("passkey", key.pk), key.wrap().name, wording.day(key.created_at), wording.day(key.last_used_at)
    )


def _is_agent(user: int) -> bool:
    with tenancy.every_authority():
        return agents_of(user).exists()


def _handle(device: Device) -> str:
    # Its key changes when its owner proves again who she is, and another tab may still show the list.
    return handle_of("session", device.session.sid)


def _session_view(request: HttpRequest, device: Device) -> SessionView:
    session = device.session
    return SessionView(
        handle=_handle(device),
        device=session.device or str(wording.UNKNOWN_PLACE),
        sites=", ".join(SITES[site] for site in device.sites),
        opened=wording.moment(session.opened_at),
        seen=wording.moment(device.seen_at),
        is_this_one=session.session_key == request.session.session_key,
    )


def _event_view(event: SecurityEvent) -> EventView:
    whence = ", ".join(filter(None, (event.device, SITES.get(event.site, "").lower())))
    return EventView(wording.KINDS.get(event.kind, event.kind), wording.moment(event.happened_at), whence)
