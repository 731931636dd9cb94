"""Columns that only the application can read: health, diet, bank, and the documents that families give.

Fernet tokens (AES-128-CBC and HMAC-SHA-256, from `cryptography`), under the first key of `settings.ENCRYPTION_KEYS`;
the others still decrypt, so that a key is changed by putting a new one first and running
`marelle manage rotate_encryption`.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(text: str) -> str:
    """Will return the token of `text` under the first key."""
    return _box(tuple(settings.ENCRYPTION_KEYS)).encrypt(text.encode()).decode("ascii")


def decrypt(token: str) -> str:
    """Will return the text of a token; raises cryptography's InvalidToken when no key opens it."""
    return _box(tuple(settings.ENCRYPTION_KEYS)).decrypt(token.encode("ascii")).decode()


def rotate(token: str) -> str:
    """Will return the same text under the first key, keeping the time at which it was first written."""
    return rotate_bytes(token.encode("ascii")).decode("ascii")


def encrypt_bytes(content: bytes) -> bytes:
    """Will return the token of `content` under the first key: a third longer."""
    return _box(tuple(settings.ENCRYPTION_KEYS)).encrypt(content)


def decrypt_bytes(token: bytes) -> bytes:
    """Will return the content of a token; raises cryptography's InvalidToken when no key opens it."""
    return _box(tuple(settings.ENCRYPTION_KEYS)).decrypt(token)


def rotate_bytes(token: bytes) -> bytes:
    """Will return the same content under the first key, keeping the time at which it was first written."""
    return _box(tuple(settings.ENCRYPTION_KEYS)).rotate(token)


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """A text that the database holds only encrypted. Empty stays empty, so that « nothing known » needs no key.

    It cannot be searched nor sorted; a lookup other than `isnull` and exact emptiness is refused.
    """

    description = "texte chiffré"

    def get_prep_value(self, value: Any) -> Any:
        """Will encrypt on the way in."""
        prepared = super().get_prep_value(value)
        return encrypt(prepared) if prepared else prepared

    def from_db_value(self, value: str | None, _expression: Any, _connection: BaseDatabaseWrapper) -> str | None:
        """Will decrypt on the way out."""
        return decrypt(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        """Will refuse to compare ciphertexts."""
        _refuse_to_compare(lookup_name)
        return super().get_lookup(lookup_name)


class EncryptedDateField(EncryptedTextField):
    """A day that the database holds only encrypted: a date in, a date out, None for none."""

    description = "jour chiffré"

    def to_python(self, value: Any) -> Any:
        """Will return a date, from one or from its ISO text; raises ValueError for another text."""
        return date.fromisoformat(value) if isinstance(value, str) and value else value or None

    def get_prep_value(self, value: Any) -> Any:
        """Will encrypt on the way in."""
        day = self.to_python(value)
        return None if day is None else encrypt(day.isoformat())

    def from_db_value(self, value: str | None, _expression: Any, _connection: BaseDatabaseWrapper) -> Any:
        """Will decrypt on the way out."""
        return self.to_python(decrypt(value)) if value else None


class EncryptedBinaryField(models.BinaryField):  # type: ignore[type-arg]
    """A file that the database holds only encrypted: bytes in, bytes out. It cannot be searched nor sorted.

    A query that lists rows should defer it: it is read and decrypted whole.
    """

    description = "contenu chiffré"

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Will encrypt on the way in."""
        token = encrypt_bytes(bytes(value)) if value else value
        return super().get_db_prep_value(token, connection, prepared)

    def from_db_value(
        self, value: bytes | memoryview | None, _expression: Any, _connection: BaseDatabaseWrapper
    ) -> bytes | None:
        """Will decrypt on the way out."""
        return decrypt_bytes(bytes(value)) if value else value  # type: ignore[return-value]  # empty or None as it is

    def get_lookup(self, lookup_name: str) -> Any:
        """Will refuse to compare ciphertexts."""
        _refuse_to_compare(lookup_name)
        return super().get_lookup(lookup_name)


# Tokens that are not a column of their own: a name, and what encrypts them again and counts the rows.
other_tokens: dict[str, Callable[[], int]] = {}


def _refuse_to_compare(lookup_name: str) -> None:
    if lookup_name != "isnull":
        message = f"an encrypted column cannot be looked up by {lookup_name}"
        raise TypeError(message)


def encrypted_fields(model: type[models.Model]) -> Sequence[EncryptedTextField | EncryptedBinaryField]:
    """Will list the encrypted columns of `model`."""
    return [field for field in model._meta.get_fields() if isinstance(field, EncryptedTextField | EncryptedBinaryField)]
