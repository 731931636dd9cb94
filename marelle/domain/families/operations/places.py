"""An agent takes a family's place, to see what it sees: nothing is written but that."""

from __future__ import annotations

from datetime import datetime

from marelle.domain.families.models import Guardian
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@operation
def take_place(guardian: Guardian, *, by: Actor, at: datetime) -> None:
    """Will note that an agent begins to see what a guardian sees."""
    _note("take_place", guardian, by=by, at=at)


@operation
def leave_place(guardian: Guardian, *, by: Actor, at: datetime) -> None:
    """Will note that she does no more."""
    _note("leave_place", guardian, by=by, at=at)


def _note(verb: str, guardian: Guardian, *, by: Actor, at: datetime) -> None:
    audit.record(
        verb,
        authority=guardian.authority_id,
        of="family",
        key=guardian.family_id,
        by=by,
        at=at,
        guardian=guardian.pk,
    )
