"""The task of the figures: the days that are past, counted each night."""

from __future__ import annotations

import logging

from marelle.domain.authorities.models import Authority
from marelle.domain.reservations.operations.figures import count_days
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.jobs.tasks import tasks

log = logging.getLogger("marelle.jobs")


@tasks.periodic(cron="15 2 * * *")
@tasks.task(name="reservations.count_days", queueing_lock="reservations.count_days")
def count(timestamp: int) -> None:
    """Will count, each night, at each authority, the days that are past."""
    for authority in Authority.objects.defer("logo", "palette_css").order_by("pk"):
        with tenancy.scope({authority.pk}):
            try:
                count_days(authority, by=SYSTEM, at=clock.business_now())
            except Exception:
                log.exception("authority %s: the days could not be counted", authority.pk)
