"""The tasks of shared custodies: what is left without an answer, and whose days are to come."""

from __future__ import annotations

import logging

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.operations.custody import end_late_proposals, extend_turns
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.jobs.tasks import tasks

log = logging.getLogger("marelle.jobs")


@tasks.periodic(cron="5 0 * * *")
@tasks.task(name="reservations.follow_custodies", queueing_lock="reservations.follow_custodies")
def follow(timestamp: int) -> None:
    """Will, each night, end what the other home left without an answer, then write whose days are to come."""
    for authority in Authority.objects.defer("logo", "palette_css").order_by("pk"):
        with tenancy.scope({authority.pk}):
            for act in (end_late_proposals, extend_turns):
                try:
                    act(offer=offer_of(authority), by=SYSTEM, at=clock.business_now())
                except Exception:
                    log.exception("authority %s: %s could not be done", authority.pk, act.__name__)
