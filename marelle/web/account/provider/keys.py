"""The keys that sign who one is: the first signs, all are published, so that one follows another without a gap."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import jwt
from allauth.core.internal.jwkkit import jwk_thumbprint
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHM = "RS256"
SHORTEST_BITS = 2048


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key, and what is published of it."""

    kid: str
    private: RSAPrivateKey = field(repr=False)
    published: Mapping[str, str]


class BadKeyError(ValueError):
    """A key is not one that may sign; the message says why."""


def signing_keys() -> tuple[SigningKey, ...]:
    """Will return the keys of the settings, the one that signs first. Raises BadKeyError."""
    return _loaded(tuple(settings.OIDC_KEYS), is_checked=False)


def check_keys() -> None:
    """Will look closely at each key, which takes a tenth of a second. Raises BadKeyError."""
    _loaded(tuple(settings.OIDC_KEYS), is_checked=True)


def sign(claims: Mapping[str, Any]) -> str:
    """Will return the claims signed by the first key."""
    key = signing_keys()[0]
    return jwt.encode(dict(claims), key.private, algorithm=ALGORITHM, headers={"kid": key.kid})


def read_hint(token: str) -> dict[str, Any] | None:
    """Will return the claims of an id_token that we signed, however old; None for anything else, « alg: none » first.

    An id_token comes back as a hint long after it has expired (RP-Initiated Logout 1.0, 2): it opens nothing.
    """
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        key = next((one for one in signing_keys() if one.kid == kid), None)
        if key is None:
            return None
        claims: dict[str, Any] = jwt.decode(
            token,
            key=key.private.public_key(),
            algorithms=[ALGORITHM],
            issuer=settings.ACCOUNT_URL,
            options={"verify_exp": False, "verify_aud": False, "require": ["iss", "aud", "sub", "sid"]},
        )
    except (jwt.PyJWTError, ValueError):
        return None
    return claims if all(isinstance(claims[name], str) for name in ("aud", "sub", "sid")) else None


@lru_cache(maxsize=4)
def _loaded(pems: tuple[str, ...], *, is_checked: bool) -> tuple[SigningKey, ...]:
    keys = []
    for pem in pems:
        try:
            # Proving that the numbers are prime takes 65 ms a key; a check does it, not every process that starts.
            private = load_pem_private_key(pem.encode("ascii"), None, unsafe_skip_rsa_key_validation=not is_checked)
        except (ValueError, TypeError) as error:
            message = "a key does not read"
            raise BadKeyError(message) from error
        if not isinstance(private, RSAPrivateKey) or private.key_size < SHORTEST_BITS:
            message = f"a key is not RSA of {SHORTEST_BITS} bits or more"
            raise BadKeyError(message)
        published = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key()))
        published |= {"kid": jwk_thumbprint(published), "use": "sig", "alg": ALGORITHM}
        published.pop("key_ops", None)
        keys.append(SigningKey(published["kid"], private, published))
    if not keys or len({key.kid for key in keys}) < len(keys):
        message = "there is no key, or one is given twice"
        raise BadKeyError(message)
    return tuple(keys)
