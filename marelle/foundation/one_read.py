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
    selects, params = [], []
    for name, rows in reads.items():
        sql, values = rows.query.sql_with_params()
        selects.append(
            f'SELECT {len(selects)} AS part, coalesce(json_agg(row_to_json("{name}")), \'[]\'::json) AS found'
            f' FROM ({sql}) AS "{name}"'
        )
        params.extend(values)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(selects), params)
        found = dict(cursor.fetchall())
    return {name: _loaded(found[index]) for index, name in enumerate(reads)}


def _loaded(found: Any) -> list[dict[str, Any]]:


    return json.loads(found) if isinstance(found, str | bytes) else found
