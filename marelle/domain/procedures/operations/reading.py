"""An agent reads what a family said of a child's health: it is written down before she does."""

from __future__ import annotations

from datetime import datetime

from marelle.domain.procedures.models import Application
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@operation
def note_health_reading(application: Application, *, by: Actor, at: datetime) -> None:
    """Will write in the journal that somebody reads the answers of an application that are about health."""
    audit.record(
        "read_health",
        authority=application.authority_id,
        of="application",
        key=application.pk,
        by=by,
        at=at,
        family=application.family_id,
    )
