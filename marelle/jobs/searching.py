"""The task of the search: the names that nobody bears any more."""

from __future__ import annotations

import logging

from marelle.domain.authorities.models import Authority
from marelle.domain.families.operations.searching import tidy_search
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.jobs.tasks import tasks

log = logging.getLogger("marelle.jobs")


@tasks.periodic(cron="35 3 * * *")
@tasks.task(name="families.tidy_search", queueing_lock="families.tidy_search")
def tidy(timestamp: int) -> None:
    """Will forget, each night, at each authority, what is left of the names that nobody bears any more."""
    for authority in Authority.objects.defer("logo", "palette_css").order_by("pk"):
        with tenancy.scope({authority.pk}):
            try:
                tidy_search(authority, by=SYSTEM, at=clock.business_now())
            except Exception:
                log.exception("authority %s: the search could not be tidied", authority.pk)
