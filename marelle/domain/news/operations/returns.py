"""What came back: addresses that answer no more, noted and tried again."""

from __future__ import annotations

from datetime import datetime

from marelle.domain.families.models import Family
from marelle.domain.news.models import LostAddress, MessageRecipient
from marelle.domain.news.models.messages import digest_of_address
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@operation
def note_lost_address(family: Family, address: str, *, status: str, by: Actor, at: datetime) -> bool:
    """Will note that a letter to `address` came back to `family` for good; tells whether it was not known yet.

    The address itself is not kept, nor told to the journal.
    """
    _row, is_new = LostAddress.objects.get_or_create(
        authority_id=family.authority_id,
        family=family,
        digest=digest_of_address(address),
        cleared_at=None,
        defaults={"status": status[:12], "returned_at": at},
    )
    if is_new:
        audit.record(
            "lose_address", authority=family.authority_id, of="family", key=family.pk, by=by, at=at, status=status[:12]
        )
    return is_new


@operation
def try_address_again(lost: LostAddress, *, by: Actor, at: datetime) -> bool:
    """Will let letters go again to an address that had answered no more; tells whether it was still so."""
    count = LostAddress.objects.filter(pk=lost.pk, cleared_at=None).update(cleared_at=at)
    if count:
        audit.record("try_address_again", authority=lost.authority_id, of="family", key=lost.family_id, by=by, at=at)
    return bool(count)


@operation
def note_message_returned(recipient: int, *, by: Actor, at: datetime) -> None:
    """Will note that an e-mail of a message to families (the recipient's key) came back."""
    rows = MessageRecipient.objects.filter(pk=recipient, state=MessageRecipient.State.TOLD)
    rows.update(state=MessageRecipient.State.RETURNED)
