"""Places held while they are paid: confirmed, given back, taken again when the money came too late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.families.queries import children_of
from marelle.domain.reservations.models import Reservation
from marelle.domain.reservations.operations.baskets import set_wishes
from marelle.domain.reservations.operations.locking import lock_children
from marelle.domain.reservations.operations.places import NewReservation, exchange_places
from marelle.domain.reservations.operations.waiting_list import leave_when_reserved
from marelle.domain.reservations.queries.planning import ChildFacts, DayKey, Planning, read_planning
from marelle.foundation import audit, outbox
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.families.models import Child
    from marelle.foundation.actors import Actor


@operation
def confirm_held(places: Collection[int], *, authority: int, by: Actor, at: datetime) -> frozenset[int]:
    """Will record for good those of these reservations (keys) that are still held, and return their keys."""
    still = _held(places)
    Reservation.objects.filter(pk__in=still).update(state=Reservation.State.RESERVED, held_until=None)
    if still:
        audit.record(
            "confirm_held", authority=authority, of="reservation", key=None, by=by, at=at, reservations=sorted(still)
        )
    return frozenset(still)


@operation
def release_held(
    places: Collection[int], *, authority: int, family: int, reason: str, by: Actor, at: datetime
) -> frozenset[int]:
    """Will give back those of these reservations (keys) of a family that are still held, and return their keys."""
    still = _held(places)
    if not still:
        return frozenset()
    done = exchange_places((), authority=authority, family=family, at=at, releases=sorted(still), release_reason=reason)
    if done.freed:
        outbox.post("reservations.places_freed", authority=authority, slots=list(done.freed))
    audit.record(
        "release_held", authority=authority, of="reservation", key=None, by=by, at=at, reservations=sorted(still)
    )
    return frozenset(still)


@operation
def take_again(lost: Iterable[Reservation], *, offer: Offer, by: Actor, at: datetime) -> dict[int, int]:
    """Will reserve again places that were given back before their payment came, each where one is still free.

    At the price and in the terms of then: no limit is asked again. Returns the new key of each by its former key;
    what is missing could not be: the place is taken, the day is over or closed, the child has another reservation at
    that time, is enrolled no more or has left the home.
    """
    gone = sorted(lost, key=lambda one: one.pk)
    if not gone:
        return {}
    lock_children(one.child_id for one in gone)
    family = gone[0].family_id
    living = {child.pk: child for day in {one.date for one in gone} for child in children_of(family, on=day)}
    gone = [one for one in gone if one.child_id in living and one.product_id in offer.product_by_pk]
    if not gone:
        return {}
    days = [one.date for one in gone]
    planning = read_planning(
        [ChildFacts(child.pk, child.birth_date) for child in living.values()],
        [offer.product_by_pk[pk] for pk in {one.product_id for one in gone}],
        min(days),
        max(days),
        offer=offer,
        family=family,
        user=None,
    )
    wanted: list[tuple[Reservation, NewReservation]] = []
    for one in gone:
        key = DayKey(one.child_id, one.product_id, one.date)
        slots = planning.slots_for(key)
        if slots and _is_open_again(key, planning, at=at):
            wanted.append((one, _as_it_was(one, tuple(slot.pk for slot in slots))))
    taken: dict[int, int] = {}
    while wanted:
        done = exchange_places(
            [new for _old, new in wanted],
            authority=offer.authority,
            family=family,
            at=at,
            confirmation=gone[0].confirmation_id,
        )
        if done.is_done:
            active = Reservation.objects.filter(pk__in=done.recorded)
            keys = {(one.child_id, one.product_id, one.date): one.pk for one in active}
            taken = {old.pk: keys[old.child_id, old.product_id, old.date] for old, _new in wanted}
            leave_when_reserved([DayKey(old.child_id, old.product_id, old.date) for old, _new in wanted], at=at)
            break
        # One at a time leaves: of two that wanted the last place of a slot, one may still have it.
        last = max(place for place, (_old, new) in enumerate(wanted) if done.short.intersection(new.slots))
        del wanted[last]
    audit.record(
        "take_again", authority=offer.authority, of="reservation", key=None, by=by, at=at, reservations=sorted(taken)
    )
    return taken


@operation
def bring_to_basket(
    places: Iterable[Reservation], *, user: int, family: int, children: Iterable[Child], offer: Offer, by: Actor,
    at: datetime,
) -> int:  # fmt: skip
    """Will bring a basket to wanting these days; returns how many went in.

    Those given back go in again, at today's price and terms (what is no longer possible stays out); those that are
    reserved after all come out.
    """
    children = tuple(children)
    known = {child.pk for child in children}
    wishes = {
        DayKey(one.child_id, one.product_id, one.date): True
        for one in places
        if one.child_id in known and one.product_id in offer.product_by_pk
    }
    if not wishes:
        return 0
    return set_wishes(wishes, user=user, family=family, children=children, offer=offer, by=by, at=at).added


def _held(places: Collection[int]) -> list[int]:
    rows = Reservation.objects.filter(pk__in=places)
    lock_children(rows.values_list("child_id", flat=True))
    return sorted(rows.filter(state=Reservation.State.HELD).values_list("pk", flat=True))


def _is_open_again(key: DayKey, planning: Planning, *, at: datetime) -> bool:
    product = planning.offer.product_by_pk[key.product]
    rule = planning.offer.day(product, key.date)
    return (
        at < rule.ends_at
        and rule.closed is None
        and key not in planning.booked
        and not planning.same_time(key)
        and planning.is_enrolled(key.child, product.activity.pk, key.date)
    )


def _as_it_was(one: Reservation, slots: tuple[int, ...]) -> NewReservation:
    return NewReservation(
        child=one.child_id,
        product=one.product_id,
        date=one.date,
        slots=slots,
        state=Reservation.State.RESERVED,
        held_until=None,
        deadline_at=one.deadline_at,
        reglement=one.reglement_id,
        price_cents=one.price_cents,
        timing=one.timing,
        surcharge_cents=one.surcharge_cents,
        price_rule=one.price_rule,
    )
