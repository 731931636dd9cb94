"""The planning of children over days: everything a week grid shows and a write asks again, in one read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from django.db import connection

from marelle.domain.reservations.models import CancellationRequest, Reservation
from marelle.domain.reservations.rules.decisions import Booked, Facts, Wish
from marelle.domain.reservations.rules.squares import Seen, Square, square
from marelle.foundation import tenancy
from marelle.foundation.encryption import decrypt
from marelle.foundation.periods import Period

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from marelle.domain.catalog.queries import Offer, ProductOffer


class DayKey(NamedTuple):
    """One square: a child, a product (keys), a day."""

    child: int
    product: int
    date: date


class ChildFacts(NamedTuple):
    """What the planning needs to know of a child."""

    pk: int
    birth_date: date


class SlotFacts(NamedTuple):
    """A slot of a day: its key, its places (None: no limit) and how many are taken."""

    pk: int
    capacity: int | None
    taken: int

    @property
    def left(self) -> int | None:
        """Will return the places left, None without limit."""
        return None if self.capacity is None else max(0, self.capacity - self.taken)


class BookedFacts(NamedTuple):
    """An active reservation."""

    pk: int
    state: Booked
    family: int
    held_until: datetime | None


class Answer(NamedTuple):
    """The latest cancellation request of a square and what was answered."""

    state: str
    asked_at: datetime
    decided_at: datetime | None
    is_refunded: bool | None
    reason: str


@dataclass(frozen=True)
class Planning:
    """What is recorded for some children and products over some days.

    `family` is the home that looks: what another home reserved is seen, and cannot be changed.
    """

    offer: Offer
    family: int
    children: dict[int, ChildFacts]
    enrollments: dict[tuple[int, int], tuple[Period, ...]]
    slots: dict[tuple[int, date], SlotFacts]
    booked: dict[DayKey, BookedFacts]
    cancelled: frozenset[DayKey]
    answers: dict[DayKey, Answer]
    seen: dict[DayKey, Seen]
    wishes: dict[DayKey, Wish]
    ranks: dict[DayKey, int]
    waiting: dict[int, int]
    _expected: dict[tuple[int, date], set[int]] = field(default_factory=dict)
    _slots: dict[DayKey, tuple[SlotFacts, ...] | None] = field(default_factory=dict)
    _particular: set[DayKey] = field(default_factory=set)
    _ordinary: dict[tuple[int, date, bool, datetime], Square] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Will know for which products each child is expected each day, and of which squares something is recorded."""
        self._particular.update(self.booked, self.cancelled, self.answers, self.seen, self.wishes, self.ranks)
        for key in self.booked:
            self._expected.setdefault((key.child, key.date), set()).add(key.product)
        for key, wish in self.wishes.items():
            self.wish(key, wish)

    def wish(self, key: DayKey, wish: Wish) -> None:
        """Will count a wish with those of the basket."""
        self.wishes[key] = wish
        self._particular.add(key)
        if wish is Wish.RESERVE:
            self._expected.setdefault((key.child, key.date), set()).add(key.product)

    def same_time(self, key: DayKey) -> str:
        """Will name another product for which the child is expected in a same part of that day; empty when none."""
        expected = self._expected.get((key.child, key.date))
        if not expected or (others := expected - {key.product}) == set():
            return ""
        birth_date = self.children[key.child].birth_date
        mine = {part.pk for part in self.offer.product_by_pk[key.product].parts_for(birth_date, key.date)}
        for other in sorted(others):
            product = self.offer.product_by_pk[other]
            if mine & {part.pk for part in product.parts_for(birth_date, key.date)}:
                return product.name
        return ""

    def slots_for(self, key: DayKey) -> tuple[SlotFacts, ...] | None:
        """Will return the slots where this child takes its places; None when one is not open, or none suits."""
        if key not in self._slots:
            self._slots[key] = self._find_slots(key)
        return self._slots[key]

    def _find_slots(self, key: DayKey) -> tuple[SlotFacts, ...] | None:
        product = self.offer.product_by_pk[key.product]
        parts = product.parts_for(self.children[key.child].birth_date, key.date)
        if product.parts and not parts:
            return None
        found = tuple(self.slots.get((part.pk, key.date)) for part in parts)
        return None if None in found else found  # type: ignore[return-value]

    def is_enrolled(self, child: int, activity: int, day: date) -> bool:
        """Will tell whether the child is enrolled in the activity on that day."""
        return any(day in period for period in self.enrollments.get((child, activity), ()))

    def facts(self, key: DayKey) -> Facts:
        """Will return what the rules need to decide this square."""
        product = self.offer.product_by_pk[key.product]
        rule = self.offer.day(product, key.date)
        if rule.closed is not None and key not in self.booked:
            return Facts(rule, is_enrolled=False)
        booked = self.booked.get(key)
        slots = self.slots_for(key)
        lefts = [slot.left for slot in slots or () if slot.capacity is not None]
        answer = self.answers.get(key)
        return Facts(
            rule,
            is_enrolled=self.is_enrolled(key.child, product.activity.pk, key.date),
            booked=booked.state if booked else None,
            is_other_home=booked is not None and booked.family != self.family,
            is_asked=answer is not None and answer.state == CancellationRequest.State.PENDING and booked is not None,
            places_left=min(lefts, default=None),  # type: ignore[type-var]
            has_slots=slots is not None,
            same_time=self.same_time(key),
        )

    def square(self, key: DayKey, *, at: datetime) -> Square:
        """Will return what the square shows at `at`.

        Most squares of a page have nothing recorded: they are the same for every child enrolled, and decided once.
        """
        product = self.offer.product_by_pk[key.product]
        if key in self._particular or (key.child, key.date) in self._expected or product.has_ages:
            return self._square(key, at)
        alike = (key.product, key.date, self.is_enrolled(key.child, product.activity.pk, key.date), at)
        found = self._ordinary.get(alike)
        if found is None:
            found = self._ordinary[alike] = self._square(key, at)
        return found

    def _square(self, key: DayKey, at: datetime) -> Square:
        return square(
            self.facts(key),
            at=at,
            wish=self.wishes.get(key),
            seen=self.seen.get(key),
            rank=self.ranks.get(key),
            was_cancelled=key in self.cancelled,
        )

    def full_slot(self, key: DayKey) -> SlotFacts | None:
        """Will return the slot that has no place left for this square, if any: the one to wait for."""
        return next((slot for slot in self.slots_for(key) or () if slot.left == 0), None)


