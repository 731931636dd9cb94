"""The protocol, by oauthlib: one way of asking, one way of exchanging, one kind of token."""

from __future__ import annotations

from typing import Any

from allauth.idp.oidc import app_settings
from allauth.idp.oidc.internal.oauthlib.server import generate_opaque_token
from oauthlib.oauth2.rfc6749.endpoints import AuthorizationEndpoint, TokenEndpoint
from oauthlib.oauth2.rfc6749.tokens import BearerToken
from oauthlib.openid.connect.core.endpoints.userinfo import UserInfoEndpoint
from oauthlib.openid.connect.core.grant_types import AuthorizationCodeGrant

from marelle.web.account.provider.validator import Validator, refuse_loose_requests


class Server(AuthorizationEndpoint, TokenEndpoint, UserInfoEndpoint):  # type: ignore[misc]  # no published types
    """For one request: what was validated is remembered in it until the answer."""

    def __init__(self) -> None:
        """Will know one grant, without refresh tokens: a site asks again, unseen while the session lasts."""
        validator = Validator()
        grant = AuthorizationCodeGrant(validator)
        grant.proxy_target.refresh_token = False
        grant.custom_validators.pre_auth.append(refuse_loose_requests)
        bearer = BearerToken(
            validator, token_generator=generate_opaque_token, expires_in=app_settings.ACCESS_TOKEN_EXPIRES_IN
        )
        one: dict[str, Any] = {"code": grant}
        AuthorizationEndpoint.__init__(self, "code", bearer, one)
        TokenEndpoint.__init__(self, "authorization_code", bearer, {"authorization_code": grant})
        UserInfoEndpoint.__init__(self, validator)
