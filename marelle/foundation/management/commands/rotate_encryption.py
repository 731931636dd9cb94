"""`marelle manage rotate_encryption`: every encrypted column under the first key, so that others may go."""

from __future__ import annotations

from typing import Any, Final

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, models, transaction

from marelle.foundation import audit, clock
from marelle.foundation.actors import SYSTEM
from marelle.foundation.encryption import encrypted_fields, rotate
from marelle.foundation.writes import permitted

BATCH: Final = 500


class Command(BaseCommand):
    """Encrypts again, table by table, a few hundred rows a transaction: the portal may go on meanwhile."""

    help = "Chiffre de nouveau les colonnes de santé sous la première clé de MARELLE_ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Will encrypt every token again and say how many rows; raises CommandError when no key opens one."""
        with permitted("rotate_encryption"):
            for model in apps.get_models():
                columns = [str(field.column) for field in encrypted_fields(model)]
                if columns:
                    self.stdout.write(f"{model._meta.verbose_name} : {_rotate_table(model, columns)} lignes")


def _rotate_table(model: type[models.Model], columns: list[str]) -> int:
    last, done = 0, 0
    while keys := _rotate_batch(model, columns, after=last):
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


def _rotate_batch(model: type[models.Model], columns: list[str], *, after: int) -> list[int]:
    """Will rotate the rows that follow key `after`, at most BATCH of them, and return their keys in order."""
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    named = ", ".join(quote(column) for column in columns)
    assigned = ", ".join(f"{quote(column)} = %s" for column in columns)
    # Names of our own tables and columns; tokens and keys are parameters.
    select = f"SELECT id, {named} FROM {table} WHERE id > %s ORDER BY id LIMIT %s FOR UPDATE"  # noqa: S608
    update = f"UPDATE {table} SET {assigned} WHERE id = %s"  # noqa: S608
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(select, [after, BATCH])
        rows = cursor.fetchall()
        for key, *tokens in rows:
            try:
                rotated = [rotate(token) if token else token for token in tokens]
            except InvalidToken:
                message = f"{model._meta.db_table} {key} : aucune clé de MARELLE_ENCRYPTION_KEYS ne l'ouvre"
                raise CommandError(message) from None
            cursor.execute(update, [*rotated, key])
    return [key for key, *_tokens in rows]
