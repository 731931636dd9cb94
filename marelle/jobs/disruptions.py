"""What follows an event, or its undoing: what was invoiced of it is made good, family by family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.billing.operations.disruptions import settle_disruption
from marelle.domain.reservations.models import Disruption
from marelle.foundation import clock
from marelle.foundation.actors import SYSTEM
from marelle.jobs.tasks import for_authority

if TYPE_CHECKING:
    from marelle.domain.authorities.models import Authority


@for_authority("billing.settle_disruption")
def settle(authority: Authority, *, disruption: int, families: list[int]) -> None:
    """Will issue the difference to each of these families (keys); those that a run holds are tried again later."""
    row = Disruption.objects.get(pk=disruption)
    for family in families:
        settle_disruption(row, family, authority=authority, by=SYSTEM, at=clock.business_now())