def read_planning(
    children: Iterable[ChildFacts],
    products: Sequence[ProductOffer],
    first: date,
    last: date,
    *,
    offer: Offer,
    family: int,
    user: int | None,
) -> Planning:
    """Will read the planning of `children` for `products` from `first` to `last`, both included.

    `family` and `user` are keys; the basket is that of `user` for `family`, none when `user` is None. One statement,
    whatever the number of children, products, days or families: this is the read of every page and every write, and the
    ORM spent more time composing seven statements than the database answering them.
    """
    by_child = {child.pk: child for child in children}
    if not tenancy.is_in_scope(offer.authority):
        raise tenancy.UnscopedQueryError
    with connection.cursor() as cursor:
        cursor.execute(
            PLANNING,
            {
                "authority": offer.authority,
                "children": list(by_child),
                "products": [product.pk for product in products],
                "activities": sorted({product.activity.pk for product in products}),
                "first": first,
                "last": last,
                "user": user,
                "family": family,
            },
        )
        rows = [json.loads(column) if isinstance(column, str) else column for column in cursor.fetchone()]
    enrolled, open_slots, reserved, asked, attended, wished, waits = rows
    day = date.fromisoformat
    enrollments: dict[tuple[int, int], tuple[Period, ...]] = {}
    for child, activity, starts_on, ends_on in enrolled:
        period = Period(day(starts_on), day(ends_on))
        enrollments[child, activity] = (*enrollments.get((child, activity), ()), period)
    booked: dict[DayKey, BookedFacts] = {}
    cancelled: set[DayKey] = set()
    for pk, child, product, on, state, owner, held_until in reserved:
        key = DayKey(child, product, day(on))
        if state == Reservation.State.CANCELLED:
            cancelled.add(key)
        else:
            booked[key] = BookedFacts(pk, Booked(state), owner, _moment(held_until))
    ranks: dict[DayKey, int] = {}
    waiting: dict[int, int] = {}
    for child, product, on, slot, rank, total in waits:
        waiting[slot] = total
        if child in by_child:
            ranks[DayKey(child, product, day(on))] = rank
    return Planning(
        offer=offer,
        family=family,
        children=by_child,
        enrollments=enrollments,
        slots={(template, day(on)): SlotFacts(pk, capacity, taken) for pk, template, on, capacity, taken in open_slots},
        booked=booked,
        cancelled=frozenset(cancelled),
        answers={
            DayKey(child, product, day(on)): Answer(
                state,
                datetime.fromisoformat(asked_at),
                _moment(decided_at),
                is_refunded,
                decrypt(reason) if reason else "",
            )
            for child, product, on, state, asked_at, decided_at, is_refunded, reason in asked
        },
        seen={DayKey(child, product, day(on)): Seen(state) for child, product, on, state in attended},
        wishes={DayKey(child, product, day(on)): Wish(wish) for child, product, on, wish in wished},
        ranks=ranks,
        waiting=waiting,
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# Reservations and wishes are read of every product: a child expected elsewhere at the same hours cannot come here.
# The order of an array of answers matters: the latest request of a square comes last, and wins.
PLANNING = """
SELECT
(SELECT coalesce(json_agg(json_build_array(child_id, activity_id, starts_on, ends_on)), '[]')
    FROM reservations_enrollment
    WHERE authority_id = %(authority)s AND child_id = ANY(%(children)s::bigint[])
        AND starts_on <= %(last)s AND ends_on >= %(first)s),
(SELECT coalesce(json_agg(json_build_array(id, template_id, date, capacity, taken)), '[]')
    FROM catalog_slot
    WHERE authority_id = %(authority)s AND activity_id = ANY(%(activities)s::bigint[])
        AND date BETWEEN %(first)s AND %(last)s),
(SELECT coalesce(json_agg(json_build_array(id, child_id, product_id, date, state, family_id, held_until)), '[]')
    FROM reservations_reservation
    WHERE authority_id = %(authority)s AND child_id = ANY(%(children)s::bigint[])
        AND date BETWEEN %(first)s AND %(last)s),
(SELECT coalesce(json_agg(json_build_array(
        r.child_id, r.product_id, r.date, q.state, q.asked_at, q.decided_at, q.is_refunded, q.reason
    ) ORDER BY q.asked_at, q.id), '[]')
    FROM reservations_cancellationrequest q
    JOIN reservations_reservation r ON r.authority_id = q.authority_id AND r.id = q.reservation_id
    WHERE q.authority_id = %(authority)s AND r.child_id = ANY(%(children)s::bigint[])
        AND r.date BETWEEN %(first)s AND %(last)s),
(SELECT coalesce(json_agg(json_build_array(child_id, product_id, date, state)), '[]')
    FROM reservations_attendance
    WHERE authority_id = %(authority)s AND child_id = ANY(%(children)s::bigint[])
        AND product_id = ANY(%(products)s::bigint[]) AND date BETWEEN %(first)s AND %(last)s),
(SELECT coalesce(json_agg(json_build_array(l.child_id, l.product_id, l.date, l.wish)), '[]')
    FROM reservations_basketline l
    JOIN reservations_basket b ON b.authority_id = l.authority_id AND b.id = l.basket_id
    WHERE l.authority_id = %(authority)s AND b.user_id = %(user)s AND b.family_id = %(family)s
        AND l.child_id = ANY(%(children)s::bigint[]) AND l.date BETWEEN %(first)s AND %(last)s),
(SELECT coalesce(json_agg(json_build_array(child_id, product_id, date, slot_id, rank, total)), '[]')
    FROM (
        SELECT w.child_id, w.product_id, w.date, w.slot_id,
            row_number() OVER (PARTITION BY w.slot_id ORDER BY w.asked_at, w.id) AS rank,
            count(*) OVER (PARTITION BY w.slot_id) AS total
        FROM reservations_waitinglistentry w
        JOIN catalog_slot s ON s.authority_id = w.authority_id AND s.id = w.slot_id
        WHERE w.authority_id = %(authority)s AND w.left_at IS NULL
            AND s.activity_id = ANY(%(activities)s::bigint[]) AND s.date BETWEEN %(first)s AND %(last)s
    ) AS ranked
    WHERE rank = 1 OR child_id = ANY(%(children)s::bigint[]))
"""
