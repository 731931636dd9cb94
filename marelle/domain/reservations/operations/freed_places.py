"""A place frees up: those who wait first are told. It is not held for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.catalog.models import Slot
from marelle.domain.reservations.models import WaitingListEntry
from marelle.domain.reservations.queries.planning import ChildFacts, DayKey, read_planning
from marelle.domain.reservations.rules.decisions import Wish
from marelle.foundation import audit, outbox
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from marelle.domain.catalog.queries import Offer
    from marelle.foundation.actors import Actor


@operation
def tell_those_who_wait(slots: Collection[int], *, offer: Offer, by: Actor, at: datetime) -> int:
    """Will have a letter sent to the first who wait for these slots (keys), one for each free place; returns how many.

    Each is told once. Who could no longer reserve that day is passed over: the deadline is gone, or the place is not
    for that age.
    """
    told = 0
    for slot in Slot.objects.filter(pk__in=set(slots)).order_by("pk"):
        waiting = (
            WaitingListEntry.objects.filter(slot=slot, left_at__isnull=True, told_at__isnull=True)
            .select_related("child")
            .select_for_update(of=("self",))
            .order_by("asked_at", "pk")
        )
        left = None if slot.capacity is None else slot.capacity - slot.taken
        for entry in waiting:
            if left is not None and left <= 0:
                break
            if not _can_reserve(entry, offer, at):
                continue
            entry.told_at = at
            entry.save(update_fields=["told_at"])
            outbox.post("letters.place_freed", authority=offer.authority, entry=entry.pk)
            audit.record("tell_waiting", authority=offer.authority, of="waiting_list_entry", key=entry.pk, by=by, at=at)
            told += 1
            left = None if left is None else left - 1
    return told


def _can_reserve(entry: WaitingListEntry, offer: Offer, at: datetime) -> bool:
    product = offer.product_by_pk.get(entry.product_id)
    if product is None:
        return False
    key = DayKey(entry.child_id, entry.product_id, entry.date)
    planning = read_planning(
        [ChildFacts(entry.child_id, entry.child.birth_date)],
        [product],
        entry.date,
        entry.date,
        offer=offer,
        family=entry.family_id,
        user=None,
    )
    return not planning.decision(key, Wish.RESERVE, at=at).refusals
