"""What is ProConnect's own: its addresses, longer secrets, an e-mail and a SIRET that are signed, no PKCE.

From its documentation for service providers (numerique-gouv/proconnect-documentation): `state` and `nonce` of 32 signs
at least, and « tout paramètre supplémentaire dans l'URL génèrera une erreur Y000400 ».
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from marelle.connectors.openid.client import Journey, Provider, begin, end_session_url, exchange, userinfo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

PREFIX: Final = "/api/v2"
SCOPES: Final = ("openid", "given_name", "usual_name", "email", "siret")
NONCE_LENGTH: Final = 32
LONGEST_WORD: Final = 254


@dataclass(frozen=True, slots=True)
class RecognizedAgent:
    """Who came back: what ProConnect calls her, her professional address, and the SIRET of who employs her."""

    subject: str
    name: str = field(repr=False)
    email: str = field(repr=False)
    siret: str
    id_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ProConnect:
    """ProConnect at `url`, where we are the client `client_id`."""

    url: str
    client_id: str
    client_secret: str = field(repr=False)

    @property
    def issuer(self) -> str:
        """Will return who signs."""
        return self.url.rstrip("/") + PREFIX

    def begin(self, *, redirect_uri: str) -> Journey:
        """Will draw the secrets of a journey and its address."""
        return begin(self._provider(), redirect_uri=redirect_uri)

    def recognize(self, journey: Journey, code: str, *, redirect_uri: str, at: datetime) -> RecognizedAgent:
        """Will say who came back with a code; raises IdentityNotProvenError. What was not said is empty."""
        provider = self._provider()
        tokens = exchange(provider, journey, code, redirect_uri=redirect_uri, at=at)
        known = userinfo(provider, tokens)
        return RecognizedAgent(
            subject=tokens.claims["sub"],
            name=f"{_word(known, 'given_name')} {_word(known, 'usual_name')}".strip(),
            email=_word(known, "email").lower(),
            siret=_word(known, "siret").replace(" ", ""),
            id_token=tokens.id_token,
        )

    def end_url(self, id_token: str, *, back: str, state: str) -> str:
        """Will return where the browser goes to end its session over there too."""
        return end_session_url(self._provider(), id_token, back, state)

    def _provider(self) -> Provider:
        return Provider(
            issuer=self.issuer,
            client_id=self.client_id,
            client_secret=self.client_secret,
            authorization_endpoint=f"{self.issuer}/authorize",
            token_endpoint=f"{self.issuer}/token",
            userinfo_endpoint=f"{self.issuer}/userinfo",
            jwks_uri=f"{self.issuer}/jwks",
            end_session_endpoint=f"{self.issuer}/session/end",
            scopes=SCOPES,
            signed_userinfo=True,
            algorithms=("ES256", "RS256"),
            nonce_length=NONCE_LENGTH,
            has_pkce=False,
            client_auth="post",
        )


def _word(known: Mapping[str, Any], name: str) -> str:
    value = known.get(name)
    return value.strip()[:LONGEST_WORD] if isinstance(value, str) else ""
