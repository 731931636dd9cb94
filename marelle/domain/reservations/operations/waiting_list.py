"""Waiting for a place in a full slot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from marelle.domain.reservations.models import WaitingListEntry
from marelle.domain.reservations.operations.locking import lock_children
from marelle.domain.reservations.queries.planning import ChildFacts, DayKey, read_planning
from marelle.domain.reservations.rules.decisions import Reason, Refusal, Wish
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.families.models import Child
    from marelle.foundation.actors import Actor


class UnableToWaitError(Exception):
    """There is nothing to wait for: a place is left, or the day is refused for another reason, in `refusal`."""

    def __init__(self, refusal: Refusal | None) -> None:
        """Will keep why; None when a place is left."""
        super().__init__(refusal)
        self.refusal = refusal


@operation
def join_waiting_list(
    child: Child, *, key: DayKey, family: int, offer: Offer, by: Actor, at: datetime
) -> WaitingListEntry:
    """Will put `child` at the end of the list of the slot that is full on that day; a second time does nothing more.

    Raises UnableToWaitError unless the only reason against reserving is that it is full, and for the other home of a
    child who waits already.
    """
    lock_children([child.pk])
    waits = WaitingListEntry.objects.filter(
        child=child, product=key.product, date=key.date, left_at__isnull=True
    ).first()
    if waits is not None:
        if waits.family_id != family:
            # Once a child: the other home waits, and whether it does is told by nothing else.
            raise UnableToWaitError(Refusal(Reason.AWAITED))
        return waits
    product = offer.product_by_pk[key.product]
    planning = read_planning(
        [ChildFacts(child.pk, child.birth_date)], [product], key.date, key.date, offer=offer, family=family, user=None
    )
    no = planning.decision(key, Wish.RESERVE, at=at).refusals
    slot = planning.full_slot(key)
    if slot is None or not no or any(refusal.reason is not Reason.FULL for refusal in no):
        raise UnableToWaitError(no[0] if no else None)
    entry = WaitingListEntry.objects.create(
        authority_id=offer.authority,
        child=child,
        family_id=family,
        product_id=key.product,
        date=key.date,
        slot_id=slot.pk,
        asked_at=at,
    )
    audit.record("join_waiting_list", authority=offer.authority, of="waiting_list_entry", key=entry.pk, by=by, at=at)
    return entry


@operation
def leave_waiting_list(child: Child, *, key: DayKey, family: int, by: Actor, at: datetime) -> bool:
    """Will take `child` off the list of that day, if it waits there for this family (key); tells whether it did."""
    lock_children([child.pk])
    waits = WaitingListEntry.objects.filter(
        child=child, product=key.product, date=key.date, family=family, left_at__isnull=True
    ).first()
    if waits is None:
        return False
    waits.left_at = at
    waits.save(update_fields=["left_at"])
    audit.record(
        "leave_waiting_list", authority=waits.authority_id, of="waiting_list_entry", key=waits.pk, by=by, at=at
    )
    return True


@operation
def leave_lists(family: int, children: Collection[int], *, after: date, authority: int, by: Actor, at: datetime) -> int:
    """Will take off the lists all that `family` (key) waits for, and these children (keys), on days after that one.

    Returns how many.
    """
    lock_children(children)
    waits = WaitingListEntry.objects.filter(
        Q(family=family) | Q(child__in=list(children)), date__gt=after, left_at__isnull=True
    )
    left = sorted(waits.values_list("pk", flat=True))
    if left:
        WaitingListEntry.objects.filter(pk__in=left).update(left_at=at)
        audit.record("leave_lists", authority=authority, of="waiting_list_entry", key=None, by=by, at=at, entries=left)
    return len(left)


def leave_when_reserved(keys: list[DayKey], *, at: datetime) -> None:
    """Will take off the lists the children who have just got a place; runs inside the operation that reserved."""
    wanted = set(keys)
    waits = WaitingListEntry.objects.filter(
        child__in={key.child for key in wanted}, date__in={key.date for key in wanted}, left_at__isnull=True
    ).values_list("pk", "child_id", "product_id", "date")
    served = [pk for pk, *key in waits if DayKey(*key) in wanted]
    if served:
        WaitingListEntry.objects.filter(pk__in=served).update(left_at=at)
