"""A provider as one site knows it: where it answers, who the site is there, and what was agreed on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import urlsplit, urlunsplit

# A key that everybody may read signs nothing: neither « none » nor a shared secret is ever agreed on.
SIGNED_WITH_A_KEY_PAIR: Final = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"})
WHOLE_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """The endpoints are whole addresses; `back_channel` is the base to call instead, with the issuer's Host header."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    back_channel: str | None = None
    scopes: tuple[str, ...] = ("openid",)
    acr_values: str = ""  # separated by spaces; an identity token must then say one of them
    signed_userinfo: bool = False
    algorithms: tuple[str, ...] = ("RS256",)
    nonce_length: int = 32  # characters, at least
    has_pkce: bool = True
    client_auth: Literal["post", "basic"] = "post"
    whole_seconds: float = WHOLE_SECONDS

    def __post_init__(self) -> None:
        """Will refuse what could never be verified; raises ValueError."""
        if not self.algorithms or not SIGNED_WITH_A_KEY_PAIR.issuperset(self.algorithms):
            raise ValueError("algorithms: signatures of a key pair only")
        if "openid" not in self.scopes:
            raise ValueError("scopes: openid is missing")

    def called(self, address: str) -> tuple[str, dict[str, str]]:
        """Will return where to call for a public address, and the headers that say which site is meant."""
        if not self.back_channel or not _same_origin(address, self.issuer):
            return address, {}
        base, public = urlsplit(self.back_channel), urlsplit(address)
        headers = {"Host": public.netloc, "X-Forwarded-Proto": public.scheme}
        return urlunsplit((base.scheme, base.netloc, base.path.rstrip("/") + public.path, public.query, "")), headers


def _same_origin(address: str, issuer: str) -> bool:
    return urlsplit(address)[:2] == urlsplit(issuer)[:2]
