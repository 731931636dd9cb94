"""What is FranceConnect's own: its addresses, the level it is asked for, a signed identity, no PKCE.

Read in the published sources (france-connect/sources): the request is refused, `Y000400`, as soon as it has a parameter
that is not in the list, and PKCE's are not. The state and the nonce, each of them drawn for one journey, the code of
thirty seconds and the client's secret are what holds. Names are asked so that somebody sees whom she is about to tie to
her account; they are not kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from marelle.connectors.openid.client import Journey, Provider, begin, end_session_url, exchange, userinfo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

PREFIX: Final = "/api/v2"
LEVEL: Final = "eidas1"
TO_RECOGNIZE: Final = ("openid", "given_name", "family_name")
# The CAF and the MSA look somebody up by her pivot identity, which FranceConnect tells them for this token.
TO_ASK_QUOTIENT: Final = ("openid", "identite_pivot", "cnaf_quotient_familial")
NONCE_LENGTH: Final = 22
LONGEST_NAME: Final = 80


@dataclass(frozen=True, slots=True)
class Recognized:
    """Who came back: what FranceConnect calls her here, her name to be shown, and tokens that live a minute."""

    subject: str
    name: str = field(repr=False)
    id_token: str = field(repr=False)
    access_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FranceConnect:
    """FranceConnect at `url`, where we are the client `client_id`."""

    url: str
    client_id: str
    client_secret: str = field(repr=False)

    @property
    def issuer(self) -> str:
        """Will return who signs."""
        return self.url.rstrip("/") + PREFIX

    def begin(self, *, redirect_uri: str, scopes: tuple[str, ...] = TO_RECOGNIZE) -> Journey:
        """Will draw the secrets of a journey and its address."""
        return begin(self._provider(scopes), redirect_uri=redirect_uri)

    def recognize(self, journey: Journey, code: str, *, redirect_uri: str, at: datetime) -> Recognized:
        """Will say who came back with a code; raises IdentityNotProvenError."""
        provider = self._provider()
        tokens = exchange(provider, journey, code, redirect_uri=redirect_uri, at=at)
        known = userinfo(provider, tokens)
        return Recognized(tokens.claims["sub"], _name(known), tokens.id_token, tokens.access_token)

    def end_url(self, id_token: str, *, back: str, state: str) -> str:
        """Will return where the browser goes to end its session over there too."""
        return end_session_url(self._provider(), id_token, back, state)

    def _provider(self, scopes: tuple[str, ...] = TO_RECOGNIZE) -> Provider:
        return Provider(
            issuer=self.issuer,
            client_id=self.client_id,
            client_secret=self.client_secret,
            authorization_endpoint=f"{self.issuer}/authorize",
            token_endpoint=f"{self.issuer}/token",
            userinfo_endpoint=f"{self.issuer}/userinfo",
            jwks_uri=f"{self.issuer}/jwks",
            end_session_endpoint=f"{self.issuer}/session/end",
            scopes=scopes,
            acr_values=LEVEL,
            signed_userinfo=True,
            algorithms=("ES256", "RS256"),
            nonce_length=NONCE_LENGTH,
            has_pkce=False,
            client_auth="post",
        )


def _name(known: Mapping[str, Any]) -> str:
    said = (known.get("given_name"), known.get("family_name"))
    return " ".join(part.strip() for part in said if isinstance(part, str))[:LONGEST_NAME].strip()
