"""What the sign-in library does by itself is noted and told like the rest: each of its signals becomes one write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_in

from marelle.domain.accounts.models import SecurityEvent
from marelle.domain.accounts.operations.security import end_sessions, note_event
from marelle.domain.accounts.queries import devices_of
from marelle.foundation import clock
from marelle.foundation.actors import Actor, ActorKind
from marelle.web.account.sessions import SID, device_of, keep_signed_in, note_opening

if TYPE_CHECKING:
    from django.http import HttpRequest

    from marelle.domain.accounts.models import User

KIND = SecurityEvent.Kind
TYPE = Authenticator.Type
ADDED: Final = {TYPE.WEBAUTHN: KIND.PASSKEY_ADDED, TYPE.TOTP: KIND.APP_ADDED}
REMOVED: Final = {TYPE.WEBAUTHN: KIND.PASSKEY_REMOVED, TYPE.TOTP: KIND.APP_REMOVED}


def listen() -> None:
    """Will have each signal noted."""
    user_logged_in.connect(note_opening, dispatch_uid="marelle.note_opening")
    for signal in (account.password_changed, account.password_set):
        signal.connect(_password_changed, dispatch_uid="marelle.password_changed")
    account.password_reset.connect(_password_reset, dispatch_uid="marelle.password_reset")
    mfa.authenticator_added.connect(_added, dispatch_uid="marelle.authenticator_added")
    mfa.authenticator_removed.connect(_removed, dispatch_uid="marelle.authenticator_removed")
    mfa.authenticator_reset.connect(_reset, dispatch_uid="marelle.authenticator_reset")
    mfa.authenticator_used.connect(_used, dispatch_uid="marelle.authenticator_used")


def actor_of(request: HttpRequest, user: User) -> Actor:
    """Will return who acts on her own account: it is a person's, whatever else she is on other sites."""
    return Actor(ActorKind.FAMILY, user.pk)


def where(request: HttpRequest) -> dict[str, str]:
    """Will return the site and the device from which something is done, as the writes ask for them."""
    return {"site": getattr(request, "site", ""), "device": device_of(request)}


def _note(request: HttpRequest, user: User, kind: str) -> None:
    note_event(user.pk, kind, **where(request), by=actor_of(request, user), at=clock.machine_now())


def _password_changed(*, request: HttpRequest, user: User, **_signal: Any) -> None:
    _end_the_others(request, user)
    _note(request, user, KIND.PASSWORD_CHANGED)


def _password_reset(*, request: HttpRequest, user: User, **_signal: Any) -> None:
    _end_the_others(request, user)
    _note(request, user, KIND.PASSWORD_RESET)


def _end_the_others(request: HttpRequest, user: User) -> None:
    # Their signature is already void: what remains of them must not be listed as open.
    at = clock.machine_now()
    here = request.session.session_key
    keys = [one.session.session_key for one in devices_of(user.pk, at=at) if one.session.session_key != here]
    end_sessions(user.pk, keys, by=actor_of(request, user), at=at)
    if request.user.pk == user.pk and request.session.get(SID):
        keep_signed_in(user, request.session[SID])


def _added(*, request: HttpRequest, user: User, authenticator: Authenticator, **_signal: Any) -> None:
    if authenticator.type in ADDED:
        _note(request, user, ADDED[authenticator.type])
    else:
        _mark_shown(authenticator)


def _removed(*, request: HttpRequest, user: User, authenticator: Authenticator, **_signal: Any) -> None:
    # Recovery codes go with the last of the others, which is told.
    if authenticator.type in REMOVED:
        _note(request, user, REMOVED[authenticator.type])


def _reset(*, request: HttpRequest, user: User, authenticator: Authenticator, **_signal: Any) -> None:
    _mark_shown(authenticator)
    _note(request, user, KIND.CODES_MADE)


def _used(*, request: HttpRequest, user: User, authenticator: Authenticator, **_signal: Any) -> None:
    if authenticator.type == TYPE.RECOVERY_CODES:
        _note(request, user, KIND.CODE_USED)


def _mark_shown(codes: Authenticator) -> None:
    # The library would note that they are seen when their page is opened, and a page that is opened writes nothing.
    codes.wrap().mark_as_viewed()
