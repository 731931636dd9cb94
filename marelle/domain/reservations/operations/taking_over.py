"""Days that a former software had reserved are taken here: places are taken as ever, and nobody is written to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.catalog.rules.price_steps import Priced
from marelle.domain.families.models import Child
from marelle.domain.reservations.models import Absence, Attendance, CancellationRequest, Reservation
from marelle.domain.reservations.operations.by_agents import UnableToRecordError
from marelle.domain.reservations.operations.locking import lock_children
from marelle.domain.reservations.operations.places import NewReservation, exchange_places
from marelle.domain.reservations.operations.waiting_list import leave_when_reserved
from marelle.domain.reservations.queries.planning import BasketWish, ChildFacts, DayKey, read_planning
from marelle.domain.reservations.rules.decisions import WAIVED, Reason, Refusal, Wish
from marelle.foundation import audit, outbox
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.reservations.queries.planning import Planning
    from marelle.foundation.actors import Actor


@operation
def take_over_days(family: int, days: Sequence[DayKey], *, offer: Offer, by: Actor, at: datetime) -> dict[DayKey, int]:
    """Will reserve for a family (key) days that it had reserved elsewhere, all or none, as in time.

    What is paid on booking was paid there: it is recorded at nothing, so that no invoice asks for it again. Returns the
    reservation (key) of each day. Raises UnableToRecordError.
    """
    keys = {key.child for key in days}
    lock_children(keys)
    children = [ChildFacts(pk, born) for pk, born in Child.objects.filter(pk__in=keys).values_list("pk", "birth_date")]
    products = [offer.product_by_pk[key] for key in sorted({key.product for key in days})]
    dates = [key.date for key in days]
    planning = read_planning(children, products, min(dates), max(dates), offer=offer, family=family, user=None)
    for key in days:
        no = [one for one in planning.decision(key, Wish.RESERVE, at=at).refusals if one.reason not in WAIVED]
        if no:
            raise UnableToRecordError(no[0])
        planning.wish(key, BasketWish(Wish.RESERVE))
    done = exchange_places(
        [_reservation(key, planning, offer) for key in days], authority=offer.authority, family=family, at=at
    )
    if not done.is_done:
        raise UnableToRecordError(Refusal(Reason.FULL))
    leave_when_reserved(list(days), at=at)
    audit.record_all(
        "take_over_day", authority=offer.authority, of="reservation", keys=done.recorded, by=by, at=at, family=family
    )
    rows = Reservation.objects.filter(pk__in=done.recorded).values_list("pk", "child_id", "product_id", "date")
    return {DayKey(child, product, day): pk for pk, child, product, day in rows}


def _reservation(key: DayKey, planning: Planning, offer: Offer) -> NewReservation:
    product = offer.product_by_pk[key.product]
    rule = offer.day(product, key.date)
    price = planning.tariff_price(key)
    cents = price.cents if isinstance(price, Priced) else None
    return NewReservation(
        child=key.child,
        product=key.product,
        date=key.date,
        slots=tuple(slot.pk for slot in planning.slots_for(key) or ()),
        state=Reservation.State.RESERVED,
        held_until=None,
        deadline_at=rule.book_by.moment if rule.book_by else None,
        reglement=rule.reglement,
        price_cents=0 if product.activity.service.is_prepaid else cents,
        timing=Reservation.Timing.ON_TIME,
    )


@operation
def give_back_days(reservations: Collection[int], *, by: Actor, at: datetime) -> set[int]:
    """Will give back days (reservations, keys, of one authority) that were taken over by mistake, as if never taken.

    Nothing stays due of them and nobody is written to. Those that served since stay: returns them.
    """
    rows = Reservation.objects.filter(pk__in=list(reservations))
    lock_children(rows.values_list("child_id", flat=True))
    found = {one.pk: one for one in rows.filter(state=Reservation.State.RESERVED).order_by("pk")}
    seen = set(
        Attendance.objects.filter(child__in={one.child_id for one in found.values()}).values_list(
            "child_id", "product_id", "date"
        )
    )
    asked = {
        *CancellationRequest.objects.filter(reservation__in=found).values_list("reservation_id", flat=True),
        *Absence.objects.filter(reservation__in=found).values_list("reservation_id", flat=True),
    }
    undone: dict[int, list[Reservation]] = {}
    for key, one in found.items():
        if key not in asked and (one.child_id, one.product_id, one.date) not in seen:
            undone.setdefault(one.family_id, []).append(one)
    gone: set[int] = set()
    for family, some in sorted(undone.items()):
        keys = [one.pk for one in some]
        authority = some[0].authority_id
        done = exchange_places((), authority=authority, family=family, at=at, releases=keys)
        if done.freed:
            outbox.post("reservations.places_freed", authority=authority, slots=list(done.freed))
        audit.record_all("give_back_day", authority=authority, of="reservation", keys=keys, by=by, at=at, family=family)
        gone |= set(keys)
    return set(reservations) - gone
