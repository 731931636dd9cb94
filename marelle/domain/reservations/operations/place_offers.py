"""A family answers the place that it is offered, or does not; a family lets its place go to whoever waits."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from marelle.domain.reservations.models import (
    CancellationRequest,
    Confirmation,
    FreedPlace,
    Place,
    PlaceOffer,
    Reservation,
    WaitingListEntry,
)
from marelle.domain.reservations.operations.freed_places import decision_instead, reservation_for
from marelle.domain.reservations.operations.locking import lock_children
from marelle.domain.reservations.operations.places import exchange_places
from marelle.domain.reservations.queries.planning import ChildFacts, DayKey, read_planning
from marelle.domain.reservations.queries.waiting import rules_of
from marelle.domain.reservations.rules.decisions import Wish
from marelle.domain.reservations.rules.waiting import Kept, may_let_go
from marelle.foundation import audit, outbox
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.reservations.rules.decisions import Refusal
    from marelle.foundation.actors import Actor

SHOWN_OF_NUMBER = 6
TAKEN_WORDS = "Une autre famille a pris la place que vous avez libérée."
UNANSWERED = "la proposition est restée sans réponse"
DECLINED = "place refusée par la famille"
STATE = PlaceOffer.State


class UnableToAnswerOfferError(Exception):
    """The offer is over: answered, too late, or its place is no longer there; nothing was written."""


class UnableToLetGoError(Exception):
    """The place is not the family's, is let go or cancelled already, or `refusal` says why; nothing was written."""

    def __init__(self, refusal: Refusal | None = None) -> None:
        """Will keep why, when a rule says it."""
        super().__init__(refusal)
        self.refusal = refusal


class UnableToTakeBackError(Exception):
    """The place is offered to a family now, or was taken; nothing was written."""


@operation
def accept_offer(
    offer_made: PlaceOffer, *, family: int, user: int | None, offer: Offer, by: Actor, at: datetime
) -> Confirmation:
    """Will record the place that a family (key) was offered, and return the confirmation that says so.

    Of a service paid on booking, the place is held while it is paid, as when a basket is confirmed. A place that
    another family let go changes hands in one statement: theirs is cancelled and costs nothing. Raises
    UnableToAnswerOfferError.
    """
    made = _locked(offer_made, family=family, at=at)
    entry = made.entry
    service = offer.product_by_pk[entry.product_id].activity.service
    held_until = at + timedelta(hours=service.hold_hours) if service.is_prepaid else None
    state = Reservation.State.HELD if service.is_prepaid else Reservation.State.RESERVED
    if made.freed is not None:
        made.reservation_id = _exchange(made, state=state, held_until=held_until, offer=offer, by=by, at=at)
    confirmation = Confirmation.objects.create(
        authority_id=offer.authority,
        user_id=user,
        family_id=family,
        basket_key=made.public_id,
        number=f"R-{at.astimezone(offer.zone).year}-{made.public_id[:SHOWN_OF_NUMBER].upper()}",
        confirmed_at=at,
    )
    reservation = Reservation.objects.get(pk=made.reservation_id)
    reservation.state, reservation.held_until, reservation.confirmation = state, held_until, confirmation
    reservation.save(update_fields=["state", "held_until", "confirmation"])
    confirmation.lines = [
        {
            "child": entry.child_id,
            "product": entry.product_id,
            "date": entry.date.isoformat(),
            "outcome": "held" if service.is_prepaid else "reserved",
            "cents": reservation.price_cents,
        }
    ]
    confirmation.save(update_fields=["lines"])
    made.state, made.answered_at = STATE.ACCEPTED, at
    made.save(update_fields=["state", "answered_at", "reservation"])
    _leave(entry, at=at)
    outbox.post("letters.basket_confirmed", authority=offer.authority, confirmation=confirmation.pk)
    audit.record("accept_offer", authority=offer.authority, of="place_offer", key=made.pk, by=by, at=at, family=family)
    return confirmation


@operation
def decline_offer(offer_made: PlaceOffer, *, family: int, by: Actor, at: datetime) -> None:
    """Will give back the place that a family (key) was offered; it waits no more, and the next is offered it.

    Raises UnableToAnswerOfferError.
    """
    made = _locked(offer_made, family=family, at=at)
    _end([made], STATE.DECLINED, reason=DECLINED, at=at)
    audit.record("decline_offer", authority=made.authority_id, of="place_offer", key=made.pk, by=by, at=at)


