"""`marelle manage rotate_encryption`: every encrypted column under the first key, so that others may go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, models, transaction

from marelle.foundation import audit, clock
from marelle.foundation.actors import SYSTEM
from marelle.foundation.encryption import EncryptedBinaryField, encrypted_fields, other_tokens, rotate, rotate_bytes
from marelle.foundation.writes import permitted

if TYPE_CHECKING:
    from collections.abc import Callable

BATCH: Final = 500
# Rows that hold a file of some megabytes: few at once, for the memory.
BATCH_OF_FILES: Final = 8


class Command(BaseCommand):
    """Encrypts again, table by table, a few rows a transaction: the portal may go on meanwhile."""

    help = (
        "Chiffre de nouveau les colonnes de santé et les justificatifs sous la première clé de MARELLE_ENCRYPTION_KEYS."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Will encrypt every token again and say how many rows; raises CommandError when no key opens one."""
        with permitted("rotate_encryption"):
            for model in apps.get_models():
                fields = encrypted_fields(model)
                columns = [str(field.column) for field in fields]
                if columns:
                    holds_files = any(isinstance(field, EncryptedBinaryField) for field in fields)
                    done = _rotate_table(model, columns, batch=BATCH_OF_FILES if holds_files else BATCH)
                    self.stdout.write(f"{model._meta.verbose_name} : {done} lignes")
            for name, rotate_others in other_tokens.items():
                self.stdout.write(f"{name} : {_rotate_others(name, rotate_others)} lignes")


def _rotate_others(name: str, rotate_others: Callable[[], int]) -> int:
    try:
        return rotate_others()
    except InvalidToken:
        raise CommandError(f"{name} : aucune clé de MARELLE_ENCRYPTION_KEYS ne les ouvre toutes") from None


def _rotate_table(model: type[models.Model], columns: list[str], *, batch: int) -> int:
    last, done = 0, 0
    while keys := _rotate_batch(model, columns, after=last, batch=batch):
        last, done = keys[-1], done + len(keys)
    audit.record(
        "rotate_encryption",
        authority=None,
        of=model._meta.model_name or "",
        key=None,
        by=SYSTEM,
        at=clock.machine_now(),
        rotated=done,
    )
    return done


def _rotated(token: str | bytes) -> str | bytes:
    if not token:
        return token
    return rotate(token) if isinstance(token, str) else rotate_bytes(bytes(token))


def _rotate_batch(model: type[models.Model], columns: list[str], *, after: int, batch: int) -> list[int]:
    """Will rotate the rows that follow key `after`, at most `batch` of them, and return their keys in order."""
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    named = ", ".join(quote(column) for column in columns)
    assigned = ", ".join(f"{quote(column)} = %s" for column in columns)
    # Names of our own tables and columns; tokens and keys are parameters.
    select = f"SELECT id, {named} FROM {table} WHERE id > %s ORDER BY id LIMIT %s FOR UPDATE"  # noqa: S608
    update = f"UPDATE {table} SET {assigned} WHERE id = %s"  # noqa: S608
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(select, [after, batch])
        rows = cursor.fetchall()
        for key, *tokens in rows:
            try:
                rotated = [_rotated(token) for token in tokens]
            except InvalidToken:
                message = f"{model._meta.db_table} {key} : aucune clé de MARELLE_ENCRYPTION_KEYS ne l'ouvre"
                raise CommandError(message) from None
            cursor.execute(update, [*rotated, key])
    return [key for key, *_tokens in rows]
