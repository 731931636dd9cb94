"""The journal: an explicit line, written by the operation in its own transaction, last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from marelle.foundation import clock
from marelle.foundation.models import AuditEntry

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from marelle.foundation.actors import Actor

BATCH: Final = 1000


def record(
    verb: str,
    *,
    authority: int | None,
    of: str,
    key: int | None,
    by: Actor,
    at: datetime,
    **details: Any,
) -> None:
    """Will append a line: `by` did `verb` to the row `key` of kind `of`, at business moment `at`.

    `details` holds keys, counts, codes and amounts in cents; never a name, an address or a diet.
    """
    AuditEntry.objects.create(
        authority_key=authority,
        actor_kind=by.kind.value,
        actor_key=by.key,
        verb=verb,
        object_type=of,
        object_key=key,
        details=details,
        business_at=at,
        recorded_at=clock.machine_now(),
    )


def record_all(
    verb: str,
    *,
    authority: int | None,
    of: str,
    keys: Collection[int],
    by: Actor,
    at: datetime,
    **details: Any,
) -> None:
    """Will append a line for each of these rows (keys), alike but for the row: see `record`. For thousands."""
    now = clock.machine_now()
    AuditEntry.objects.bulk_create(
        [
            AuditEntry(
                authority_key=authority,
                actor_kind=by.kind.value,
                actor_key=by.key,
                verb=verb,
                object_type=of,
                object_key=key,
                details=details,
                business_at=at,
                recorded_at=now,
            )
            for key in sorted(keys)
        ],
        batch_size=BATCH,
    )
