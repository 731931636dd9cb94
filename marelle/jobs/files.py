"""The tasks of what is kept apart from the tables: files that nobody names any more, and what rows used to say."""

from __future__ import annotations

from marelle.domain.procedures.operations.purging import forget_old_changes
from marelle.foundation import clock, files
from marelle.foundation.actors import SYSTEM
from marelle.jobs.tasks import PATIENT, tasks


@tasks.task(name="files.forget", retry=PATIENT)
def forget(*, name: str) -> None:
    """Will remove a file whose row was deleted; a second time, nothing."""
    files.forget(name)


@tasks.periodic(cron="50 3 * * *")
@tasks.task(name="files.sweep", queueing_lock="files.sweep")
def sweep(timestamp: int) -> None:
    """Will forget, each night, the files that no row names: of a write that was undone, of a family that was erased."""
    files.sweep(at=clock.machine_now())


@tasks.periodic(cron="45 3 * * *")
@tasks.task(name="journal.forget", queueing_lock="journal.forget")
def forget_what_rows_said(timestamp: int) -> None:
    """Will forget, each night, what rows said more than a year ago; the lines of the journal stay."""
    forget_old_changes(by=SYSTEM, at=clock.machine_now())
