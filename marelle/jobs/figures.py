"""The tasks of the figures: days that are past, and what is billed of days, counted each night."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from marelle.domain.authorities.models import Authority
from marelle.domain.billing.operations.figures import count_billed
from marelle.domain.reservations.operations.figures import count_days
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.jobs.tasks import tasks

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger("marelle.jobs")


@tasks.periodic(cron="15 2 * * *")
@tasks.task(name="reservations.count_days", queueing_lock="reservations.count_days")
def count(timestamp: int) -> None:
    """Will count, each night, at each authority, the days that are past."""
    _at_each(count_days, "the days")


@tasks.periodic(cron="35 2 * * *")
@tasks.task(name="billing.count_billed", queueing_lock="billing.count_billed")
def count_what_is_billed(timestamp: int) -> None:
    """Will count, each night, at each authority, the days billed of the months that something was issued of."""
    _at_each(count_billed, "what is billed")


def _at_each(counted: Callable[..., int], words: str) -> None:
    for authority in Authority.objects.defer("logo", "palette_css").order_by("pk"):
        with tenancy.scope({authority.pk}):
            try:
                counted(authority, by=SYSTEM, at=clock.business_now())
            except Exception:
                log.exception("authority %s: %s could not be counted", authority.pk, words)
