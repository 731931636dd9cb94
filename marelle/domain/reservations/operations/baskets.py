"""Filling a basket, and *Valider*."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F

from marelle.domain.reservations.models import (
    Basket,
    BasketLine,
    CancellationRequest,
    Confirmation,
    Reservation,
)
from marelle.domain.reservations.operations.locking import lock_basket, lock_children
from marelle.domain.reservations.operations.places import NewReservation, exchange_places
from marelle.domain.reservations.operations.waiting_list import leave_when_reserved
from marelle.domain.reservations.queries.planning import ChildFacts, DayKey, Planning, read_planning
from marelle.domain.reservations.rules.decisions import Booked, Reason, Refusal, Wish, refusals
from marelle.foundation import audit, outbox
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.families.models import Child
    from marelle.foundation.actors import Actor

# A whole school year of six products for five children is some 4,000 squares; nobody ticks more at once.
MOST_SQUARES_AT_ONCE = 4_500
SHOWN_OF_NUMBER = 8


class UnableToFillBasketError(Exception):
    """Too many squares at once, or a child or product that is not this family's to ask for; nothing was written."""


class UnableToConfirmBasketError(Exception):
    """The basket that was to be confirmed is not the present one: it changed since it was shown. Nothing is written."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of the wishes: how many lines changed, and which wishes were refused and why."""

    added: int
    removed: int
    refused: tuple[tuple[DayKey, Wish, Refusal], ...]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The basket is recorded, now or before: `is_repeated` when this *Valider* had already been treated."""

    confirmation: Confirmation
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was recorded. These lines were taken out of the basket, the rest is intact."""

    lines: tuple[tuple[DayKey, Wish, Refusal], ...]


@operation
def set_wishes(
    wishes: Mapping[DayKey, bool],
    *,
    user: int,
    family: int,
    children: Iterable[Child],
    offer: Offer,
    by: Actor,
    at: datetime,
) -> Filled:
    """Will bring the basket to the wished state of each square: True « I want this day », False « I do not ».

    A wish is a state, never a toggle: the same wish twice does nothing more. What is already as wished leaves the
    basket. Raises UnableToFillBasketError beyond MOST_SQUARES_AT_ONCE, or for a child or a product that is not among
    those given.
    """
    children = tuple(children)
    _check(wishes, children, offer)
    basket = lock_basket(user, family, authority=offer.authority)
    if not wishes:
        return Filled(0, 0, ())
    planning = _planning(wishes, user=user, family=family, children=children, offer=offer)
    put: list[tuple[DayKey, Wish]] = []
    take_out: list[DayKey] = []
    refused = []
    for key, is_wanted in wishes.items():
        is_booked = key in planning.booked
        present = planning.wishes.get(key)
        if is_wanted == is_booked:
            if present is not None:
                take_out.append(key)
            continue
        wish = Wish.RESERVE if is_wanted else Wish.CANCEL
        if present is wish:
            continue
        no = refusals(planning.facts(key), wish, at=at)
        if no:
            refused.append((key, wish, no[0]))
            continue
        if present is not None:
            take_out.append(key)
        put.append((key, wish))
        planning.wish(key, wish)
    if take_out:
        _delete_lines(basket.pk, take_out)
    BasketLine.objects.bulk_create(
        BasketLine(
            authority_id=offer.authority,
            basket=basket,
            child_id=key.child,
            product_id=key.product,
            date=key.date,
            wish=wish.value,
            added_at=at,
        )
        for key, wish in put
    )
    if put or take_out:
        basket.revision += 1
        basket.save(update_fields=["revision"])
    return Filled(len(put), len(take_out), tuple(refused))


@operation
def empty_basket(*, user: int, family: int, authority: int, by: Actor, at: datetime) -> int:
    """Will take every line out of the basket and return how many there were."""
    basket = lock_basket(user, family, authority=authority)
    count, _ = BasketLine.objects.filter(basket=basket).delete()
    if count:
        basket.revision += 1
        basket.save(update_fields=["revision"])
    return count


