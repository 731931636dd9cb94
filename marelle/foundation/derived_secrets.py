"""Secrets that are handed out and never kept: links and codes.

Each one is drawn from the name of its row (60 random bits) under the installation's key, so that the letter that
carries it can be written again, and from a copy of the database alone nobody can find it. What the row keeps is a
digest, to recognize it by. Whoever changes `SECRET_KEY` ends every link and code that is still out.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

from cryptography.fernet import InvalidToken
from django.core.signing import BadSignature, TimestampSigner
from django.utils.crypto import salted_hmac

from marelle.foundation.encryption import decrypt, encrypt


def drawn(purpose: str, name: str) -> bytes:
    """Will return the 32 bytes that belong to a row of this name for this purpose, always the same."""
    return salted_hmac(f"marelle.{purpose}", name, algorithm="sha256").digest()


def token_of(purpose: str, name: str) -> str:
    """Will return the same as 43 letters, digits, hyphens and underscores, for a link."""
    return base64.urlsafe_b64encode(drawn(purpose, name)).decode("ascii").rstrip("=")


def digest_of_token(token: str) -> str:
    """Will return what is kept of a token, which nobody can guess: its SHA-256, in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def digest_of_code(purpose: str, code: str) -> str:
    """Will return what is kept of a code that people type: short enough to be tried out, it is mixed with the key."""
    return salted_hmac(f"marelle.{purpose}.digest", code, algorithm="sha256").hexdigest()


def sealed(purpose: str, text: str) -> str:
    """Will return `text` unreadable, signed and dated, to be carried by a link: no row keeps it, no log shows it."""
    return TimestampSigner(salt=f"marelle.{purpose}").sign(encrypt(text))


def unsealed(purpose: str, token: str, *, days: int) -> str | None:
    """Will return what was sealed for this purpose `days` ago at most; None for anything else."""
    try:
        signed = TimestampSigner(salt=f"marelle.{purpose}").unsign(token, max_age=timedelta(days=days))
        return decrypt(signed)
    except (BadSignature, InvalidToken, UnicodeError):
        return None
