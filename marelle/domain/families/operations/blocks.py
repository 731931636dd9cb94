"""Blocks put on a family and lifted."""

from __future__ import annotations

from datetime import datetime

from marelle.domain.families.models import (
    Block,
    Family,
)
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


class UnableToBlockError(Exception):
    """A missing document needs its name, unpaid invoices an amount; nothing was written."""


@operation
def put_block(
    family: Family,
    kind: str,
    *,
    amount_cents: int = 0,
    document: str = "",
    is_automatic: bool = False,
    by: Actor,
    at: datetime,
) -> Block:
    """Will note that something stands against a family's reservations; a second time changes the amount.

    What an agent put is left as it is by what is automatic, and an agent makes their own what was. Whether it stops
    anything is the règlement's to say. Raises UnableToBlockError.
    """
    document = document.strip()
    if (kind == Block.Kind.MISSING_DOCUMENT and not document) or (kind == Block.Kind.UNPAID and amount_cents <= 0):
        raise UnableToBlockError
    Family.objects.select_for_update(no_key=True).get(pk=family.pk)
    block, is_new = Block.objects.get_or_create(
        authority_id=family.authority_id,
        family=family,
        kind=kind,
        document=document if kind == Block.Kind.MISSING_DOCUMENT else "",
        lifted_at=None,
        defaults={"amount_cents": amount_cents, "put_at": at, "is_automatic": is_automatic},
    )
    if not is_new:
        if is_automatic and not block.is_automatic:
            return block
        if (block.amount_cents, block.is_automatic) != (amount_cents, is_automatic):
            block.amount_cents, block.is_automatic = amount_cents, is_automatic
            block.save(update_fields=["amount_cents", "is_automatic"])
    audit.record("put_block", authority=family.authority_id, of="block", key=block.pk, by=by, at=at, kind=kind)
    return block


@operation
def lift_block(block: Block, *, by: Actor, at: datetime) -> bool:
    """Will lift what stood against a family; tells whether it still did."""
    count = Block.objects.filter(pk=block.pk, lifted_at__isnull=True).update(lifted_at=at)
    if count:
        audit.record("lift_block", authority=block.authority_id, of="block", key=block.pk, by=by, at=at)
    return bool(count)
