"""Families and agents do everything at once on a few slots: no deadlock, no miscount, no surprise."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, connections

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.models import Slot
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Custody
from marelle.domain.families.queries import children_of
from marelle.domain.reservations.models import CancellationRequest, Reservation, WaitingListEntry
from marelle.domain.reservations.operations.attendance import record_attendance
from marelle.domain.reservations.operations.baskets import (
    Confirmed,
    UnableToConfirmBasketError,
    UnableToFillBasketError,
    confirm_basket,
    empty_basket,
    set_wishes,
)
from marelle.domain.reservations.operations.by_agents import (
    UnableToRecordError,
    cancel_for_family,
    confirm_held_place,
    release_expired_holds,
    release_held_place,
    reserve_for_family,
)
from marelle.domain.reservations.operations.cancellations import UnableToDecideError, decide_cancellation
from marelle.domain.reservations.operations.freed_places import offer_freed_places
from marelle.domain.reservations.operations.waiting_list import (
    UnableToWaitError,
    join_waiting_list,
    leave_waiting_list,
)
from marelle.domain.reservations.queries.baskets import basket_of
from marelle.domain.reservations.queries.planning import DayKey
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM, Actor, ActorKind
from marelle.foundation.writes import permitted
from tests.factories.town import make_authority, make_child, make_family, make_product, make_service
from tests.torture.settling import assert_every_place_is_counted

pytestmark = [pytest.mark.torture, pytest.mark.django_db(transaction=True)]

SECONDS = float(os.environ.get("TORTURE_SECONDS", "60"))
THREADS = 8
AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
DAYS = [date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 30)]
EXPECTED = (
    UnableToFillBasketError,
    UnableToConfirmBasketError,
    UnableToRecordError,
    UnableToDecideError,
    UnableToWaitError,
)


class Town:
    """Few slots, many hands: two services, one paid on booking; three places a day; a child of two homes."""

    def __init__(self):
        authority = make_authority()
        prepaid = make_service(authority, "Centre de loisirs", payment_mode="prepaid", hold_hours=1)
        self.products = (
            make_product(authority, capacity=3),
            make_product(authority, name="Étude", capacity=3),
            make_product(authority, name="Journée", service=prepaid, capacity=3),
        )
        self.families = [make_family(authority) for _ in range(6)]
        for family in self.families:
            for name in ("Alvaro", "Sofia"):
                child = make_child(family, name, products=self.products)
        with permitted("factory"), tenancy.scope({authority.pk}):
            Custody.objects.create(
                authority=authority, child=child, family=self.families[0], starts_on=date(2020, 1, 1)
            )
            self.users = [family.memberships.get().user_id for family in self.families]
        self.authority = authority


class Hand:
    """One thread: draws what to do, does it, counts what came of it."""

    def __init__(self, town, seed):
        self.town = town
        self.chance = random.Random(seed)
        self.done = Counter()
        self.surprises = []
        self.agent = Actor(ActorKind.AGENT, town.users[0])

    def work(self, until):
        authority = Authority.objects.get(pk=self.town.authority.pk)
        self.offer = offer_of(authority)
        acts = [
            self.fill, self.fill, self.valider, self.valider, self.decide, self.reserve, self.cancel, self.settle,
            self.release, self.expire, self.wait, self.leave, self.tell, self.attend, self.empty,
        ]  # fmt: skip
        try:
            with tenancy.scope({authority.pk}):
                while time.monotonic() < until and not self.surprises:
                    self.once(self.chance.choice(acts))
        finally:
            connections.close_all()

    def once(self, act):
        try:
            outcome = act() or "done"
        except EXPECTED as error:
            outcome = type(error).__name__
        except Exception as error:  # noqa: BLE001  the test tells
            self.surprises.append((act.__name__, error))
            outcome = repr(error)
        self.done[f"{act.__name__}: {outcome}"] += 1

    def somebody(self):
        index = self.chance.randrange(len(self.town.families))
        family = self.town.families[index].pk
        return family, self.town.users[index], tuple(children_of(family, on=AT.date()))

    def some_key(self, children):
        return DayKey(
            self.chance.choice(children).pk, self.chance.choice(self.town.products).pk, self.chance.choice(DAYS)
        )

    def one_of(self, rows):
        found = list(rows.order_by("pk"))
        return self.chance.choice(found) if found else None

    def fill(self):
        family, user, children = self.somebody()
        wishes = {self.some_key(children): self.chance.random() < 0.75 for _ in range(self.chance.randint(1, 6))}
        set_wishes(
            wishes,
            user=user,
            family=family,
            children=children,
            offer=self.offer,
            by=Actor(ActorKind.FAMILY, user),
            at=AT,
        )

    def empty(self):
        family, user, _children = self.somebody()
        empty_basket(user=user, family=family, authority=self.offer.authority, by=Actor(ActorKind.FAMILY, user), at=AT)

    def valider(self):
        family, user, children = self.somebody()
        content = basket_of(user, family)
        outcome = confirm_basket(
            user=user,
            family=family,
            children=children,
            offer=self.offer,
            key=content.key,
            revision=content.revision,
            by=Actor(ActorKind.FAMILY, user),
            at=AT,
        )
        return "confirmed" if isinstance(outcome, Confirmed) else "refused"

    def decide(self):
        request = self.one_of(CancellationRequest.objects.filter(state="pending"))
        if request is None:
            return "nothing to do"
        decide_cancellation(
            request,
            is_accepted=self.chance.random() < 0.7,
            is_refunded=self.chance.random() < 0.5,
            reason="Entendu.",
            by=self.agent,
            at=AT,
        )
        return None

    def reserve(self):
        family, _user, children = self.somebody()
        key = self.some_key(children)
        child = next(child for child in children if child.pk == key.child)
        reserve_for_family(child, key=key, family=family, offer=self.offer, reason="Au guichet.", by=self.agent, at=AT)

    def cancel(self):
        reservation = self.one_of(Reservation.objects.active())
        if reservation is None:
            return "nothing to do"
        cancel_for_family(reservation, reason="Au guichet.", is_refunded=True, by=self.agent, at=AT)
        return None

    def settle(self):
        reservation = self.one_of(Reservation.objects.filter(state="held"))
        if reservation is None:
            return "nothing to do"
        confirm_held_place(reservation, by=self.agent, at=AT)
        return None

    def release(self):
        reservation = self.one_of(Reservation.objects.filter(state="held"))
        if reservation is None:
            return "nothing to do"
        release_held_place(reservation, reason="", by=self.agent, at=AT)
        return None

    def expire(self):
        count = release_expired_holds(by=SYSTEM, at=AT + timedelta(hours=2))
        return "done" if count else "nothing to do"

    def wait(self):
        family, user, children = self.somebody()
        key = self.some_key(children)
        child = next(child for child in children if child.pk == key.child)
        join_waiting_list(child, key=key, family=family, offer=self.offer, by=Actor(ActorKind.FAMILY, user), at=AT)

    def leave(self):
        entry = self.one_of(WaitingListEntry.objects.filter(left_at__isnull=True).select_related("child"))
        if entry is None:
            return "nothing to do"
        key = DayKey(entry.child_id, entry.product_id, entry.date)
        leave_waiting_list(entry.child, key=key, family=entry.family_id, by=self.agent, at=AT)
        return None

    def tell(self):
        slots = list(Slot.objects.filter(date__in=DAYS).values_list("pk", flat=True))
        count = offer_freed_places(self.chance.sample(slots, 4), offer=self.offer, by=SYSTEM, at=AT)
        return "done" if count else "nothing to do"

    def attend(self):
        _family, _user, children = self.somebody()
        key = self.some_key(children)
        sheet = {(key.child, key.product): self.chance.choice(["present", "absent", None])}
        record_attendance(sheet, day=key.date, authority=self.offer.authority, by=self.agent, at=AT)


def test_everything_at_once_on_a_few_slots_never_deadlocks_nor_miscounts():
    town = Town()
    seed = random.SystemRandom().randrange(10**9)
    hands = [Hand(town, f"{seed}/{number}") for number in range(THREADS)]
    until = time.monotonic() + SECONDS
    threads = [threading.Thread(target=hand.work, args=(until,)) for hand in hands]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert_every_place_is_counted()
        time.sleep(0.3)
    for thread in threads:
        thread.join()

    done = sum((hand.done for hand in hands), Counter())
    surprises = [surprise for hand in hands for surprise in hand.surprises]
    assert surprises == [], f"seed {seed}"
    assert_every_place_is_counted()
    assert_nothing_is_recorded_twice()
    # If these never happened, the mix tortured nothing.
    for needed in (
        "valider: confirmed",
        "valider: refused",
        "decide: done",
        "reserve: done",
        "expire: done",
        "wait: done",
    ):
        assert done[needed], f"never « {needed} » (seed {seed}): {done}"
    print(f"{done.total()} acts, {done} (seed {seed})")


def test_a_slot_that_counts_wrong_is_seen():
    town = Town()
    with tenancy.scope({town.authority.pk}), permitted("tampering"):
        Slot.objects.filter(date=DAYS[0]).update(taken=1)

    with pytest.raises(AssertionError, match="slots"):
        assert_every_place_is_counted()


def assert_nothing_is_recorded_twice():
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT
                (SELECT count(*) FROM (SELECT 1 FROM reservations_reservation WHERE state <> 'cancelled'
                    GROUP BY child_id, product_id, date HAVING count(*) > 1) twice),
                (SELECT count(*) FROM reservations_cancellationrequest q
                    JOIN reservations_reservation r ON r.id = q.reservation_id
                    WHERE q.state = 'accepted' AND r.state <> 'cancelled'),
                (SELECT count(*) FROM reservations_reservation WHERE state = 'held' AND held_until IS NULL)
            """
        )
        assert cursor.fetchone() == (0, 0, 0)
