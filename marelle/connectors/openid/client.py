"""The journey of somebody who signs in elsewhere: begun here, gone through there, ended here.

Authorization code only (OpenID Connect Core 1.0, 3.1), with PKCE S256, state and nonce. What comes back proves who
somebody is, or `IdentityNotProvenError` says in one word why not. No token and nothing about a person reaches a log.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus, urlencode

from marelle.connectors.openid.calls import answer_of, object_of
from marelle.connectors.openid.claims import verify_addressed, verify_identity, verify_moment, verify_subject
from marelle.connectors.openid.provider import Provider
from marelle.connectors.openid.refusals import IdentityNotProvenError, Reason
from marelle.connectors.openid.signatures import signed_claims

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = [
    "IdentityNotProvenError",
    "Journey",
    "Provider",
    "Reason",
    "Tokens",
    "begin",
    "end_session_url",
    "exchange",
    "userinfo",
]

LONGEST_CODE: Final = 2048
OK: Final = 200
BAD_REQUEST: Final = 400
UNAUTHORIZED: Final = 401

log = logging.getLogger("marelle.connectors.openid")


@dataclass(frozen=True, slots=True)
class Journey:
    """What the site remembers between the two ends, and where the browser goes meanwhile."""

    state: str
    nonce: str
    verifier: str = field(repr=False)
    url: str = ""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What was proven: `claims` of the verified identity token, and the tokens themselves."""

    id_token: str = field(repr=False)
    claims: Mapping[str, Any] = field(repr=False)
    access_token: str = field(repr=False)
    obtained_at: datetime


def begin(provider: Provider, *, redirect_uri: str, extra: Mapping[str, str] | None = None) -> Journey:
    """Will draw the secrets of a journey and return them with the address to send the browser to.

    `extra` adds parameters of the request (`prompt`, `login_hint`…); it changes none of those of the protocol.
    """
    state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(max(provider.nonce_length, 32))
    verifier = secrets.token_urlsafe(48) if provider.has_pkce else ""
    asked = {
        **(extra or {}),
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(provider.scopes),
        "state": state,
        "nonce": nonce,
    }
    if provider.acr_values:
        asked["acr_values"] = provider.acr_values
    if verifier:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    return Journey(state, nonce, verifier, f"{provider.authorization_endpoint}?{urlencode(asked)}")


def exchange(provider: Provider, journey: Journey, code: str, *, redirect_uri: str, at: datetime) -> Tokens:
    """Will give the code that came back for what it proves; `at` is machine time; raises IdentityNotProvenError."""
    try:
        return _exchanged(provider, journey, code, redirect_uri, at)
    except IdentityNotProvenError as error:
        log.warning("identity not proven: %s", error.reason.name)
        raise


def userinfo(provider: Provider, tokens: Tokens) -> dict[str, Any]:
    """Will return what the provider knows of whoever the tokens name, and of nobody else.

    Signed if that was agreed on (`signed_userinfo`), and then nothing unsigned is read. Raises IdentityNotProvenError.
    """
    try:
        return _known(provider, tokens)
    except IdentityNotProvenError as error:
        log.warning("nothing known of an identity: %s", error.reason.name)
        raise


def end_session_url(provider: Provider, id_token: str, post_logout_redirect_uri: str, state: str = "") -> str:
    """Will return where to send the browser so that the provider ends its own session too."""
    asked = {"id_token_hint": id_token, "post_logout_redirect_uri": post_logout_redirect_uri}
    if state:
        asked["state"] = state
    return f"{provider.end_session_endpoint}?{urlencode(asked)}"


def _exchanged(provider: Provider, journey: Journey, code: str, redirect_uri: str, at: datetime) -> Tokens:
    if not 0 < len(code) <= LONGEST_CODE:
        raise IdentityNotProvenError(Reason.CODE_REFUSED)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    if journey.verifier:
        form["code_verifier"] = journey.verifier
    headers = {}
    if provider.client_auth == "basic":  # each half is written as in a form, then joined (RFC 6749, 2.3.1)
        pair = f"{quote_plus(provider.client_id)}:{quote_plus(provider.client_secret)}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    else:
        form |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
    status, _kind, body = answer_of(provider, provider.token_endpoint, form=form, headers=headers)
    if status != OK:
        raise IdentityNotProvenError(_refusal(status, body))
    said = object_of(body)
    id_token, access_token, kind = said.get("id_token"), said.get("access_token"), said.get("token_type")
    if not isinstance(id_token, str) or not isinstance(access_token, str) or not access_token.isascii():
        raise IdentityNotProvenError(Reason.UNREADABLE)
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise IdentityNotProvenError(Reason.UNREADABLE)
    claims, algorithm = signed_claims(provider, id_token)
    verify_identity(provider, claims, algorithm=algorithm, nonce=journey.nonce, access_token=access_token, at=at)
    return Tokens(id_token, claims, access_token, at)


def _refusal(status: int, body: bytes) -> Reason:
    """Will return what a refusal at the token endpoint means (RFC 6749, 5.2)."""
    if status not in {BAD_REQUEST, UNAUTHORIZED}:
        return Reason.UNREADABLE
    match object_of(body).get("error"):
        case "invalid_grant":
            return Reason.CODE_REFUSED
        case "invalid_client" | "unauthorized_client":
            return Reason.CLIENT_REFUSED
        case _:
            return Reason.UNREADABLE


def _known(provider: Provider, tokens: Tokens) -> dict[str, Any]:
    kind = "application/jwt" if provider.signed_userinfo else "application/json"
    status, said_kind, body = answer_of(
        provider,
        provider.userinfo_endpoint,
        headers={"Authorization": f"Bearer {tokens.access_token}"},
        accept=kind,
    )
    if status != OK or said_kind != kind:
        raise IdentityNotProvenError(Reason.UNREADABLE)
    if provider.signed_userinfo:
        claims, _algorithm = signed_claims(provider, body.decode("ascii", "replace").strip())
        verify_addressed(provider, claims)
        verify_moment(claims, at=tokens.obtained_at, needed=())
    else:
        claims = object_of(body)
    verify_subject(claims, tokens.claims["sub"])
    return claims
