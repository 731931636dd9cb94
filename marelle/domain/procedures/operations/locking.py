"""The one lock of an application: its row, before anything is looked at."""

from __future__ import annotations

from marelle.domain.procedures.models import Application
from marelle.domain.procedures.operations.refusals import UnableToWriteError, WhyNot


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


def touch(row: Application, at: object, *fields: str) -> None:
    """Will write these fields of a locked application, its revision one higher, its last change at `at`."""
    row.revision += 1
    row.updated_at = at  # type: ignore[assignment]  # a datetime, as the operations say
    row.save(update_fields=["revision", "updated_at", *fields])