@operation
def confirm_basket(
    *,
    user: int,
    family: int,
    children: Iterable[Child],
    offer: Offer,
    key: str,
    revision: int,
    words: str = "",
    by: Actor,
    at: datetime,
) -> Confirmed | Refused:
    """Will record the whole basket or nothing of it (*Valider*).

    `key` and `revision` say which basket was shown. A key already confirmed answers with what was recorded then, so
    that a double click or a retry does nothing twice. A day no longer possible is taken out of the basket and told,
    and nothing is recorded. Reservations of services paid at the month's end are recorded; of services paid on
    booking, places are held. Cancellations of recorded days become requests for the agents; held places are given
    back at once.

    Raises UnableToConfirmBasketError when the basket is empty or changed since it was shown.
    """
    basket = lock_basket(user, family, authority=offer.authority)
    if key != basket.key:
        earlier = Confirmation.objects.filter(basket_key=key, family=family, user=user).first()
        if earlier is None:
            raise UnableToConfirmBasketError
        return Confirmed(earlier, is_repeated=True)
    if revision != basket.revision:
        raise UnableToConfirmBasketError
    lines = [
        (DayKey(child, product, day), Wish(wish))
        for child, product, day, wish in BasketLine.objects.filter(basket=basket)
        .order_by("date", "child", "product")
        .values_list("child_id", "product_id", "date", "wish")
    ]
    if not lines:
        raise UnableToConfirmBasketError
    lock_children(line.child for line, _wish in lines)
    children = tuple(children)
    known = {child.pk for child in children}
    planning = _planning([line for line, _ in lines], user=user, family=family, children=children, offer=offer)
    refused = [
        (line, wish, no)
        for line, wish in lines
        for no in (
            refusals(planning.facts(line), wish, at=at)[:1] if line.child in known else (Refusal(Reason.NOT_ENROLLED),)
        )
    ]
    if refused:
        return _set_aside(basket.pk, refused)

    reserve = [line for line, wish in lines if wish is Wish.RESERVE]
    cancel = [line for line, wish in lines if wish is Wish.CANCEL]
    held = [line for line in cancel if planning.booked[line].state is Booked.HELD]
    confirmation = Confirmation.objects.create(
        authority_id=offer.authority,
        user_id=user,
        family_id=family,
        basket_key=basket.key,
        number=f"R-{at.astimezone(offer.zone).year}-{basket.key[:SHOWN_OF_NUMBER].upper()}",
        confirmed_at=at,
        lines=[_as_recorded(line, wish, planning) for line, wish in lines],
    )
    done = exchange_places(
        [_new_reservation(line, planning, at) for line in reserve],
        authority=offer.authority,
        family=family,
        timing=Reservation.Timing.ON_TIME,
        at=at,
        confirmation=confirmation.pk,
        releases=[planning.booked[line].pk for line in held],
        release_reason="rendue par la famille",
    )
    if not done.is_done:
        # The facts were read before the slots were locked: somebody took the last place in between.
        confirmation.delete()
        return _set_aside(basket.pk, _without_place(reserve, planning, done.short))
    CancellationRequest.objects.bulk_create(
        CancellationRequest(
            authority_id=offer.authority,
            reservation_id=planning.booked[line].pk,
            confirmation=confirmation,
            asked_at=at,
            deadline_at=_moment(offer, line),
            words=words,
        )
        for line in cancel
        if line not in held
    )
    leave_when_reserved(reserve, at=at)
    BasketLine.objects.filter(basket=basket).delete()
    basket.key = new_public_id()
    basket.revision = 0
    basket.save(update_fields=["key", "revision"])
    outbox.post("letters.basket_confirmed", authority=offer.authority, confirmation=confirmation.pk)
    if done.freed:
        outbox.post("reservations.places_freed", authority=offer.authority, slots=list(done.freed))
    audit.record(
        "confirm_basket",
        authority=offer.authority,
        of="confirmation",
        key=confirmation.pk,
        by=by,
        at=at,
        family=family,
        reserved=len(reserve),
        cancelled=len(cancel),
    )
    return Confirmed(confirmation)


def _check(wishes: Mapping[DayKey, bool], children: tuple[Child, ...], offer: Offer) -> None:
    known = {child.pk for child in children}
    is_askable = all(key.child in known and key.product in offer.product_by_pk for key in wishes)
    if len(wishes) > MOST_SQUARES_AT_ONCE or not is_askable:
        raise UnableToFillBasketError


def _planning(keys: Iterable[DayKey], *, user: int, family: int, children: Iterable[Child], offer: Offer) -> Planning:
    keys = list(keys)
    wanted = {key.child for key in keys}
    products = {key.product for key in keys}
    days = [key.date for key in keys]
    return read_planning(
        [ChildFacts(child.pk, child.birth_date) for child in children if child.pk in wanted],
        [offer.product_by_pk[product] for product in products],
        min(days),
        max(days),
        offer=offer,
        family=family,
        user=user,
    )


def _delete_lines(basket: int, keys: Iterable[DayKey]) -> None:
    gone = set(keys)
    lines = BasketLine.objects.filter(basket=basket, date__in={key.date for key in gone})
    doomed = [pk for pk, *key in lines.values_list("pk", "child_id", "product_id", "date") if DayKey(*key) in gone]
    BasketLine.objects.filter(pk__in=doomed).delete()


def _set_aside(basket: int, refused: list[tuple[DayKey, Wish, Refusal]]) -> Refused:
    _delete_lines(basket, [key for key, _wish, _refusal in refused])
    Basket.objects.filter(pk=basket).update(revision=F("revision") + 1)
    return Refused(tuple(refused))


def _without_place(
    lines: list[DayKey], planning: Planning, short: frozenset[int]
) -> list[tuple[DayKey, Wish, Refusal]]:
    return [
        (line, Wish.RESERVE, Refusal(Reason.FULL))
        for line in lines
        if any(slot.pk in short for slot in planning.slots_for(line) or ())
    ]


def _new_reservation(line: DayKey, planning: Planning, at: datetime) -> NewReservation:
    offer = planning.offer
    product = offer.product_by_pk[line.product]
    rule = offer.day(product, line.date)
    service = product.activity.service
    price = product.price_on(line.date)
    return NewReservation(
        child=line.child,
        product=line.product,
        date=line.date,
        slots=tuple(slot.pk for slot in planning.slots_for(line) or ()),
        state=Reservation.State.HELD if service.is_prepaid else Reservation.State.RESERVED,
        held_until=at + timedelta(hours=service.hold_hours) if service.is_prepaid else None,
        deadline_at=rule.book_by.moment if rule.book_by else None,
        reglement=rule.reglement,
        price_cents=price.cents if price else None,
    )


def _moment(offer: Offer, line: DayKey) -> datetime | None:
    cancel_by = offer.day(offer.product_by_pk[line.product], line.date).cancel_by
    return cancel_by.moment if cancel_by else None


def _as_recorded(line: DayKey, wish: Wish, planning: Planning) -> dict[str, object]:
    product = planning.offer.product_by_pk[line.product]
    price = product.price_on(line.date)
    if wish is Wish.CANCEL:
        outcome = "given_back" if planning.booked[line].state is Booked.HELD else "asked"
    else:
        outcome = "held" if product.activity.service.is_prepaid else "reserved"
    return {
        "child": line.child,
        "product": line.product,
        "date": line.date.isoformat(),
        "outcome": outcome,
        "cents": price.cents if price else None,
    }
