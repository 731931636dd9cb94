"""What agents record themselves: bookings past the deadline, held places. Attendance has its own module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from marelle.domain.catalog.rules.price_steps import Priced
from marelle.domain.reservations.models import CancellationRequest, PlaceOffer, Reservation
from marelle.domain.reservations.operations.locking import lock_children
from marelle.domain.reservations.operations.places import NewReservation, exchange_places
from marelle.domain.reservations.operations.waiting_list import leave_when_reserved
from marelle.domain.reservations.queries.planning import ChildFacts, DayKey, read_planning
from marelle.domain.reservations.rules.decisions import WAIVED, Reason, Refusal, Wish
from marelle.foundation import audit, outbox
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.families.models import Child
    from marelle.foundation.actors import Actor


class UnableToRecordError(Exception):
    """It cannot be recorded: no reason was given, or `refusal` says why. Nothing was written."""

    def __init__(self, refusal: Refusal | None = None) -> None:
        """Will keep why; None when the agent gave no reason."""
        super().__init__(refusal)
        self.refusal = refusal


@operation
def reserve_for_family(
    child: Child, *, key: DayKey, family: int, offer: Offer, reason: str, by: Actor, at: datetime
) -> int:
    """Will reserve for a family, the deadline notwithstanding, with a reason, and return the reservation's key.

    The place is taken like any other: an agent cannot sell one twice. Raises UnableToRecordError.
    """
    reason = reason.strip()
    if not reason:
        raise UnableToRecordError
    lock_children([child.pk])
    product = offer.product_by_pk[key.product]
    planning = read_planning(
        [ChildFacts(child.pk, child.birth_date)], [product], key.date, key.date, offer=offer, family=family, user=None
    )
    no = [one for one in planning.decision(key, Wish.RESERVE, at=at).refusals if one.reason not in WAIVED]
    if no:
        raise UnableToRecordError(no[0])
    rule = offer.day(product, key.date)
    price = planning.tariff_price(key)
    done = exchange_places(
        [
            NewReservation(
                child=key.child,
                product=key.product,
                date=key.date,
                slots=tuple(slot.pk for slot in planning.slots_for(key) or ()),
                state=Reservation.State.RESERVED,
                held_until=None,
                deadline_at=rule.book_by.moment if rule.book_by else None,
                reglement=rule.reglement,
                price_cents=price.cents if isinstance(price, Priced) else None,
                timing=Reservation.Timing.BY_AGENT,
            )
        ],
        authority=offer.authority,
        family=family,
        at=at,
        reason=reason,
    )
    if not done.is_done:
        raise UnableToRecordError(Refusal(Reason.FULL))
    leave_when_reserved([key], at=at)
    (reservation,) = done.recorded
    outbox.post("letters.reserved_for_family", authority=offer.authority, reservation=reservation)
    audit.record(
        "reserve_for_family", authority=offer.authority, of="reservation", key=reservation, by=by, at=at, family=family
    )
    return reservation


@operation
def cancel_for_family(reservation: Reservation, *, reason: str, is_refunded: bool, by: Actor, at: datetime) -> None:
    """Will cancel a reservation for its family, the deadline notwithstanding, with the reason the family reads.

    A pending request of the family is answered by the same act. Raises UnableToRecordError.
    """
    reason = reason.strip()
    if not reason:
        raise UnableToRecordError
    lock_children([reservation.child_id])
    reservation.refresh_from_db()
    if reservation.state == Reservation.State.CANCELLED:
        raise UnableToRecordError(Refusal(Reason.NOT_RESERVED))
    answer = {
        "state": CancellationRequest.State.ACCEPTED,
        "decided_at": at,
        "decided_by_id": by.key,
        "reason": reason,
        "is_refunded": is_refunded,
    }
    asked = CancellationRequest.objects.filter(reservation=reservation, state=CancellationRequest.State.PENDING)
    if not asked.update(**answer) and reservation.state == Reservation.State.RESERVED:
        # Nobody had asked: the agent's act is kept in the same place, since it says what stays due.
        CancellationRequest.objects.create(
            authority_id=reservation.authority_id, reservation=reservation, asked_at=at, **answer
        )
    _release([reservation], reason=reason, at=at)
    outbox.post(
        "letters.cancelled_for_family",
        authority=reservation.authority_id,
        reservation=reservation.pk,
        refunded=int(is_refunded),
    )
    audit.record(
        "cancel_for_family",
        authority=reservation.authority_id,
        of="reservation",
        key=reservation.pk,
        by=by,
        at=at,
        refunded=is_refunded,
    )


@operation
def cancel_days_for_family(
    reservations: Collection[int], *, reason: str, is_refunded: bool, by: Actor, at: datetime
) -> tuple[Reservation, ...]:
    """Will cancel those of these reservations (keys, of one authority) that still hold a place, and return them.

    As `cancel_for_family` does one, in as many statements for a year of days; the families are not written to day by
    day: whoever decided tells them. Raises UnableToRecordError when no reason is given.
    """
    reason = reason.strip()
    if not reason:
        raise UnableToRecordError
    rows = Reservation.objects.filter(pk__in=list(reservations))
    lock_children(rows.values_list("child_id", flat=True))
    cancelled = list(rows.active().order_by("date", "pk"))
    if not cancelled:
        return ()
    answer = {
        "state": CancellationRequest.State.ACCEPTED,
        "decided_at": at,
        "decided_by_id": by.key,
        "reason": reason,
        "is_refunded": is_refunded,
    }
    pending = CancellationRequest.objects.filter(
        reservation__in=[one.pk for one in cancelled], state=CancellationRequest.State.PENDING
    )
    asked = set(pending.values_list("reservation_id", flat=True))
    pending.update(**answer)
    CancellationRequest.objects.bulk_create(
        CancellationRequest(authority_id=one.authority_id, reservation=one, asked_at=at, **answer)
        for one in cancelled
        if one.pk not in asked and one.state == Reservation.State.RESERVED
    )
    _release(cancelled, reason=reason, at=at)
    audit.record(
        "cancel_days_for_family",
        authority=cancelled[0].authority_id,
        of="reservation",
        key=None,
        by=by,
        at=at,
        reservations=sorted(one.pk for one in cancelled),
        refunded=is_refunded,
    )
    return tuple(cancelled)


@operation
def confirm_held_place(reservation: Reservation, *, by: Actor, at: datetime) -> None:
    """Will record for good a place that was held, once it is settled at the town hall. Raises UnableToRecordError."""
    lock_children([reservation.child_id])
    count = Reservation.objects.filter(pk=reservation.pk, state=Reservation.State.HELD).update(
        state=Reservation.State.RESERVED, held_until=None
    )
    if not count:
        raise UnableToRecordError(Refusal(Reason.NOT_RESERVED))
    outbox.post("letters.held_place_confirmed", authority=reservation.authority_id, reservation=reservation.pk)
    audit.record(
        "confirm_held_place",
        authority=reservation.authority_id,
        of="reservation",
        key=reservation.pk,
        by=by,
        at=at,
    )


@operation
def release_held_place(reservation: Reservation, *, reason: str, by: Actor, at: datetime) -> None:
    """Will give back a place that was held and never settled. Raises UnableToRecordError when it is no longer held."""
    lock_children([reservation.child_id])
    reservation.refresh_from_db()
    if reservation.state != Reservation.State.HELD:
        raise UnableToRecordError(Refusal(Reason.NOT_RESERVED))
    _release([reservation], reason=reason.strip() or "non réglée à temps", at=at)
    outbox.post("letters.held_place_released", authority=reservation.authority_id, reservation=reservation.pk)
    audit.record(
        "release_held_place",
        authority=reservation.authority_id,
        of="reservation",
        key=reservation.pk,
        by=by,
        at=at,
    )


@operation
def release_expired_holds(*, kept: Collection[int] = (), by: Actor, at: datetime) -> int:
    """Will give back, in the authorities in scope, every place held beyond its time; returns how many.

    `kept` are reservations (keys) that somebody may still be paying.
    """
    held = Reservation.objects.filter(state=Reservation.State.HELD, held_until__lte=at)
    # Those held for an offer end with it, in their own way (`end_offers`).
    offers = PlaceOffer.objects.filter(reservation=OuterRef("pk"), state=PlaceOffer.State.OFFERED)
    expired = list(held.exclude(pk__in=kept).exclude(Exists(offers)).order_by("pk"))
    lock_children(reservation.child_id for reservation in expired)
    still = list(
        Reservation.objects.filter(
            pk__in=[reservation.pk for reservation in expired], state=Reservation.State.HELD, held_until__lte=at
        ).order_by("pk")
    )
    for authority in sorted({reservation.authority_id for reservation in still}):
        mine = [reservation for reservation in still if reservation.authority_id == authority]
        _release(mine, reason="non réglée à temps", at=at)
        for reservation in mine:
            outbox.post("letters.held_place_released", authority=authority, reservation=reservation.pk)
            audit.record(
                "release_expired_hold", authority=authority, of="reservation", key=reservation.pk, by=by, at=at
            )
    return len(still)


def _release(reservations: list[Reservation], *, reason: str, at: datetime) -> None:
    first = reservations[0]
    done = exchange_places(
        (),
        authority=first.authority_id,
        family=first.family_id,
        at=at,
        releases=[reservation.pk for reservation in reservations],
        release_reason=reason,
    )
    if done.freed:
        outbox.post("reservations.places_freed", authority=first.authority_id, slots=list(done.freed))
