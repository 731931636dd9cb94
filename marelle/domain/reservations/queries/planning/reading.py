"""The one statement that reads a planning."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection

from marelle.domain.catalog.rules.blocks import BlockKind, FamilyBlock
from marelle.domain.catalog.rules.spans import Per, span_of
from marelle.domain.catalog.rules.tariffs import Counted
from marelle.domain.reservations.models import Reservation
from marelle.domain.reservations.queries.custody import TURNS, responsibility_from
from marelle.domain.reservations.queries.homes import HOME
from marelle.domain.reservations.queries.planning.facts import (
    Answer,
    BasketWish,
    BookedFacts,
    ClosedDays,
    DayKey,
    SlotFacts,
)
from marelle.domain.reservations.queries.planning.recorded import Planning
from marelle.domain.reservations.queries.waiting import queues_of, rules_of
from marelle.domain.reservations.rules.decisions import Booked, Wish
from marelle.domain.reservations.rules.homes import home_from
from marelle.domain.reservations.rules.squares import Seen
from marelle.foundation import tenancy
from marelle.foundation.encryption import decrypt
from marelle.foundation.outbox import still_posted
from marelle.foundation.periods import Period

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from marelle.domain.catalog.queries import Offer, ProductOffer
    from marelle.domain.reservations.queries.planning.facts import ChildFacts


def read_planning(
    children: Iterable[ChildFacts],
    products: Sequence[ProductOffer],
    first: date,
    last: date,
    *,
    offer: Offer,
    family: int,
    user: int | None,
    is_offering: bool = False,
) -> Planning:
    """Will read the planning of `children` for `products` from `first` to `last`, both included.

    `family` and `user` are keys; the basket is that of `user` for `family`, none when `user` is None. A slot where a
    place freed up, that somebody waits for and was not offered yet, is full, but for who offers it. One statement,
    whatever the number of children, products, days or families: this is the read of every page and every write, and the
    ORM spent more time composing seven statements than the database answering them.
    """
    by_child = {child.pk: child for child in children}
    wide = _widened(products, first, last, offer)
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
                "wide_first": wide.starts_on,
                "wide_last": wide.ends_on,
                "user": user,
                "family": family,
            },
        )
        rows = [json.loads(column) if isinstance(column, str) else column for column in cursor.fetchone()]
    enrolled, open_slots, reserved, asked, attended, wished, waits, home_row, blocks, events, homes = rows
    day = date.fromisoformat
    enrollments: dict[tuple[int, int], tuple[Period, ...]] = {}
    for child, activity, starts_on, ends_on in enrolled:
        period = Period(day(starts_on), day(ends_on))
        enrollments[child, activity] = (*enrollments.get((child, activity), ()), period)
    booked: dict[DayKey, BookedFacts] = {}
    cancelled: set[DayKey] = set()
    told: dict[DayKey, datetime] = {}
    for pk, child, product, on, state, owner, held_until, timing, cents, told_at in reserved:
        key = DayKey(child, product, day(on))
        if state == Reservation.State.CANCELLED:
            cancelled.add(key)
        else:
            booked[key] = BookedFacts(
                pk, Booked(state), owner, _moment(held_until), timing == Reservation.Timing.LATE, cents
            )
            if told_at:
                told[key] = datetime.fromisoformat(told_at)
    ranks: dict[DayKey, int] = {}
    waiting: dict[int, int] = {}
    owed: set[int] = set()
    for child, product, on, slot, rank, total, is_owed, is_mine in waits:
        waiting[slot] = total
        if is_owed:
            owed.add(slot)
        if child in by_child and is_mine:
            ranks[DayKey(child, product, day(on))] = rank
    if user is not None:
        _rank_by_priority(ranks, waits, offer)
    return Planning(
        offer=offer,
        family=family,
        children=by_child,
        enrollments=enrollments,
        slots={
            (template, day(on)): SlotFacts(pk, capacity, taken if is_offering or pk not in owed else capacity)
            for pk, template, on, capacity, taken in open_slots
        },
        booked=booked,
        cancelled=frozenset(cancelled),
        told=told,
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
        wishes={
            DayKey(child, product, day(on)): BasketWish(Wish(wish), cents, is_late)
            for child, product, on, wish, cents, is_late in wished
        },
        ranks=ranks,
        waiting=waiting,
        home=home_from(home_row),
        blocks=tuple(FamilyBlock(BlockKind(kind), cents, document) for kind, cents, document in blocks),
        events=tuple(
            ClosedDays(
                reason, day(starts_on), day(ends_on), frozenset(closed), None if only is None else frozenset(only)
            )
            for reason, starts_on, ends_on, closed, only in events
        ),
        homes=responsibility_from(homes),
    )


def _widened(products: Sequence[ProductOffer], first: date, last: date, offer: Offer) -> Period:
    """Will return the days to read: those shown, and the whole spans in which a règlement counts days."""
    spans = {
        per
        for product in products
        for version in product.reglements
        if version.rules is not None
        for per in version.rules.counted_spans
    }
    voted = [tariff.rules for product in products for tariff in product.tariffs if tariff.rules is not None]
    if any(Counted.DAYS_OF_WEEK in tariff.counts for tariff in voted):
        spans.add(Per.WEEK)
    ends = [span_of(day, per, offer.calendar) for per in spans for day in (first, last)]
    return Period(
        min([first, *(span.starts_on for span in ends)]),
        max([last, *(span.ends_on for span in ends if span.ends_on is not None)]),
    )


def _rank_by_priority(ranks: dict[DayKey, int], waits: Iterable[Sequence[Any]], offer: Offer) -> None:
    """Will put the ranks right of those who wait where a règlement puts some before others: one statement more then.

    For who looks at a page; what decides asks for the queues themselves.
    """
    slots = {
        slot
        for child, product, on, slot, *_rank in waits
        if DayKey(child, product, date.fromisoformat(on)) in ranks
        and rules_of(product, date.fromisoformat(on), offer=offer).priorities
    }
    if not slots:
        return
    for queue in queues_of(slots, offer=offer).values():
        for one in queue:
            key = DayKey(one.child, one.product, one.date)
            if key in ranks:
                ranks[key] = one.rank


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# Reservations and wishes are read of every product: a child expected elsewhere at the same hours cannot come here.
# The order of an array of answers matters: the latest request of a square comes last, and wins.
PLANNING = f"""
SELECT
(SELECT coalesce(json_agg(json_build_array(child_id, activity_id, starts_on, ends_on)), '[]')
    FROM reservations_enrollment
    WHERE authority_id = %(authority)s AND child_id = ANY(%(children)s::bigint[])
        AND starts_on <= %(wide_last)s AND ends_on >= %(wide_first)s),
