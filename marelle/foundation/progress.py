"""How far a long write is, told while its transaction is open, without a row: nothing is written, nothing is left.

The connection that works says it in its own `application_name`, which PostgreSQL shows to the others of the same role
at once; `SET LOCAL` gives the name back at the end of the transaction, whichever way it ends.
"""

from __future__ import annotations

from typing import Final

from django.db import connection

_PREFIX: Final = "marelle"


def tell(work: str, key: int, percent: int) -> None:
    """Will say that `work` on the row `key` is at `percent` (0 to 100). In a transaction; `work` is a word."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('application_name', %s, true)", [f"{_PREFIX} {work} {key} {percent}"])


def of(work: str, key: int) -> int | None:
    """Will return how far another connection says to be (0 to 100); None when none is at it."""
    begins = f"{_PREFIX} {work} {key} "
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # what was seen once is seen until the transaction ends
        cursor.execute(
            "SELECT application_name FROM pg_stat_activity"
            " WHERE datname = current_database() AND starts_with(application_name, %s) LIMIT 1",
            [begins],
        )
        found = cursor.fetchone()
    told = found[0].removeprefix(begins) if found else ""
    return int(told) if told.isdecimal() else None
