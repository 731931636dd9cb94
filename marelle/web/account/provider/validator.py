"""What the library would let through and we do not: each refusal of ours, at the moment when oauthlib asks."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from allauth.core import context
from allauth.core.internal.httpkit import extract_basic_auth
from allauth.idp.oidc import app_settings
from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.internal.oauthlib.request_validator import OAuthLibRequestValidator
from allauth.idp.oidc.internal.oauthlib.utils import get_validator_context
from allauth.idp.oidc.models import Client, Token
from oauthlib.oauth2.rfc6749 import errors

from marelle.domain.accounts.queries import is_open_under, is_secret_of
from marelle.domain.accounts.rules.clients import OPENID
from marelle.foundation import clock
from marelle.web.account.provider import keys
from marelle.web.account.provider.codes import OF_CODE, OF_SESSION, Granted, keep_code, take_code
from marelle.web.account.provider.proving import proved_at, sid_of
from marelle.web.account.provider.subjects import name_for

if TYPE_CHECKING:
    from oauthlib.common import Request

S256 = "S256"
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # what SHA-256 makes, in base64url
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636, 4.1
LONGEST = 1024  # of what is given back as it came: `state`, `nonce`
NOT_SUPPORTED = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}


class NotSupportedError(errors.OAuth2Error):  # type: ignore[misc]  # oauthlib publishes no types
    """A way of asking that OpenID Connect has a name for refusing (Core 1.0, 3.1.2.6)."""

    def __init__(self, name: str, *, request: Request) -> None:
        """Will be refused by that name."""
        super().__init__(request=request)
        self.error = name


def refuse_loose_requests(request: Request) -> dict[str, Any]:
    """Will raise OAuth2Error, which goes back to the site, unless the request of authorization is as strict as ours."""
    for name, refused in NOT_SUPPORTED.items():
        if getattr(request, name, None):
            raise NotSupportedError(refused, request=request)
    if request.response_type != Client.ResponseType.CODE:
        raise errors.UnsupportedResponseTypeError(request=request)
    if OPENID not in (request.scope or "").split():
        raise errors.InvalidScopeError("openid is required.", request=request)
    _refuse_loose_proof(request)
    is_bad = {
        "state": not request.state or len(request.state) > LONGEST,
        "nonce": len(request.nonce or "") > LONGEST,
        "response_mode": request.response_mode not in {None, "query"},
        "max_age": not re.fullmatch(r"[0-9]{0,9}", request.max_age or ""),
    }
    for name, bad in is_bad.items():
        if bad:
            message = f"{name} is missing or malformed."
            raise errors.InvalidRequestError(message, request=request)
    return {}


def _refuse_loose_proof(request: Request) -> None:
    if not request.code_challenge:
        raise errors.MissingCodeChallengeError(request=request)
    if request.code_challenge_method != S256:
        message = "code_challenge_method must be S256."
        raise errors.UnsupportedCodeChallengeMethodError(message, request=request)
    if not CHALLENGE.fullmatch(request.code_challenge):
        message = "code_challenge is malformed."
        raise errors.InvalidRequestError(message, request=request)


class Validator(OAuthLibRequestValidator):  # type: ignore[misc]  # oauthlib publishes no types
    """The library's answers, but where ours are narrower. `Request` is oauthlib's, one for each exchange."""

    _taken: tuple[Token, Granted] | None = None

    # ------------------------------------------------------------------------------------------- who the site is

    def validate_redirect_uri(self, client_id: str, redirect_uri: str, request: Request, *_a: Any, **_k: Any) -> bool:
        """Will take an address that was declared, sign by sign."""
        return redirect_uri in request.client.get_redirect_uris()

    def client_authentication_required(self, request: Request, *_a: Any, **_k: Any) -> bool:
        """Will ask every site for its secret."""
        return True

    def authenticate_client(self, request: Request, *_a: Any, **_k: Any) -> bool:
        """Will know a site by its secret, given one way: in the header, or in the form."""
        name, secret = extract_basic_auth(request.headers)
        if name or secret:
            is_said_once = request.client_secret is None and request.client_id in {None, name}
        else:
            name, secret, is_said_once = (
                request.client_id,
                request.client_secret,
                "Authorization" not in request.headers,
            )
        if not (is_said_once and name and secret):
            return False
        client = self._lookup_client(request, name)
        if client is None or client.type != Client.Type.CONFIDENTIAL or not is_secret_of(client, secret):
            return False
        self._use_client(request, client)
        return True

    def validate_grant_type(self, client_id: str, grant_type: str, client: Any, request: Request, **_k: Any) -> bool:
        """Will exchange codes, and nothing else."""
        return grant_type == Client.GrantType.AUTHORIZATION_CODE

    def validate_response_type(
        self, client_id: str, response_type: str, client: Any, request: Request, **_k: Any
    ) -> bool:
        """Will give codes, and nothing else."""
        return response_type == Client.ResponseType.CODE

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        """Will require it of every site, those that have a secret too (RFC 9700, 2.1.1)."""
        return True

    def is_origin_allowed(self, *_a: Any, **_k: Any) -> bool:
        """Will answer no script of another site."""
        return False

    # ----------------------------------------------------------- what `prompt` says is judged by the page, not here

    def validate_silent_login(self, request: Request) -> bool:
        """Will leave it to the page, which knows the session."""
        return True

    def validate_silent_authorization(self, request: Request) -> bool:
        """Will leave it to the page, which knows what was accepted."""
        return True

    def validate_user_match(self, id_token_hint: Any, scopes: Any, claims: Any, request: Request) -> bool:
        """Will leave it to the page, which knows who is signed in."""
        return True

    # ------------------------------------------------------------------------------------------------------- codes

    def save_authorization_code(
        self, client_id: str, code: dict[str, Any], request: Request, *_a: Any, **_k: Any
    ) -> None:
        """Will keep what the code stands for."""
        granted = Granted(
            redirect_uri=request.redirect_uri,
            challenge=request.code_challenge,
            nonce=request.nonce or "",
            sid=sid_of(context.request),
            auth_time=int(proved_at(context.request)),
        )
        keep_code(code["code"], client=request.client, user=request.user, scopes=request.scopes, granted=granted)

    def validate_code(self, client_id: str, code: str, client: Any, request: Request, *_a: Any, **_k: Any) -> bool:
        """Will take the code: once."""
        if not VERIFIER.fullmatch(request.code_verifier or ""):
            return False
        self._taken = take_code(code, request.client)
        if self._taken is None:
            return False
        row, _granted = self._taken
        request.user, request.scopes, request.claims = row.user, row.get_scopes(), None
        return True

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Any, request: Request, *_a: Any, **_k: Any
    ) -> bool:
        """Will compare with the address to which the code was sent."""
        return self._taken is not None and redirect_uri == self._taken[1].redirect_uri

    def get_code_challenge(self, code: str, request: Request) -> str | None:
        """Will return the challenge of the code that was taken."""
        return self._taken[1].challenge if self._taken else None

    def get_code_challenge_method(self, code: str, request: Request) -> str:
        """Will return the one method that we know."""
        return S256

    def get_authorization_code_nonce(
        self, client_id: str, code: str, redirect_uri: str, request: Request
    ) -> str | None:
        """Will return the nonce of the site, as it came."""
        return (self._taken[1].nonce or None) if self._taken else None

    def invalidate_authorization_code(self, client_id: str, code: str, request: Request, *_a: Any, **_k: Any) -> None:
        """Will do nothing: it was taken before anything was given for it."""

    # ------------------------------------------------------------------------------------------------------ tokens

    def _given_for(self) -> tuple[Token, Granted]:
        """Will return the code that was taken: a token is given for a code and for nothing else."""
        if self._taken is None:
            raise errors.InvalidGrantError
        return self._taken

    def save_bearer_token(self, token: dict[str, Any], request: Request, *_a: Any, **_k: Any) -> None:
        """Will keep the digest of an access token, the session that it comes from, and the code that gave it."""
        code, granted = self._given_for()
        row = Token(
            type=Token.Type.ACCESS_TOKEN,
            hash=get_adapter().hash_token(token["access_token"]),
            client=request.client,
            user=request.user,
            expires_at=clock.machine_now() + timedelta(seconds=token["expires_in"]),
            data={OF_CODE: code.hash, OF_SESSION: granted.sid},
        )
        row.set_scopes(request.scopes)
        row.save(force_insert=True)

    def finalize_id_token(self, id_token: dict[str, Any], token: dict[str, Any], handler: Any, request: Request) -> str:
        """Will sign who one is, for whom, since when, and in which session."""
        _code, granted = self._given_for()
        adapter = get_adapter()
        return keys.sign(
            {
                **id_token,
                "iss": adapter.get_issuer(),
                "exp": id_token["iat"] + app_settings.ID_TOKEN_EXPIRES_IN,
                "jti": uuid.uuid4().hex,
                "auth_time": granted.auth_time,
                "sid": name_for(request.client, granted.sid),
                **adapter.get_claims("id_token", request.user, request.client, request.scopes),
            }
        )

    def validate_bearer_token(self, token: str, scopes: Any, request: Request) -> bool:
        """Will know an access token that we gave, in the header or the form, while its session is open."""
        if not super().validate_bearer_token(token, scopes, request):
            return False
        row = get_validator_context().access_token
        return is_open_under(row.user_id, (row.data or {}).get(OF_SESSION, ""), at=clock.machine_now())

    def validate_jwt_bearer_token(self, token: str, scopes: Any, request: Request) -> bool:
        """Will not take an id_token for an access token."""
        return False
