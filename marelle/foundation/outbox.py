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
