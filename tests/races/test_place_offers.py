"""Places free up, are offered and answered by several at once: each place goes once, to who waits; each answer once."""

from __future__ import annotations

import contextlib
import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction

from marelle.domain.catalog.models import Slot
from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.models import PlaceOffer, Reservation
from marelle.domain.reservations.operations.by_agents import UnableToRecordError, reserve_for_family
from marelle.domain.reservations.operations.freed_places import offer_freed_places
from marelle.domain.reservations.operations.place_offers import (
    UnableToAnswerOfferError,
    accept_offer,
    decline_offer,
    end_offers,
)
from marelle.domain.reservations.operations.places import exchange_places
from marelle.domain.reservations.queries.planning import DayKey
from marelle.foundation import outbox, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from tests.domain.household import NOW, THURSDAY
from tests.domain.waiting_town import assert_no_more_than_there_is, fill, make_families, make_queue
from tests.factories.town import DAY_BEFORE_AT_NINE, make_authority, make_product

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
PLACES, WAITING = 6, 14


class Queue:
    def __init__(self):
        rules = {**DAY_BEFORE_AT_NINE, "waiting_list": {"gives": "offer", "hours": 3}}
        self.authority = make_authority()
        self.meal = make_product(self.authority, capacity=PLACES, rules=rules)
        served = make_families(self.authority, self.meal, PLACES, name="Servie")
        homes = make_families(self.authority, self.meal, WAITING, name="Attente")
        with tenancy.scope({self.authority.pk}):
            self.booked = fill(self.meal, THURSDAY, served)
            self.entries = make_queue(self.authority, self.meal, THURSDAY, homes)
            self.slot = Slot.objects.get(activity=self.meal.activity_id, date=THURSDAY)

    def free(self):
        """Cancel all that is reserved, as a run of accepted cancellations does."""
        with permitted("test"), transaction.atomic():
            done = exchange_places(
                (), authority=self.authority.pk, family=None, at=NOW, releases=[one.pk for one in self.booked]
            )
            outbox.post("reservations.places_freed", authority=self.authority.pk, slots=list(done.freed))

    def tries(self, child, family):
        """Try to reserve while the places free up, and a little after; returns how many times it was done."""
        key, offer = DayKey(child.pk, self.meal.pk, THURSDAY), offer_of(self.authority)
        done = 0
        for _time in range(25):
            with contextlib.suppress(UnableToRecordError):
                reserve_for_family(child, key=key, family=family.pk, offer=offer, reason="Appel", by=SYSTEM, at=NOW)
                done += 1
        return done

    def propose(self):
        return offer_freed_places([self.slot.pk], offer=offer_of(self.authority), by=SYSTEM, at=NOW)

    def accept(self, made):
        family = made.entry.family_id
        return accept_offer(made, family=family, user=None, offer=offer_of(self.authority), by=SYSTEM, at=NOW)

    def decline(self, made):
        return decline_offer(made, family=made.entry.family_id, by=SYSTEM, at=NOW)

    def at_once(self, *actions):
        """Do these in as many threads, begun together; returns what each gave or raised."""
        together, found = threading.Barrier(len(actions)), [None] * len(actions)

        def run(place, action):
            try:
                with tenancy.scope({self.authority.pk}):
                    together.wait(30)
                    found[place] = action()
            except Exception as error:  # noqa: BLE001  the test judges
                found[place] = error
            finally:
                connections.close_all()

        threads = [threading.Thread(target=run, args=each) for each in enumerate(actions)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(60)
        return found


@pytest.fixture
def queue():
    return Queue()


def offered(queue):
    return list(PlaceOffer.objects.filter(state="offered").select_related("entry__child").order_by("entry"))


def test_while_places_free_up_who_does_not_wait_takes_none_of_them(queue):
    (first, second, *_rest) = make_families(queue.authority, queue.meal, 2, name="Passage")
    taken = queue.at_once(lambda: queue.tries(*first), queue.free, lambda: queue.tries(*second))

    assert taken[0] == taken[2] == 0
    with tenancy.scope({queue.authority.pk}):
        queue.propose()
        assert [one.entry_id for one in offered(queue)] == [one.pk for one in queue.entries[:PLACES]]


def test_two_workers_offer_each_place_once_to_the_first(queue):
    with tenancy.scope({queue.authority.pk}):
        queue.free()
    counts = queue.at_once(queue.propose, queue.propose, queue.propose)

    assert sorted(counts) == [0, 0, PLACES]
    with tenancy.scope({queue.authority.pk}):
        assert [one.entry_id for one in offered(queue)] == [one.pk for one in queue.entries[:PLACES]]
        assert_no_more_than_there_is(queue.slot)


def test_two_parents_a_refusal_and_the_clock_one_answer_is_kept(queue):
    with tenancy.scope({queue.authority.pk}):
        queue.free()
        queue.propose()
        first, second, third, *_rest = offered(queue)
    late = NOW + timedelta(hours=3)
    answers = queue.at_once(
        lambda: queue.accept(first),
        lambda: queue.accept(first),
        lambda: queue.accept(second),
        lambda: queue.decline(second),
        lambda: end_offers(by=SYSTEM, at=late),
        lambda: queue.decline(third),
        queue.propose,
    )

    surprises = [one for one in answers if isinstance(one, Exception) and not isinstance(one, UnableToAnswerOfferError)]
    assert not surprises
    with tenancy.scope({queue.authority.pk}):
        states = dict(PlaceOffer.objects.values_list("pk", "state"))
        assert states[first.pk] in {"accepted", "expired"}
        assert states[second.pk] in {"accepted", "declined", "expired"}
        assert states[third.pk] in {"declined", "expired"}
        reserved = set(Reservation.objects.filter(state="reserved").values_list("pk", flat=True))
        accepted = PlaceOffer.objects.filter(state="accepted").values_list("reservation_id", flat=True)
        assert reserved == set(accepted)
        assert_no_more_than_there_is(queue.slot)
