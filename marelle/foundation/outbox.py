"""The only door to the job queue: the domain names a task, inside its transaction; `jobs` does it afterwards.

A message leaves exactly when the transaction that posted it commits. Its handler may run twice and must not mind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from procrastinate.contrib.django import app

from marelle.foundation.writes import require_permission

if TYPE_CHECKING:
    from datetime import datetime


def post(task: str, *, not_before: datetime | None = None, **facts: int | str | list[int]) -> None:
    """Will queue `task` with plain facts (keys, never names of people), in the present transaction.

    `not_before` is machine time (aware). Raises WriteOutsideOperationError: a message is a consequence of a write.
    """
    require_permission(f"the message {task}")
    values: dict[str, Any] = dict(facts)
    app.configure_task(task, schedule_at=not_before).defer(**values)


def still_posted(task: str, *, naming: str) -> str:
    """Will return the SQL that lists the keys named by the messages `task` that are not done with yet.

    `naming` is the fact of the message that is a list of keys. For a reader to whom a consequence on its way counts.
    """
    return (
        f"SELECT jsonb_array_elements_text(args -> '{naming}')::bigint FROM procrastinate_jobs"  # noqa: S608  names of ours
        f" WHERE status IN ('todo', 'doing') AND task_name = '{task}'"
    )
