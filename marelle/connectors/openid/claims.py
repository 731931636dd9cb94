"""What a signed token must say before anybody is believed to be somebody: OpenID Connect Core, 3.1.3.7."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any, Final

from marelle.connectors.openid.refusals import IdentityNotProvenError, Reason

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.connectors.openid.provider import Provider

# Two machines' clocks never agree quite.
LEEWAY_SECONDS: Final = 30
# A code is exchanged at once: a token that was signed long before answers another question.
OLDEST_SECONDS: Final = 600
LONGEST_SUBJECT: Final = 255
FURTHEST_SECONDS: Final = 1e12  # beyond that it is not a moment


def verify_identity(
    provider: Provider, claims: dict[str, Any], *, algorithm: str, nonce: str, access_token: str, at: datetime
) -> None:
    """Will refuse an identity token that is not for this site, this journey and this moment."""
    verify_addressed(provider, claims)
    verify_moment(claims, at=at)
    if not nonce or claims.get("nonce") != nonce:
        raise IdentityNotProvenError(Reason.NONCE)
    if provider.acr_values and claims.get("acr") not in provider.acr_values.split():
        raise IdentityNotProvenError(Reason.LEVEL)
    if "at_hash" in claims and claims["at_hash"] != half_hash(access_token, algorithm):
        raise IdentityNotProvenError(Reason.ACCESS_TOKEN)
    verify_subject(claims)


def verify_addressed(provider: Provider, claims: dict[str, Any]) -> None:
    """Will refuse what another issuer signed, or what was signed for another site or for several."""
    if claims.get("iss") != provider.issuer:
        raise IdentityNotProvenError(Reason.ISSUER)
    audience, party = claims.get("aud"), claims.get("azp", provider.client_id)
    if audience not in (provider.client_id, [provider.client_id]) or party != provider.client_id:
        raise IdentityNotProvenError(Reason.AUDIENCE)


def verify_moment(claims: dict[str, Any], *, at: datetime, needed: tuple[str, ...] = ("exp", "iat")) -> None:
    """Will refuse what has expired, was signed long ago, is of the future, or does not say what is `needed`."""
    now = at.timestamp()
    if any(claims.get(name) is None for name in needed):
        raise IdentityNotProvenError(Reason.UNREADABLE)
    ends, issued, begins = (_seconds(claims, name, now) for name in ("exp", "iat", "nbf"))
    if ends + LEEWAY_SECONDS <= now or issued + OLDEST_SECONDS + LEEWAY_SECONDS < now:
        raise IdentityNotProvenError(Reason.EXPIRED)
    if max(issued, begins) > now + LEEWAY_SECONDS:
        raise IdentityNotProvenError(Reason.TOO_EARLY)


def verify_subject(claims: dict[str, Any], expected: str | None = None) -> None:
    """Will refuse a token that names nobody, or not the one expected."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not (subject.isascii() and subject.isprintable()):
        raise IdentityNotProvenError(Reason.SUBJECT)
    if not 0 < len(subject) <= LONGEST_SUBJECT or expected not in {None, subject}:
        raise IdentityNotProvenError(Reason.SUBJECT)


def half_hash(token: str, algorithm: str) -> str:
    """Will return the left half of a token's digest, as `at_hash` writes it: the digest is that of the signature."""
    digest = hashlib.new(f"sha{algorithm[2:]}", token.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).decode().rstrip("=")


def _seconds(claims: dict[str, Any], name: str, default: float) -> float:
    value = claims.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < FURTHEST_SECONDS:
        raise IdentityNotProvenError(Reason.UNREADABLE)
    return float(value)
