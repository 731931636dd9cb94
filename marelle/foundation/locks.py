"""Locks by name, for what has no row of its own to lock."""

from __future__ import annotations

import hashlib

from django.db import connection


def lock_name(*words: str | int) -> None:
    """Will wait until this transaction alone holds the name made of `words`, and hold it to its end.

    Raises RuntimeError outside a transaction, where the lock would be let go at once.
    """
    if not connection.in_atomic_block:
        message = "a named lock is held by a transaction"
        raise RuntimeError(message)
    digest = hashlib.blake2b("/".join(map(str, words)).encode(), digest_size=8).digest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest, signed=True)])
