"""A place frees up: it is offered to those who wait, in order, and held for each; or they are told, as was voted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from marelle.domain.catalog.models import Slot
from marelle.domain.catalog.rules.price_steps import Priced
from marelle.domain.reservations.models import FreedPlace, Place, PlaceOffer, Reservation, WaitingListEntry
from marelle.domain.reservations.operations.locking import lock_children
from marelle.domain.reservations.operations.places import NewReservation, exchange_places
from marelle.domain.reservations.queries.planning import ChildFacts, DayKey, Planning, read_planning
from marelle.domain.reservations.queries.waiting import queues_of, rules_of
from marelle.domain.reservations.rules.decisions import Decision, Wish, decide
from marelle.domain.reservations.rules.waiting import Kept, kept
from marelle.foundation import audit, outbox
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.reservations.queries.waiting import Queued
    from marelle.foundation.actors import Actor

STATE = PlaceOffer.State


class UnableToOfferError(Exception):
    """It cannot be offered to this child: it waits no more, has an offer, may not reserve, or no place is free."""


class Next(NamedTuple):
    """Who is next for a free place, and until when it would be kept; None: who waits is told, it is not kept."""

    queued: Queued
    kept: Kept | None


@operation
def offer_freed_places(slots: Collection[int], *, offer: Offer, by: Actor, at: datetime) -> int:
    """Will offer each free place of these slots (keys) to the next who waits for it; returns to how many.

    By the order and in the way that the règlement says: the place is held for them until a moment, and they are
    written to; or they are told, once, and nothing is held. Who could not reserve that day is passed over. No more is
    ever held than is free: one statement takes all the places or is asked again with fewer.
    """
    chosen = next_in_line(slots, offer=offer, at=at)
    if not chosen:
        return 0
    done = _offer(chosen, offer=offer, by=by, at=at)
    if done < len(chosen):
        # Somebody of them left or took a place meanwhile: what they did not take is for the next.
        outbox.post("reservations.places_freed", authority=offer.authority, slots=sorted(set(slots)))
    return done


@operation
def offer_by_hand(entry: WaitingListEntry, *, reason: str, offer: Offer, by: Actor, at: datetime) -> PlaceOffer:
    """Will offer a free place to one who waits, out of the order, for a reason that is kept. Raises UnableToOfferError.

    The reason is asked for even of the first: what an agent does by hand is explained.
    """
    reason = reason.strip()
    queue = queues_of([entry.slot_id], offer=offer).get(entry.slot_id, [])
    queued = next((one for one in queue if one.entry == entry.pk), None)
    if not reason or queued is None or queued.is_offered:
        raise UnableToOfferError
    _planning, decision = _asked(queued, offer, at)
    until = _kept(queued, decision, offer, at)
    if until is None or not _offer([Next(queued, until)], offer=offer, by=by, at=at, reason=reason):
        raise UnableToOfferError
    return PlaceOffer.objects.get(entry=entry, state=STATE.OFFERED)


@operation
def offer_let_go_place(freed: FreedPlace, *, offer: Offer, by: Actor, at: datetime) -> PlaceOffer | None:
    """Will offer a place that its family let go to the next who waits for it; None when nobody does, or somebody has.

    The place stays with the family that let it go until the offer is accepted.
    """
    theirs = Reservation.objects.get(pk=freed.reservation_id)
    slots = set(Place.objects.filter(reservation=theirs).values_list("slot_id", flat=True))
    queues = queues_of(slots, offer=offer)
    waiting = [one for slot in sorted(queues) for one in queues[slot] if one.child != theirs.child_id]
    for queued in waiting:
        if queued.is_offered or (until := _kept_instead(queued, slots, offer, at)) is None:
            continue
        lock_children([queued.child, theirs.child_id])
        freed = FreedPlace.objects.select_for_update().get(pk=freed.pk)
        theirs.refresh_from_db()
        is_offered = PlaceOffer.objects.filter(freed=freed, state=STATE.OFFERED).exists()
        is_over = freed.state != FreedPlace.State.OPEN or theirs.state != Reservation.State.RESERVED
        if is_offered or is_over or not _still_waiting([queued.entry]):
            return None
        made = PlaceOffer.objects.create(
            authority_id=offer.authority, entry_id=queued.entry, freed=freed, offered_at=at, expires_at=until.until
        )
        _say([made], at=at, by=by)
        return made
    return None


def next_in_line(slots: Collection[int], *, offer: Offer, at: datetime) -> list[Next]:
    """Will return to whom each free place of these slots (keys) would be offered now, slot by slot, next first."""
    queues = queues_of(slots, offer=offer)
    chosen: list[Next] = []
    seen: set[tuple[int, object]] = set()
    for slot in Slot.objects.filter(pk__in=list(queues)).order_by("pk"):
        left = None if slot.capacity is None else slot.capacity - slot.taken
        for queued in queues[slot.pk]:
            if left is not None and left <= 0:
                break
            # A child who waits for two places of a day is offered one at a time: the second may not suit any more.
            if queued.is_offered or (queued.child, queued.date) in seen:
                continue
            rules = rules_of(queued.product, queued.date, offer=offer)
            if not rules.is_kept and queued.told_at is not None:
                continue
            _planning, decision = _asked(queued, offer, at)
            until = _kept(queued, decision, offer, at)
            if until is None and (rules.is_kept or decision is None or decision.is_refused):
                continue
            chosen.append(Next(queued, until))
            seen.add((queued.child, queued.date))
            left = None if left is None else left - 1
    return chosen


def _offer(chosen: list[Next], *, offer: Offer, by: Actor, at: datetime, reason: str = "") -> int:
    """Will hold a place for each of these who waits still and may still reserve, and write to them; says how many."""
    lock_children(one.queued.child for one in chosen)
    waiting = _still_waiting([one.queued.entry for one in chosen])
    told = [one.queued.entry for one in chosen if one.kept is None and one.queued.entry in waiting]
    WaitingListEntry.objects.filter(pk__in=told).update(told_at=at)
    for entry in told:
        outbox.post("letters.place_freed", authority=offer.authority, entry=entry)
        audit.record("tell_waiting", authority=offer.authority, of="waiting_list_entry", key=entry, by=by, at=at)
    wanted: list[tuple[Queued, Kept, NewReservation]] = []
    for one in chosen:
        if one.kept is None or one.queued.entry not in waiting:
            continue
        planning, decision = _asked(one.queued, offer, at)
        until = _kept(one.queued, decision, offer, at)
        if planning is not None and decision is not None and until is not None:
            new = reservation_for(_key(one.queued), one.queued.family, planning, decision, until=until, offer=offer)
            wanted.append((one.queued, until, new))
    made = _hold(wanted, offer=offer, by=by, at=at, reason=reason)
    _say(made, by=by, at=at)
    return len(told) + len(made)


def _hold(
    wanted: list[tuple[Queued, Kept, NewReservation]], *, offer: Offer, by: Actor, at: datetime, reason: str
) -> list[PlaceOffer]:
    while wanted:
        done = exchange_places([new for *_, new in wanted], authority=offer.authority, family=None, at=at)
        if done.is_done:
            rows = Reservation.objects.filter(pk__in=done.recorded)
            keys = {(one.child_id, one.product_id, one.date): one.pk for one in rows}
            return PlaceOffer.objects.bulk_create(
                PlaceOffer(
                    authority_id=offer.authority,
                    entry_id=queued.entry,
                    reservation_id=keys[new.child, new.product, new.date],
                    offered_at=at,
                    expires_at=until.until,
                    offered_by_id=by.key if reason else None,
                    reason=reason,
                )
                for queued, until, new in wanted
            )
        # The last in order leaves first, one at a time: those before it may fit without it.
        last = max(place for place, (*_, new) in enumerate(wanted) if done.short.intersection(new.slots))
        del wanted[last]
    return []


def _say(made: Iterable[PlaceOffer], *, by: Actor, at: datetime) -> None:
    made = list(made)
    WaitingListEntry.objects.filter(pk__in=[one.entry_id for one in made]).update(told_at=at)
    for one in made:
        outbox.post("letters.place_offered", authority=one.authority_id, offer=one.pk)
        audit.record("offer_place", authority=one.authority_id, of="place_offer", key=one.pk, by=by, at=at)


def _still_waiting(entries: Collection[int]) -> set[int]:
    """Will hold these entries (keys), and return those who wait still and are offered nothing."""
    rows = WaitingListEntry.objects.filter(pk__in=entries).order_by("pk").select_for_update()
    waiting = {one.pk for one in rows if one.left_at is None}
    return waiting - set(
        PlaceOffer.objects.filter(entry__in=waiting, state=STATE.OFFERED).values_list("entry_id", flat=True)
    )


def _asked(queued: Queued, offer: Offer, at: datetime) -> tuple[Planning | None, Decision | None]:
    """Will return what is known of one who waits, and what the règlement would answer; nothing of an old product."""
    product = offer.product_by_pk.get(queued.product)
    if product is None:
        return None, None
    planning = read_planning(
        [ChildFacts(queued.child, queued.birth_date)],
        [product],
        queued.date,
        queued.date,
        offer=offer,
        family=queued.family,
        user=None,
        is_offering=True,
    )
    return planning, planning.decision(_key(queued), Wish.RESERVE, at=at)


def _kept(queued: Queued, decision: Decision | None, offer: Offer, at: datetime) -> Kept | None:
    if decision is None:
        return None
    day = offer.day(offer.product_by_pk[queued.product], queued.date)
    return kept(decision, rules_of(queued.product, queued.date, offer=offer), ends_at=day.ends_at, at=at)


def _kept_instead(queued: Queued, slots: set[int], offer: Offer, at: datetime) -> Kept | None:
    """Will say until when a place of these slots, which another child leaves, would be kept for one who waits."""
    planning, _full = _asked(queued, offer, at)
    return None if planning is None else _kept(queued, decision_instead(planning, _key(queued), slots, at), offer, at)


def decision_instead(planning: Planning, key: DayKey, slots: set[int], at: datetime) -> Decision:
    """Will return what the règlement answers when a child takes the place that another leaves in these slots (keys)."""
    lefts = [
        (slot.left or 0) + (slot.pk in slots) for slot in planning.slots_for(key) or () if slot.capacity is not None
    ]
    return decide(planning.facts(key)._replace(places_left=min(lefts, default=None)), Wish.RESERVE, at=at)


def reservation_for(
    key: DayKey, family: int, planning: Planning, decision: Decision, *, until: Kept, offer: Offer
) -> NewReservation:
    """Will return the reservation that holds a place until a moment for a family (key), at the price of now."""
    rule = offer.day(offer.product_by_pk[key.product], key.date)
    voted = planning.tariff_price(key)
    ordinary = voted.cents if isinstance(voted, Priced) else None
    cents = ordinary if until.is_past_limit else decision.price.applied_to(ordinary)
    timing = Reservation.Timing.LATE if decision.is_late else Reservation.Timing.ON_TIME
    return NewReservation(
        child=key.child,
        product=key.product,
        date=key.date,
        slots=tuple(slot.pk for slot in planning.slots_for(key) or ()),
        state=Reservation.State.HELD,
        held_until=until.until,
        deadline_at=rule.book_by.moment if rule.book_by else None,
        reglement=rule.reglement,
        price_cents=cents,
        # Past the limit the règlement, not the family, opened the day again: as when the town hall reserves.
        timing=Reservation.Timing.BY_AGENT if until.is_past_limit else timing,
        surcharge_cents=cents - ordinary if cents is not None and ordinary is not None else 0,
        price_rule=decision.price.code,
        family=family,
    )


def _key(queued: Queued) -> DayKey:
    return DayKey(queued.child, queued.product, queued.date)