(SELECT coalesce(json_agg(json_build_array(id, template_id, date, capacity, taken)), '[]')
    FROM catalog_slot
    WHERE authority_id = %(authority)s AND activity_id = ANY(%(activities)s::bigint[])
        AND date BETWEEN %(first)s AND %(last)s),
(SELECT coalesce(json_agg(json_build_array(
        r.id, r.child_id, r.product_id, r.date, CASE WHEN r.family_id = %(family)s THEN r.state ELSE 'reserved' END,
        r.family_id, CASE WHEN r.family_id = %(family)s THEN r.held_until END, r.timing,
        CASE WHEN r.family_id = %(family)s THEN r.price_cents END, a.told_at
    )), '[]')
    FROM reservations_reservation r
    LEFT JOIN reservations_absence a
        ON a.authority_id = r.authority_id AND a.reservation_id = r.id AND a.withdrawn_at IS NULL
        AND r.family_id = %(family)s
    WHERE r.authority_id = %(authority)s AND r.child_id = ANY(%(children)s::bigint[])
        AND (r.family_id = %(family)s OR r.state <> 'cancelled')
        AND r.date BETWEEN %(wide_first)s AND %(wide_last)s),
(SELECT coalesce(json_agg(json_build_array(
        r.child_id, r.product_id, r.date, q.state, q.asked_at, q.decided_at, q.is_refunded, q.reason
    ) ORDER BY q.asked_at, q.id), '[]')
    FROM reservations_cancellationrequest q
    JOIN reservations_reservation r ON r.authority_id = q.authority_id AND r.id = q.reservation_id
        -- What the other home asked, and was answered, is between it and the town hall.
        AND r.family_id = %(family)s
    WHERE q.authority_id = %(authority)s AND r.child_id = ANY(%(children)s::bigint[])
        AND r.date BETWEEN %(first)s AND %(last)s),
