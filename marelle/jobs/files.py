"""The tasks of kept files: what is to be forgotten, and what nobody names any more."""

from __future__ import annotations

from marelle.foundation import clock, files
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
