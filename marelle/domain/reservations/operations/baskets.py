"""Filling a basket, and *Valider*."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F

from marelle.domain.catalog.rules.price_steps import Priced, PriceStep
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
from marelle.domain.reservations.queries.planning import BasketWish, ChildFacts, DayKey, Planning, read_planning
from marelle.domain.reservations.rules.decisions import Booked, Decision, Outcome, Reason, Refusal, Wish
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
    """Nothing was recorded.

    Lines that are no longer possible were taken out of the basket; those with another price, or that leave a week with
    too few days, are still in it.
    """

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
    filling = _Filling(_planning(wishes, user=user, family=family, children=children, offer=offer), at)
    for key, is_wanted in wishes.items():
        filling.bring(key, is_wanted=is_wanted)
    filling.price_again()
    put, take_out = filling.put, filling.take_out
    for key, line in filling.repriced:
        BasketLine.objects.filter(basket=basket, child=key.child, product=key.product, date=key.date).update(
            price_cents=line.price_cents, steps=line.steps
        )
    if take_out:
        _delete_lines(basket.pk, take_out)
    BasketLine.objects.bulk_create(
        BasketLine(
            authority_id=offer.authority,
            basket=basket,
            child_id=key.child,
            product_id=key.product,
            date=key.date,
            wish=line.wish.value,
            added_at=at,
            price_cents=line.price_cents,
            is_late=line.is_late,
            steps=line.steps,
        )
        for key, line in put
    )
    if put or take_out or filling.repriced:
        basket.revision += 1
        basket.save(update_fields=["revision"])
    return Filled(len(put), len(take_out), tuple(filling.refused))


class _Filling:
    """Wishes brought to a basket one after the other, each decided with those before it."""

    def __init__(self, planning: Planning, at: datetime) -> None:
        self.planning, self.at = planning, at
        self.put: list[tuple[DayKey, BasketWish]] = []
        self.take_out: list[DayKey] = []
        self.refused: list[tuple[DayKey, Wish, Refusal]] = []
        self.repriced: list[tuple[DayKey, BasketWish]] = []

    def price_again(self) -> None:
        """Will find the lines whose price another one changed: a brother who comes too, a third day of the week."""
        fresh = {key for key, _line in self.put}
        for key, line in list(self.planning.wishes.items()):
            product = self.planning.offer.product_by_pk[key.product]
            tariff = product.tariff_on(key.date)
            if line.wish is not Wish.RESERVE or tariff is None or tariff.rules is None or not tariff.rules.counts:
                continue
            if key.child not in self.planning.children:
                continue
            decision = self.planning.decision(key, Wish.RESERVE, at=self.at)
            again = self.planning.wished(key, Wish.RESERVE, decision)
            if again.price_cents == line.price_cents:
                continue
            self.planning.wish(key, again)
            if key in fresh:
                self.put = [(one, again if one == key else before) for one, before in self.put]
            else:
                self.repriced.append((key, again))

    def bring(self, key: DayKey, *, is_wanted: bool) -> None:
        present = self.planning.wishes.get(key)
        # What the other home reserved is not this one's: to want it too is answered, whoever has the day.
        if is_wanted == (self.planning.is_reserved_here(key) if is_wanted else key in self.planning.booked):
            if present is not None:
                self._forget(key)
            return
        wish = Wish.RESERVE if is_wanted else Wish.CANCEL
        if present is not None and present.wish is wish:
            return
        decision = self.planning.decision(key, wish, at=self.at)
        if decision.is_refused:
            self.refused.append((key, wish, decision.refusals[0]))
            return
        if present is not None:
            self.take_out.append(key)
        replaced = self.planning.replaced(key) if wish is Wish.RESERVE else None
        self._note(key, wish)
        if replaced is not None and replaced not in self.planning.wishes:
            self._note(replaced, Wish.CANCEL)

    def _forget(self, key: DayKey) -> None:
        # The two lines of a change come and go together.
        for gone in filter(None, (key, self.planning.partner(key))):
            self.take_out.append(gone)
            self.planning.forget(gone)

    def _note(self, key: DayKey, wish: Wish) -> None:
        # In the basket first: whether it is a change depends on both its lines.
        before = self.planning.decision(key, wish, at=self.at)
        self.planning.wish(key, BasketWish(wish))
        decision = self.planning.decision(key, wish, at=self.at) if wish is Wish.CANCEL else before
        line = self.planning.wished(key, wish, decision)
        self.planning.wish(key, line)
        self.put.append((key, line))


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
def forget_baskets(user: int, *, by: Actor, at: datetime) -> int:
    """Will forget what an account (key) was about to ask, in every family in scope; returns how many baskets."""
    baskets = list(Basket.objects.select_for_update().filter(user=user).order_by("pk").values_list("pk", flat=True))
    BasketLine.objects.filter(basket__in=baskets).delete()
    Basket.objects.filter(pk__in=baskets).delete()
    return len(baskets)


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
    that a double click or a retry does nothing twice. A day no longer possible is taken out of the basket and told, a
    price that is no longer the one shown is told, and nothing is recorded. Reservations of services paid at the month's
    end are recorded; of services paid on booking, or that an agent decides, places are held. Cancellations become
    requests for the agents, or free the place at once where the règlement says so; held places are given back at once.

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
    gone = [(line, wish, Refusal(Reason.NOT_ENROLLED)) for line, wish in lines if line.child not in known]
    decided = [_Line(line, wish, planning, at) for line, wish in lines if line.child in known]
    refused = gone + [(one.key, one.wish, one.decision.refusals[0]) for one in decided if one.decision.is_refused]
    if refused:
        said = {line for line, _wish, _no in refused}
        partners = {other for line in said if (other := planning.partner(line)) is not None}
        refused += [
            (one.key, one.wish, Refusal(Reason.WITHOUT_PARTNER)) for one in decided if one.key in partners - said
        ]
        return _set_aside(basket.pk, refused)
    lacking = planning.lacks(line for line, _wish in lines)
    if lacking:
        return Refused(tuple((line, Wish.RESERVE, Refusal(Reason.TOO_FEW, lack=lack)) for line, lack in lacking))
    repriced = [one for one in decided if one.is_repriced]
    if repriced:
        return _show_new_prices(basket.pk, repriced)

    reserve = [one for one in decided if one.wish is Wish.RESERVE]
    given_back = [one for one in decided if one.wish is Wish.CANCEL and one.decision.outcome is not Outcome.REQUEST]
    held = [one for one in given_back if one.booked is Booked.HELD]
    confirmation = Confirmation.objects.create(
        authority_id=offer.authority,
        user_id=user,
        family_id=family,
        basket_key=basket.key,
        number=f"R-{at.astimezone(offer.zone).year}-{basket.key[:SHOWN_OF_NUMBER].upper()}",
        confirmed_at=at,
        lines=[one.as_recorded() for one in decided],
    )
    done = exchange_places(
        [one.as_reservation() for one in reserve],
        authority=offer.authority,
        family=family,
        at=at,
        confirmation=confirmation.pk,
        releases=[planning.booked[one.key].pk for one in given_back],
        release_reason="rendue par la famille",
    )
    if not done.is_done:
        # The facts were read before the slots were locked: somebody took the last place in between.
        confirmation.delete()
        return _set_aside(basket.pk, _without_place([one.key for one in reserve], planning, done.short))
    CancellationRequest.objects.bulk_create(
        one.as_request(confirmation, words) for one in decided if one.wish is Wish.CANCEL and one not in held
    )
    leave_when_reserved([one.key for one in reserve], at=at)
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
        cancelled=len(decided) - len(reserve),
    )
    return Confirmed(confirmation)


class _Line:
    """A line of the basket as it is decided at the moment of *Valider*."""

    def __init__(self, key: DayKey, wish: Wish, planning: Planning, at: datetime) -> None:
        self.key, self.wish, self.planning, self.at = key, wish, planning, at
        self.offer = planning.offer
        self.product = self.offer.product_by_pk[key.product]
        self.rule = self.offer.day(self.product, key.date)
        self.decision: Decision = planning.decision(key, wish, at=at)
        booked = planning.booked.get(key)
        self.booked = booked.state if booked else None

    @property
    def cents(self) -> int | None:
        """Will return what it adds to the bill, or takes off it."""
        return self.planning.price_of(self.key, self.wish, self.decision)

    @property
    def steps(self) -> tuple[PriceStep, ...]:
        """Will return how its price is made."""
        return self.planning.wished(self.key, self.wish, self.decision).steps

    @property
    def is_repriced(self) -> bool:
        """Will tell whether the basket showed something else."""
        shown = self.planning.wishes[self.key]
        return (shown.price_cents, shown.is_late) != (self.cents, self.decision.is_late)

    @property
    def is_held(self) -> bool:
        """Will tell whether the place waits to be settled, or for an agent's word."""
        return self.product.activity.service.is_prepaid or self.decision.outcome is Outcome.REQUEST

    def as_reservation(self) -> NewReservation:
        service = self.product.activity.service
        voted = self.planning.tariff_price(self.key)
        cents = self.cents
        return NewReservation(
            child=self.key.child,
            product=self.key.product,
            date=self.key.date,
            slots=tuple(slot.pk for slot in self.planning.slots_for(self.key) or ()),
            state=Reservation.State.HELD if self.is_held else Reservation.State.RESERVED,
            held_until=self.at + timedelta(hours=service.hold_hours) if self.is_held else None,
            deadline_at=self.rule.book_by.moment if self.rule.book_by else None,
            reglement=self.rule.reglement,
            price_cents=cents,
            timing=Reservation.Timing.LATE if self.decision.is_late else Reservation.Timing.ON_TIME,
            surcharge_cents=cents - voted.cents if cents is not None and isinstance(voted, Priced) else 0,
            price_rule=self.decision.price.code,
        )

    def as_request(self, confirmation: Confirmation, words: str) -> CancellationRequest:
        is_request = self.decision.outcome is Outcome.REQUEST
        paid, given_back = self.planning.ordinary_price(self.key), self.cents
        return CancellationRequest(
            authority_id=self.offer.authority,
            reservation_id=self.planning.booked[self.key].pk,
            confirmation=confirmation,
            asked_at=self.at,
            deadline_at=self.rule.cancel_by.moment if self.rule.cancel_by else None,
            words=words,
            due_cents=paid - given_back if paid is not None and given_back is not None else None,
            state=CancellationRequest.State.PENDING if is_request else CancellationRequest.State.ACCEPTED,
            decided_at=None if is_request else self.at,
            is_refunded=None if is_request else bool(given_back),
        )

    def as_recorded(self) -> dict[str, object]:
        return {
            "child": self.key.child,
            "product": self.key.product,
            "date": self.key.date.isoformat(),
            "outcome": self._recorded_outcome(),
            "cents": self.cents,
        }

    def _recorded_outcome(self) -> str:
        if self.wish is Wish.RESERVE:
            if self.decision.outcome is Outcome.REQUEST:
                return "requested"
            return "held" if self.is_held else "reserved"
        if self.decision.outcome is Outcome.REQUEST:
            return "asked"
        return "given_back" if self.booked is Booked.HELD else "cancelled"


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
    # Where a price depends on who else comes, those who do are read too.
    counts = any(offer.product_by_pk[product].counts_siblings for product in products)
    return read_planning(
        [ChildFacts(child.pk, child.birth_date) for child in children if counts or child.pk in wanted],
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


def _show_new_prices(basket: int, lines: list[_Line]) -> Refused:
    for one in lines:
        BasketLine.objects.filter(
            basket=basket, child=one.key.child, product=one.key.product, date=one.key.date
        ).update(price_cents=one.cents, is_late=one.decision.is_late, steps=one.steps)
    Basket.objects.filter(pk=basket).update(revision=F("revision") + 1)
    return Refused(tuple((one.key, one.wish, Refusal(Reason.NEW_PRICE)) for one in lines))


def _without_place(
    lines: list[DayKey], planning: Planning, short: frozenset[int]
) -> list[tuple[DayKey, Wish, Refusal]]:
    return [
        (line, Wish.RESERVE, Refusal(Reason.FULL))
        for line in lines
        if any(slot.pk in short for slot in planning.slots_for(line) or ())
    ]
