"""The block of a family that owes: it follows the ledger. What it stops, and above how much, the règlement says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.billing.queries.unpaid import overdue_of
from marelle.domain.families.models import Block, Family
from marelle.domain.families.operations.blocks import lift_block, put_block
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.authorities.models import Authority
    from marelle.foundation.actors import Actor


@operation
def refresh_unpaid_block(family: int, *, authority: Authority, by: Actor, at: datetime) -> None:
    """Will put against a family (key) what it should have paid before today, all régies together, or lift it.

    A block that an agent put is left as it is, for an agent to change or lift: it may be for what no ledger here knows.
    The family is locked before the ledger is read, so that two payments at once see each other.
    """
    row = Family.objects.select_for_update(no_key=True).get(pk=family)
    cents = overdue_of([family], on=at.astimezone(authority.zone).date()).get(family, 0)
    standing = Block.objects.filter(family=row, kind=Block.Kind.UNPAID, lifted_at__isnull=True).first()
    if standing is not None and not standing.is_automatic:
        return
    if not cents and standing is not None:
        lift_block(standing, by=by, at=at)
    elif cents and (standing is None or standing.amount_cents != cents):
        put_block(row, Block.Kind.UNPAID, amount_cents=cents, is_automatic=True, by=by, at=at)