@operation
def end_offers(*, by: Actor, at: datetime) -> int:
    """Will end, in the authorities in scope, every offer whose moment is past, or whose place went; returns how many.

    Without an answer the child waits no more, its family is written to, and the next is offered the place. A place
    that was confirmed, or given back, in another way than by an answer ends its offer too.
    """
    over = PlaceOffer.objects.filter(
        Q(expires_at__lte=at)
        | Q(reservation__isnull=False) & ~Q(reservation__state=Reservation.State.HELD)
        | Q(freed__isnull=False) & ~Q(freed__state=FreedPlace.State.OPEN)
        | Q(freed__isnull=False) & ~Q(freed__reservation__state=Reservation.State.RESERVED)
        | Q(entry__left_at__isnull=False),
        state=STATE.OFFERED,
    )
    lock_children(over.values_list("entry__child", flat=True))
    ended: dict[tuple[int, str], list[PlaceOffer]] = defaultdict(list)
    rows = over.select_for_update(of=("self",)).select_related("reservation", "freed__reservation", "entry")
    for made in rows.order_by("pk"):
        ended[made.authority_id, _fate(made, at)].append(made)
    for (authority, state), offers in ended.items():
        if state == STATE.ACCEPTED:
            PlaceOffer.objects.filter(pk__in=[one.pk for one in offers]).update(state=state, answered_at=at)
            WaitingListEntry.objects.filter(pk__in=[one.entry_id for one in offers], left_at__isnull=True).update(
                left_at=at
            )
        else:
            _end(offers, state, reason=UNANSWERED, at=at)
        for one in offers:
            if state == STATE.EXPIRED and one.reservation_id:
                outbox.post("letters.held_place_released", authority=authority, reservation=one.reservation_id)
            elif state == STATE.EXPIRED:
                outbox.post("letters.offer_expired", authority=authority, offer=one.pk)
            audit.record("end_offer", authority=authority, of="place_offer", key=one.pk, by=by, at=at, state=state)
    return sum(map(len, ended.values()))


@operation
def let_go_place(reservation: Reservation, *, family: int, offer: Offer, by: Actor, at: datetime) -> FreedPlace:
    """Will let the place of a family (key) go to whoever waits and accepts it; until then it stays theirs, and due.

    For a day that they may no longer cancel, where the règlement says that such a place is offered. Raises
    UnableToLetGoError.
    """
    lock_children([reservation.child_id])
    reservation.refresh_from_db()
    if reservation.family_id != family or reservation.state != Reservation.State.RESERVED:
        raise UnableToLetGoError
    key = DayKey(reservation.child_id, reservation.product_id, reservation.date)
    product = offer.product_by_pk.get(key.product)
    if product is None or FreedPlace.objects.filter(reservation=reservation, state=FreedPlace.State.OPEN).exists():
        raise UnableToLetGoError
    planning = read_planning(
        [ChildFacts(reservation.child_id, reservation.child.birth_date)],
        [product],
        key.date,
        key.date,
        offer=offer,
        family=family,
        user=None,
    )
    decision = planning.decision(key, Wish.CANCEL, at=at)
    rules = rules_of(key.product, key.date, offer=offer)
    if not may_let_go(decision, rules, ends_at=offer.day(product, key.date).ends_at, at=at):
        raise UnableToLetGoError(decision.refusals[0] if decision.refusals else None)
    freed = FreedPlace.objects.create(
        authority_id=offer.authority, reservation=reservation, freed_at=at, freed_by_id=by.key
    )
    outbox.post("reservations.place_let_go", authority=offer.authority, freed=freed.pk)
    audit.record("let_go_place", authority=offer.authority, of="freed_place", key=freed.pk, by=by, at=at)
    return freed


@operation
def take_back_place(freed: FreedPlace, *, family: int, by: Actor, at: datetime) -> FreedPlace:
    """Will keep for a family (key) the place that it had let go, and return it. Raises UnableToTakeBackError."""
    freed = FreedPlace.objects.select_for_update(of=("self",)).select_related("reservation").get(pk=freed.pk)
    is_offered = PlaceOffer.objects.filter(freed=freed, state=STATE.OFFERED).exists()
    if freed.reservation.family_id != family or freed.state != FreedPlace.State.OPEN or is_offered:
        raise UnableToTakeBackError
    freed.state, freed.settled_at = FreedPlace.State.WITHDRAWN, at
    freed.save(update_fields=["state", "settled_at"])
    audit.record("take_back_place", authority=freed.authority_id, of="freed_place", key=freed.pk, by=by, at=at)
    return freed


def _locked(offer_made: PlaceOffer, *, family: int, at: datetime) -> PlaceOffer:
    """Will hold the children of an offer, then the offer, if it may still be answered by that family."""
    children = {offer_made.entry.child_id}
    if offer_made.freed is not None:
        children.add(offer_made.freed.reservation.child_id)
    lock_children(children)
    made = (
        PlaceOffer.objects.select_for_update(of=("self",))
        .select_related("entry__child", "reservation", "freed__reservation")
        .get(pk=offer_made.pk)
    )
    is_mine = made.entry.family_id == family and made.entry.left_at is None
    if not is_mine or made.state != STATE.OFFERED or _fate(made, at) != STATE.OFFERED:
        raise UnableToAnswerOfferError
    return made


