"""What holds a row: the rows of any table that point to it. A row in use is never deleted, whoever uses it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from django.db.models import ForeignKey, Model


class StillHeldError(Exception):
    """Nothing was deleted: rows point there. `holders` counts them by table (« reservations.reservation »)."""

    def __init__(self, holders: Counter[str]) -> None:
        """Will keep what holds, for a screen to say it."""
        super().__init__(", ".join(f"{count} {table}" for table, count in holders.items()))
        self.holders = holders


def holders_of(rows: Sequence[Model], *, but: Collection[type[Model]] = ()) -> Counter[str]:
    """Will count the rows that point to any of `rows`, all of one table, by their table; those of `but` are left out.

    A room may ask without knowing the rooms above it: the keys themselves say who points there.
    """
    found: Counter[str] = Counter()
    if not rows:
        return found
    for key in _keys_to(type(rows[0])):
        table = key.model
        if table in but:
            continue
        # The manager of no scope: a key of this authority is asked for, and nobody else's row can hold it.
        count = table._base_manager.filter(**{f"{key.name}__in": [row.pk for row in rows]}).count()  # noqa: SLF001  the one that hides no row
        if count:
            found[table._meta.label_lower] += count
    return found


def refuse_if_held(rows: Sequence[Model], *, but: Collection[type[Model]] = ()) -> None:
    """Will raise StillHeldError when a row of another table than those of `but` points to one of `rows`."""
    holders = holders_of(rows, but=but)
    if holders:
        raise StillHeldError(holders)


def _keys_to(table: type[Model]) -> Iterator[ForeignKey[Any, Any]]:
    for relation in table._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one):
            yield relation.field  # type: ignore[misc, union-attr]  # what a key made