(SELECT coalesce(json_agg(json_build_array(child_id, product_id, date, state)), '[]')
    FROM reservations_attendance
    WHERE authority_id = %(authority)s AND child_id = ANY(%(children)s::bigint[])
        AND product_id = ANY(%(products)s::bigint[]) AND date BETWEEN %(first)s AND %(last)s),
(SELECT coalesce(json_agg(json_build_array(
        l.child_id, l.product_id, l.date, l.wish, l.price_cents, l.is_late
    ) ORDER BY l.date, l.product_id), '[]')
    FROM reservations_basketline l
    JOIN reservations_basket b ON b.authority_id = l.authority_id AND b.id = l.basket_id
    WHERE l.authority_id = %(authority)s AND b.user_id = %(user)s AND b.family_id = %(family)s
        AND l.child_id = ANY(%(children)s::bigint[]) AND l.date BETWEEN %(wide_first)s AND %(wide_last)s),
(SELECT coalesce(json_agg(json_build_array(child_id, product_id, date, slot_id, rank, total,
        -- Not AND: the queue is read once, and only when a place is free that somebody waits for.
        CASE WHEN rank = 1 AND taken < capacity THEN
            slot_id IN ({still_posted("reservations.places_freed", naming="slots")}) AND EXISTS (
                SELECT FROM reservations_waitinglistentry w
                WHERE w.authority_id = %(authority)s AND w.slot_id = ranked.slot_id AND w.left_at IS NULL
                    AND NOT EXISTS (
                        SELECT FROM reservations_placeoffer o
                        WHERE o.authority_id = %(authority)s AND o.entry_id = w.id AND o.state = 'offered'
                    )
            )
        ELSE FALSE END, family_id = %(family)s
    )), '[]')
    FROM (
        SELECT w.child_id, w.family_id, w.product_id, w.date, w.slot_id, s.taken, s.capacity,
            row_number() OVER (PARTITION BY w.slot_id ORDER BY w.asked_at, w.id) AS rank,
            count(*) OVER (PARTITION BY w.slot_id) AS total
        FROM reservations_waitinglistentry w
        JOIN catalog_slot s ON s.authority_id = w.authority_id AND s.id = w.slot_id
        WHERE w.authority_id = %(authority)s AND w.left_at IS NULL
            AND s.activity_id = ANY(%(activities)s::bigint[]) AND s.date BETWEEN %(first)s AND %(last)s
    ) AS ranked
    WHERE rank = 1 OR (child_id = ANY(%(children)s::bigint[]) AND family_id = %(family)s)),
(SELECT {HOME}
    FROM families_family f WHERE f.authority_id = %(authority)s AND f.id = %(family)s),
(SELECT coalesce(json_agg(json_build_array(k.kind, k.amount_cents, k.document) ORDER BY k.id), '[]')
    FROM families_block k
    WHERE k.authority_id = %(authority)s AND k.family_id = %(family)s AND k.lifted_at IS NULL),
(SELECT coalesce(json_agg(json_build_array(d.title, d.starts_on, d.ends_on, d.products,
        CASE WHEN d.classes <> '{{}}' THEN (
            SELECT coalesce(json_agg(c.id), '[]') FROM families_child c
            WHERE c.authority_id = %(authority)s AND c.id = ANY(%(children)s::bigint[])
                AND c.school_class_id = ANY(d.classes)
        ) END
    ) ORDER BY d.starts_on, d.id), '[]')
    FROM reservations_disruption d
    WHERE d.authority_id = %(authority)s AND d.undone_at IS NULL AND d.effect = 'cancel'
        AND d.ends_on >= %(wide_first)s AND d.starts_on <= %(wide_last)s
        AND d.products && %(products)s::bigint[]),
{TURNS.replace("%(first)s", "%(wide_first)s").replace("%(last)s", "%(wide_last)s")}
"""  # noqa: S608  our own column, no value
