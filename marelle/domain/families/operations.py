"""The few writes of families."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations import Outcome, Said, save_rows
from marelle.domain.families.models import Block, Child, Custody, Family, Guardian, HealthRecord, Membership
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation

NAMED_BY: Final[dict[type[Any], Sequence[str]]] = {
    Family: ("code",),
    Guardian: ("family_id", "first_name", "last_name"),
    Child: ("code",),
    Custody: ("child_id", "family_id", "starts_on"),
    Membership: ("user_id", "family_id"),
    HealthRecord: ("child_id",),
}


@operation
def save_family_rows(
    authority: Authority, model: type[Any], said: Collection[Said], *, force: bool = False, by: Actor, at: datetime
) -> Outcome[Any]:
    """Will create or update families, their people, custody or health as a file says them; see `authorities.save_rows`.

    `model` is one of `NAMED_BY`, which says by which columns its rows are named.
    """
    return save_rows(authority, model, NAMED_BY[model], said, force=force, by=by, at=at)


@operation
def change_contact_details(
    who: Family | Guardian, *, email: str, phone: str, by: Actor, at: datetime
) -> tuple[str, ...]:
    """Will give a family file or a guardian this address and this phone number; returns which of them changed.

    The account's own address, with which one signs in, is not touched.
    """
    row = type(who).objects.select_for_update(no_key=True).get(pk=who.pk)
    wanted = {"email": email, "phone": phone}
    changed = tuple(name for name, value in wanted.items() if getattr(row, name) != value)
    if not changed:
        return ()
    for name in changed:
        setattr(row, name, wanted[name])
    row.save(update_fields=changed)
    audit.record(
        "change_contact_details",
        authority=row.authority_id,
        of=row._meta.model_name or "",
        key=row.pk,
        by=by,
        at=at,
        fields=list(changed),
    )
    return changed


class UnableToBlockError(Exception):
    """A missing document needs its name, unpaid invoices an amount; nothing was written."""


@operation
def put_block(
    family: Family, kind: str, *, amount_cents: int = 0, document: str = "", by: Actor, at: datetime
) -> Block:
    """Will note that something stands against a family's reservations; a second time changes the amount.

    Whether it stops anything is the règlement's to say. Raises UnableToBlockError.
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
        defaults={"amount_cents": amount_cents, "put_at": at},
    )
    if not is_new and block.amount_cents != amount_cents:
        block.amount_cents = amount_cents
        block.save(update_fields=["amount_cents"])
    audit.record("put_block", authority=family.authority_id, of="block", key=block.pk, by=by, at=at, kind=kind)
    return block


@operation
def lift_block(block: Block, *, by: Actor, at: datetime) -> bool:
    """Will lift what stood against a family; tells whether it still did."""
    count = Block.objects.filter(pk=block.pk, lifted_at__isnull=True).update(lifted_at=at)
    if count:
        audit.record("lift_block", authority=block.authority_id, of="block", key=block.pk, by=by, at=at)
    return bool(count)
