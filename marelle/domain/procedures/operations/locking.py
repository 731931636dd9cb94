"""The one lock of an application: its row, before anything is looked at."""

from __future__ import annotations

from datetime import datetime

from marelle.domain.procedures.models import Application
from marelle.domain.procedures.operations.refusals import UnableToWriteError, WhyNot
from marelle.domain.procedures.queries.clocks import application_clock
from marelle.domain.procedures.rules.states import OPEN


def lock(application: Application, *, expected: int | None = None) -> Application:
    """Will lock an application and return it fresh, with its version, procedure, family and service.

    `expected` is the revision that an agent saw: raises UnableToWriteError when there is a later one.
    """
    row = (
        Application.objects.select_for_update(of=("self",))
        .select_related("version__procedure", "family__authority", "in_charge")
        .get(pk=application.pk)
    )
    if expected is not None and row.revision != expected:
        raise UnableToWriteError(WhyNot.CHANGED)
    return row


def stop_if_silence_decided(row: Application, at: datetime) -> None:
    """Will raise UnableToWriteError when silence has decided by `at`, though nobody noted it yet.

    The decision is born at its moment, not when the clock's task passes (CRPA L231-1): nothing undoes it in between.
    """
    if row.state in OPEN and application_clock(row, row.family.authority, at=at).has_decided(at):
        raise UnableToWriteError(WhyNot.SILENCE_DECIDED)


def touch(row: Application, at: datetime, *fields: str) -> None:
    """Will write these fields of a locked application, its revision one higher, its last change at `at`."""
    row.revision += 1
    row.updated_at = at
    row.save(update_fields=["revision", "updated_at", *fields])
