"""The task of the addresses: what is to hold from a day is written in the files when that day begins."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from marelle.domain.families.operations.addresses import apply_address_changes
from marelle.domain.families.queries.addresses import authorities_with_changes
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.jobs.tasks import tasks

# No zone of the world is further ahead of the machine's time (UTC): Kiribati.
FURTHEST_ZONE: Final = timedelta(hours=14)
log = logging.getLogger("marelle.jobs")


@tasks.periodic(cron="*/10 * * * *")
@tasks.task(name="families.change_addresses", queueing_lock="families.change_addresses")
def change_addresses(timestamp: int) -> None:
    """Will write in the files, some minutes after midnight where each authority is, the addresses of the new day.

    Each ten minutes, because the authorities have not all their midnight at once. One that fails keeps no other
    waiting, and is tried again.
    """
    now = clock.business_now()
    with tenancy.every_authority():
        waiting = authorities_with_changes(until=(now + FURTHEST_ZONE).date())
    for authority in waiting:
        with tenancy.scope({authority.pk}):
            try:
                apply_address_changes(authority, on=now.astimezone(authority.zone).date(), by=SYSTEM, at=now)
            except Exception:
                log.exception("authority %s: the addresses of the day could not be written", authority.pk)
