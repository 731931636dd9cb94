"""The keys that sign: published as a JWKS, changed when a test says so, and what a forger would put in their place."""

from __future__ import annotations

import json
import secrets
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

RSA_BITS = 2048
ALGORITHMS = ("ES256", "RS256")


class Keys:
    """One key an algorithm, made when it is first wanted."""

    def __init__(self) -> None:
        self._current: dict[str, tuple[str, Any]] = {}

    def rotate(self) -> None:
        """Forget the keys: those that come next have other names."""
        self._current.clear()

    def sign(self, claims: dict[str, Any], algorithm: str, **header: str) -> str:
        """Return these claims as a signed JWT."""
        kid, key = self._key(algorithm)
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid, **header})

    def sign_with_another(self, claims: dict[str, Any], algorithm: str) -> str:
        """Return a JWT that names our key and is signed by another."""
        kid, _key = self._key(algorithm)
        return jwt.encode(claims, _made(algorithm), algorithm=algorithm, headers={"kid": kid})

    def read(self, token: str) -> dict[str, Any] | None:
        """Return the claims of a JWT that we signed, even one that is over; None for any other."""
        try:
            algorithm = jwt.get_unverified_header(token).get("alg", "")
            if algorithm not in self._current:
                return None
            key = self._current[algorithm][1].public_key()
            said: dict[str, Any] = jwt.decode(
                token, key, algorithms=[algorithm], options={"verify_aud": False, "verify_exp": False}
            )
        except jwt.PyJWTError:
            return None
        return said

    def published(self) -> dict[str, Any]:
        """Return the JWKS."""
        keys = []
        for algorithm, (kid, key) in self._current.items() or [("ES256", self._key("ES256"))]:
            family: Any = ECAlgorithm if algorithm == "ES256" else RSAAlgorithm
            public = json.loads(family.to_jwk(key.public_key()))
            keys.append({**public, "kid": kid, "alg": algorithm, "use": "sig"})
        return {"keys": keys}

    def _key(self, algorithm: str) -> tuple[str, Any]:
        if algorithm not in self._current:
            self._current[algorithm] = (secrets.token_hex(8), _made(algorithm))
        return self._current[algorithm]


def _made(algorithm: str) -> Any:
    if algorithm == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
