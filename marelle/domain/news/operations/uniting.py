"""Messages to a family that was united with another. Inside the operation that unites them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.news.models import LostAddress, MessageRecipient

if TYPE_CHECKING:
    from collections.abc import Mapping


def unite_homes(ended: int, kept: int, guardians: Mapping[int, int]) -> dict[str, int]:
    """Will make what a family (key) was written what another one was; a message told to both is told once."""
    columns = ("message_id", "guardian_id", "channel")
    told = {tuple(row) for row in MessageRecipient.objects.filter(family=kept).values_list(*columns)}
    gone, moved = [], 0
    for row in MessageRecipient.objects.filter(family=ended).order_by("pk"):
        guardian = guardians.get(row.guardian_id, row.guardian_id)
        named = (row.message_id, guardian, row.channel)
        if named in told:
            gone.append(row.pk)
            continue
        told.add(named)
        row.family_id, row.guardian_id = kept, guardian
        row.save(update_fields=["family", "guardian"])
        moved += 1
    MessageRecipient.objects.filter(pk__in=gone).delete()
    lost = LostAddress.objects.filter(family=kept, cleared_at__isnull=True).values("digest")
    LostAddress.objects.filter(family=ended, cleared_at__isnull=True, digest__in=lost).delete()
    LostAddress.objects.filter(family=ended).update(family=kept)
    return {"messages": moved}