def _fate(made: PlaceOffer, at: datetime) -> str:
    """Will say what an offer that is written as running has become."""
    if made.reservation is not None and made.reservation.state == Reservation.State.RESERVED:
        return STATE.ACCEPTED  # an agent confirmed the place
    if made.reservation is not None and made.reservation.state == Reservation.State.CANCELLED:
        return STATE.DECLINED
    theirs = made.freed
    if theirs is not None and (
        theirs.state != FreedPlace.State.OPEN or theirs.reservation.state != Reservation.State.RESERVED
    ):
        return STATE.WITHDRAWN
    if made.entry.left_at is not None:
        return STATE.DECLINED
    return STATE.EXPIRED if at >= made.expires_at else STATE.OFFERED


def _end(offers: Collection[PlaceOffer], state: str, *, reason: str, at: datetime) -> None:
    """Will give back what is held for these offers of one authority; their children wait no more."""
    authority = next(iter(offers)).authority_id
    PlaceOffer.objects.filter(pk__in=[one.pk for one in offers]).update(state=state, answered_at=at)
    leaving = [one.entry_id for one in offers if state != STATE.WITHDRAWN]
    WaitingListEntry.objects.filter(pk__in=leaving, left_at__isnull=True).update(left_at=at)
    held = Reservation.objects.filter(
        pk__in=[one.reservation_id for one in offers if one.reservation_id], state=Reservation.State.HELD
    )
    done = exchange_places(
        (),
        authority=authority,
        family=None,
        at=at,
        releases=sorted(held.values_list("pk", flat=True)),
        release_reason=reason,
    )
    if done.freed:
        outbox.post("reservations.places_freed", authority=authority, slots=list(done.freed))
    for one in offers:
        if one.freed is not None and one.freed.state == FreedPlace.State.OPEN:
            outbox.post("reservations.place_let_go", authority=authority, freed=one.freed.pk)


def _leave(entry: WaitingListEntry, *, at: datetime) -> None:
    WaitingListEntry.objects.filter(
        child=entry.child_id, product=entry.product_id, date=entry.date, left_at__isnull=True
    ).update(left_at=at)


def _exchange(
    made: PlaceOffer, *, state: str, held_until: datetime | None, offer: Offer, by: Actor, at: datetime
) -> int:
    """Will give one child the place of another, all or nothing, and return the key of the new reservation."""
    freed, entry = made.freed, made.entry
    if freed is None:
        raise UnableToAnswerOfferError
    theirs = freed.reservation
    key = DayKey(entry.child_id, entry.product_id, entry.date)
    planning = read_planning(
        [ChildFacts(entry.child_id, entry.child.birth_date)],
        [offer.product_by_pk[key.product]],
        key.date,
        key.date,
        offer=offer,
        family=entry.family_id,
        user=None,
        is_offering=True,
    )
    slots = set(Place.objects.filter(reservation=theirs).values_list("slot_id", flat=True))
    decision = decision_instead(planning, key, slots, at)
    is_past_limit = decision.is_refused
    new = reservation_for(
        key, entry.family_id, planning, decision, until=Kept(made.expires_at, is_past_limit), offer=offer
    )
    done = exchange_places(
        [new],
        authority=offer.authority,
        family=entry.family_id,
        at=at,
        releases=[theirs.pk],
        release_reason=TAKEN_WORDS,
    )
    if not done.is_done:
        raise UnableToAnswerOfferError
    answer = {
        "state": CancellationRequest.State.ACCEPTED,
        "decided_at": at,
        "reason": TAKEN_WORDS,
        "is_refunded": True,
        "due_cents": None,
    }
    asked = CancellationRequest.objects.filter(reservation=theirs, state=CancellationRequest.State.PENDING)
    request = asked.first()
    if request is None:
        request = CancellationRequest.objects.create(
            authority_id=theirs.authority_id, reservation=theirs, asked_at=freed.freed_at, **answer
        )
    else:
        asked.update(**answer)
    freed.state, freed.settled_at = FreedPlace.State.TAKEN, at
    freed.save(update_fields=["state", "settled_at"])
    outbox.post("letters.cancellation_decided", authority=theirs.authority_id, request=request.pk)
    audit.record("take_freed_place", authority=theirs.authority_id, of="freed_place", key=freed.pk, by=by, at=at)
    (reservation,) = done.recorded
    return reservation
