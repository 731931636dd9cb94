"""Several small reads in one round trip: pages that need a dozen little tables should not pay a dozen statements."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from django.db.models import QuerySet


def read_together(**reads: QuerySet[Any, dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Will run `.values()` querysets as one statement and return each one's rows under its name, in its order.

    Values pass through JSON: dates and times come back as ISO texts, decimals and bytes are not for this.
    """
    selects: list[str] = []
    params: list[Any] = []
    for rows in reads.values():
        sql, values = rows.query.sql_with_params()
        # Only the names of the parts and the ORM's own statements are put together here; values stay parameters.
        each = f"coalesce(json_agg(row_to_json(each_row)), '[]'::json) FROM ({sql}) AS each_row"
        selects.append(f"SELECT {len(selects)}, {each}")
        params.extend(values)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(selects), params)
        found = dict(cursor.fetchall())
    return {name: _loaded(found[index]) for index, name in enumerate(reads)}


def _loaded(found: Any) -> list[dict[str, Any]]:

    rows: list[dict[str, Any]] = json.loads(found) if isinstance(found, str | bytes) else found
    return rows
