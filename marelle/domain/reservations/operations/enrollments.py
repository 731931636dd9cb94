"""Enrollments: the right to reserve an activity, from a day to a day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations import Outcome, Said, save_rows
from marelle.domain.reservations.models import Enrollment
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@operation
def save_enrollments(
    authority: Authority, said: Collection[Said], *, force: bool = False, by: Actor, at: datetime
) -> Outcome[Any]:
    """Will create or update enrollments as a file says them, named by child, activity and first day.

    See `authorities.save_rows`: what the office has changed since stays as it wants it.
    """
    return save_rows(authority, Enrollment, ("child_id", "activity_id", "starts_on"), said, force=force, by=by, at=at)
