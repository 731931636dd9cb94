"""The tasks of imports: one that was asked for is applied; those of a month ago are forgotten."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from marelle.domain.onboarding.models import Import
from marelle.domain.onboarding.operations.imports.applying import (
    CHANGED_SINCE,
    FAILED,
    ChangedSinceError,
    ImportIsElsewhereError,
    apply_import,
    forget_import,
    note_trouble,
)
from marelle.domain.onboarding.queries.imports import to_forget
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM, Actor, ActorKind
from marelle.jobs.tasks import for_authority, tasks

if TYPE_CHECKING:
    from marelle.domain.authorities.models import Authority

log = logging.getLogger("marelle.jobs")


@for_authority("onboarding.apply_import")
def apply(authority: Authority, *, whole: int) -> None:
    """Will apply an import, or give it back with why not; a second time, nothing."""
    row = Import.objects.get(pk=whole)
    try:
        apply_import(row, by=Actor(ActorKind.AGENT, row.applied_by_id), at=clock.business_now())
    except ImportIsElsewhereError:
        return
    except ChangedSinceError:
        note_trouble(row, CHANGED_SINCE, by=SYSTEM, at=clock.business_now())
    except Exception as error:  # noqa: BLE001  whoever waits before the page is told, and may try again at once
        # What the database refuses quotes rows in its words: its kind alone is written.
        log.error("import %s: could not be applied: %s", row.pk, type(error).__name__)  # noqa: TRY400
        note_trouble(row, FAILED, by=SYSTEM, at=clock.business_now())


@tasks.periodic(cron="35 3 * * *")
@tasks.task(name="onboarding.forget_imports", queueing_lock="onboarding.forget_imports")
def forget(timestamp: int) -> None:
    """Will forget, each night, what imports of more than a month ago say of people."""
    now = clock.business_now()
    with tenancy.every_authority():
        rows = list(to_forget(at=now))
    for row in rows:
        with tenancy.scope({row.authority_id}):
            forget_import(row, by=SYSTEM, at=now)
