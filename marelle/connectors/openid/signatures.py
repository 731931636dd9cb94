"""What a provider signed: read with the keys it publishes, or not at all."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any, Final

import jwt

from marelle.connectors.openid.calls import answer_of, object_of
from marelle.connectors.openid.refusals import IdentityNotProvenError, Reason

if TYPE_CHECKING:
    from marelle.connectors.openid.provider import Provider

# Keys are asked for again after that, so that one that was taken back is not believed for long.
KEPT_SECONDS: Final = 600.0
BIGGEST_TOKEN: Final = 32 * 1024
SMALLEST_RSA_BITS: Final = 2048
KEY_TYPES: Final = {"RS": "RSA", "PS": "RSA", "ES": "EC"}

_kept: dict[str, tuple[float, list[dict[str, Any]]]] = {}


def signed_claims(provider: Provider, token: str) -> tuple[dict[str, Any], str]:
    """Will return what a JWT says and how it is signed, once its signature is that of a published key; may refuse."""
    if len(token) > BIGGEST_TOKEN:
        raise IdentityNotProvenError(Reason.UNREADABLE)
    algorithm, kid = _announced(provider, token)
    key = _public_key(provider, algorithm, kid)
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            # The signature alone: the moment is given to whoever verifies the rest.
            options={
                "verify_signature": True,
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
                "verify_aud": False,
                "verify_iss": False,
                "verify_sub": False,
                "verify_jti": False,
            },
        )
    except jwt.InvalidSignatureError:
        reason = Reason.SIGNATURE
    except (jwt.InvalidKeyError, jwt.InvalidAlgorithmError):
        reason = Reason.KEY
    except (jwt.PyJWTError, ValueError, RecursionError):
        reason = Reason.UNREADABLE
    else:
        return claims, algorithm
    raise IdentityNotProvenError(reason)


def _announced(provider: Provider, token: str) -> tuple[str, str | None]:
    """Will return the algorithm and the key's name that the header says, if they may be believed."""
    header: dict[str, Any] | None = None
    with contextlib.suppress(jwt.PyJWTError, ValueError, RecursionError):
        header = jwt.get_unverified_header(token)
    if header is None:
        raise IdentityNotProvenError(Reason.UNREADABLE)
    algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
    if not isinstance(algorithm, str) or algorithm not in provider.algorithms:
        raise IdentityNotProvenError(Reason.ALGORITHM)
    # Another kind of token (an access token, a logout token) signed with the same keys is not an identity.
    is_known_kind = isinstance(kind, str) and kind.lower() == "jwt" and "crit" not in header
    if not is_known_kind or not isinstance(kid, str | None):
        raise IdentityNotProvenError(Reason.UNREADABLE)
    return algorithm, kid


def _public_key(provider: Provider, algorithm: str, kid: str | None) -> Any:
    """Will return the published key; asks once more for the keys when the name is a new one (they rotate)."""
    kept_at, keys = _kept.get(provider.jwks_uri, (0.0, []))
    is_fresh = bool(keys) and time.monotonic() - kept_at < KEPT_SECONDS
    found = _named(keys, algorithm, kid) if is_fresh else None
    if found is None:
        found = _named(_published(provider), algorithm, kid)
    if found is None:
        raise IdentityNotProvenError(Reason.KEY)
    key = None
    with contextlib.suppress(jwt.PyJWTError, ValueError, TypeError, KeyError):
        key = jwt.PyJWK(found, algorithm=algorithm).key
    if key is None or (found["kty"] == "RSA" and key.key_size < SMALLEST_RSA_BITS):
        raise IdentityNotProvenError(Reason.KEY)
    return key


def _named(keys: list[dict[str, Any]], algorithm: str, kid: str | None) -> dict[str, Any] | None:
    """Will return the key of this name; without a name, the only one that could have signed."""
    able = [
        key
        for key in keys
        if key.get("kty") == KEY_TYPES[algorithm[:2]]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (kid is None or key.get("kid") == kid)
    ]
    return able[0] if len(able) == 1 else None


def _published(provider: Provider) -> list[dict[str, Any]]:
    status, _kind, body = answer_of(provider, provider.jwks_uri)
    keys = object_of(body).get("keys") if status == 200 else None  # noqa: PLR2004  HTTP's own word for « here it is »
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise IdentityNotProvenError(Reason.UNREADABLE)
    _kept[provider.jwks_uri] = (time.monotonic(), keys)
    return keys
