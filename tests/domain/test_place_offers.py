"""Freed places are offered in the voted order and held: never more than there is, each answered once or passed on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.models import Reglement, Slot
from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.models import (
    CancellationRequest,
    Confirmation,
    Enrollment,
    FreedPlace,
    Place,
    PlaceOffer,
    Reservation,
    WaitingListEntry,
)
from marelle.domain.reservations.operations.by_agents import (
    UnableToRecordError,
    confirm_held_place,
    release_expired_holds,
    reserve_for_family,
)
from marelle.domain.reservations.operations.freed_places import (
    UnableToOfferError,
    offer_by_hand,
    offer_freed_places,
    offer_let_go_place,
)
from marelle.domain.reservations.operations.place_offers import (
    UnableToAnswerOfferError,
    UnableToLetGoError,
    UnableToTakeBackError,
    accept_offer,
    decline_offer,
    end_offers,
    let_go_place,
    take_back_place,
)
from marelle.domain.reservations.operations.places import exchange_places
from marelle.domain.reservations.operations.waiting_list import join_waiting_list
from marelle.domain.reservations.queries.planning import DayKey
from marelle.domain.reservations.queries.waiting import queues_of
from marelle.domain.reservations.rules.decisions import Reason
from marelle.foundation import outbox, tenancy
from marelle.foundation.actors import SYSTEM, Actor, ActorKind
from marelle.foundation.writes import permitted
from tests.domain.household import NOW, THURSDAY, journal
from tests.domain.waiting_town import assert_no_more_than_there_is, fill, make_families, make_queue
from tests.factories.town import (
    DAY_BEFORE_AT_NINE,
    make_authority,
    make_child,
    make_class,
    make_facility,
    make_product,
    make_reservation,
    make_service,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
VOTED = {"priorities": ["school", "resident"], "gives": "offer", "hours": 3, "past_limit": True}
LIMIT_FOR_THURSDAY = datetime(2026, 11, 24, 8, tzinfo=UTC)  # Tuesday at nine: Wednesday has no school


class Town:
    """A canteen of four places, all taken, before which seven families wait."""

    def __init__(self, *, waiting=7, places=4, **fields):
        self.authority = make_authority()
        self.school = make_facility(self.authority)
        self.service = make_service(self.authority, **fields)
        self.meal = make_product(
            self.authority,
            capacity=places,
            facility=self.school,
            service=self.service,
            rules={**DAY_BEFORE_AT_NINE, "waiting_list": VOTED},
        )
        self.served = make_families(self.authority, self.meal, places, name="Servie")
        self.homes = make_families(self.authority, self.meal, waiting, name="Attente")

    @property
    def offer(self):
        return offer_of(Authority.objects.get(pk=self.authority.pk))

    def slot(self, day=THURSDAY):
        return Slot.objects.get(activity=self.meal.activity_id, date=day)

    def free(self, reservations, *, at=NOW):
        """Cancel these reservations, as accepted cancellations do."""
        with permitted("test"), transaction.atomic():
            done = exchange_places(
                (), authority=self.authority.pk, family=None, at=at, releases=[one.pk for one in reservations]
            )
            outbox.post("reservations.places_freed", authority=self.authority.pk, slots=list(done.freed))

    def propose(self, *, at=NOW, day=THURSDAY):
        """Offer the free places of that day, as the worker does with all that was posted of it."""
        slot = self.slot(day).pk
        done = offer_freed_places([slot], offer=self.offer, by=SYSTEM, at=at)
        posted = ProcrastinateJob.objects.filter(task_name="reservations.places_freed", args__slots__contains=slot)
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM procrastinate_jobs WHERE id = ANY(%s)", [list(posted.values_list("pk", flat=True))]
            )
        return done

    def reserve(self, child, family, *, at=NOW, day=THURSDAY):
        """Reserve for one who does not wait, as an agent does; returns the reason against it, None when it is done."""
        key = DayKey(child.pk, self.meal.pk, day)
        try:
            reserve_for_family(child, key=key, family=family.pk, offer=self.offer, reason="Appel", by=SYSTEM, at=at)
        except UnableToRecordError as error:
            return error.refusal.reason
        return None

    def accept(self, made, *, at=NOW):
        family = made.entry.family_id
        by = Actor(ActorKind.FAMILY, None)
        return accept_offer(made, family=family, user=None, offer=self.offer, by=by, at=at)

    def decline(self, made, *, at=NOW):
        decline_offer(made, family=made.entry.family_id, by=Actor(ActorKind.FAMILY, None), at=at)


@pytest.fixture
def town(in_scope):
    made = Town()
    in_scope(made.authority)
    made.booked = fill(made.meal, THURSDAY, made.served)
    made.entries = make_queue(made.authority, made.meal, THURSDAY, made.homes)
    return made


def running():
    return list(PlaceOffer.objects.filter(state="offered").select_related("entry").order_by("entry__asked_at"))


def test_the_next_is_offered_a_place_held_for_the_voted_hours_and_written_to(town):
    town.free(town.booked[:2])

    assert town.propose() == 2
    assert [made.entry_id for made in running()] == [one.pk for one in town.entries[:2]]
    assert {made.expires_at for made in running()} == {NOW + 3 * HOUR}
    held = Reservation.objects.filter(state="held")
    assert {(one.held_until, one.price_cents, one.timing) for one in held} == {(NOW + 3 * HOUR, 385, "on_time")}
    assert_no_more_than_there_is(town.slot())
    assert town.propose() == 0


def test_a_brother_or_a_sister_who_has_a_place_that_day_passes_first_where_it_was_voted(town):
    family = town.homes[-1][1]
    other = make_child(family, "Olga", products=(town.meal,))
    make_reservation(town.homes[2][0], town.meal, THURSDAY + timedelta(days=1), family=town.homes[2][1])
    town.free(town.booked[:2])
    make_reservation(other, town.meal, THURSDAY, family=family)
    with permitted("test"):
        Reglement.objects.update(rules={**DAY_BEFORE_AT_NINE, "waiting_list": {**VOTED, "priorities": ["sibling"]}})
        Authority.objects.update(catalog_version=F("catalog_version") + 1)

    (queue,) = queues_of([town.slot().pk], offer=town.offer).values()
    assert [(one.child, one.reasons) for one in queue][:2] == [
        (town.homes[-1][0].pk, ("sibling",)),
        (town.homes[0][0].pk, ()),
    ]


def test_between_the_moment_a_place_frees_up_and_its_offer_nobody_else_takes_it_but_may_wait(town):
    (passer, family), *_rest = town.served
    town.free(town.booked[:1])

    assert town.reserve(passer, family) is Reason.FULL
    key = DayKey(passer.pk, town.meal.pk, THURSDAY)
    join_waiting_list(passer, key=key, family=family.pk, offer=town.offer, by=SYSTEM, at=NOW)
    assert town.propose() == 1
    assert [made.entry_id for made in running()] == [town.entries[0].pk]


def test_a_place_that_nobody_waits_for_or_that_was_offered_in_vain_is_anybodys(town):
    (passer, family), (other, others), *_rest = town.served
    with permitted("test"):
        WaitingListEntry.objects.exclude(pk=town.entries[0].pk).update(left_at=NOW)
        Enrollment.objects.filter(child=town.homes[0][0]).delete()
    town.free(town.booked[:2])
    assert town.reserve(passer, family) is Reason.FULL
    assert town.propose() == 0, "the only one who waits is enrolled no more"
    assert town.reserve(passer, family) is None

    with permitted("test"):
        WaitingListEntry.objects.update(left_at=NOW)
    town.free(town.booked[2:3])
    assert town.reserve(other, others) is None


def test_a_place_is_never_held_beyond_the_limit_to_reserve(town):
    town.free(town.booked[:1])
    town.propose(at=LIMIT_FOR_THURSDAY - HOUR)

    assert running()[0].expires_at == LIMIT_FOR_THURSDAY


def test_the_order_is_that_of_the_reglement_before_that_of_asking(town):
    ours = make_class(town.school)
    with permitted("test"):
        last, late = town.homes[-1], town.homes[-2]
        for child, family in town.homes[:-1]:
            family.is_resident = family.pk == late[1].pk
            family.save(update_fields=["is_resident"])
            assert child.school_class_id is None
        last[0].school_class = ours
        last[0].save(update_fields=["school_class"])
    town.free(town.booked[:2])
    town.propose()

    (queue,) = queues_of([town.slot().pk], offer=town.offer).values()
    assert [one.child for one in queue][:3] == [last[0].pk, late[0].pk, town.homes[0][0].pk]
    assert [one.reasons for one in queue][:3] == [("school", "resident"), ("resident",), ()]
    assert {made.entry.child_id for made in running()} == {last[0].pk, late[0].pk}


def test_accepted_the_place_is_reserved_for_good_and_the_child_waits_no_more(town):
    town.free(town.booked[:1])
    town.propose()
    (made,) = running()
    confirmation = town.accept(made, at=NOW + HOUR)

    reservation = Reservation.objects.get(pk=made.reservation_id)
    assert (reservation.state, reservation.held_until, reservation.confirmation_id) == (
        "reserved",
        None,
        confirmation.pk,
    )
    assert [line["outcome"] for line in Confirmation.objects.get().lines] == ["reserved"]
    assert WaitingListEntry.objects.get(pk=made.entry_id).left_at == NOW + HOUR
    with pytest.raises(UnableToAnswerOfferError):
        town.accept(made, at=NOW + HOUR)


def test_of_a_service_paid_on_booking_the_accepted_place_is_held_while_it_is_paid(in_scope):
    town = Town(payment_mode="prepaid", hold_hours=5)
    in_scope(town.authority)
    booked = fill(town.meal, THURSDAY, town.served)
    make_queue(town.authority, town.meal, THURSDAY, town.homes)
    town.free(booked[:1])
    town.propose()
    (made,) = running()
    town.accept(made, at=NOW + HOUR)

    reservation = Reservation.objects.get(pk=made.reservation_id)
    assert (reservation.state, reservation.held_until) == ("held", NOW + 6 * HOUR)
    assert end_offers(by=SYSTEM, at=NOW + 4 * HOUR) == 0


def test_refused_the_place_goes_to_the_next_and_the_child_waits_no_more(town):
    town.free(town.booked[:1])
    town.propose()
    (made,) = running()
    town.decline(made)

    assert town.propose() == 1
    assert [one.entry_id for one in running()] == [town.entries[1].pk]
    assert_no_more_than_there_is(town.slot())
    assert "decline_offer" in [verb for verb, _details in journal()]


def test_unanswered_the_place_goes_to_the_next_by_its_own_clock_not_by_that_of_payments(town):
    town.free(town.booked[:1])
    town.propose()
    (made,) = running()

    assert release_expired_holds(by=SYSTEM, at=NOW + 3 * HOUR) == 0
    assert end_offers(by=SYSTEM, at=NOW + 3 * HOUR - timedelta(seconds=1)) == 0
    with pytest.raises(UnableToAnswerOfferError):
        town.accept(made, at=NOW + 3 * HOUR)
    assert end_offers(by=SYSTEM, at=NOW + 3 * HOUR) == 1
    made.refresh_from_db()
    assert (made.state, made.answered_at) == ("expired", NOW + 3 * HOUR)
    assert WaitingListEntry.objects.get(pk=made.entry_id).left_at is not None
    assert town.propose(at=NOW + 3 * HOUR) == 1


def test_another_family_answers_nothing(town):
    town.free(town.booked[:1])
    town.propose()
    (made,) = running()
    other = town.homes[3][1].pk

    with pytest.raises(UnableToAnswerOfferError):
        accept_offer(made, family=other, user=None, offer=town.offer, by=SYSTEM, at=NOW)
    with pytest.raises(UnableToAnswerOfferError):
        decline_offer(made, family=other, by=SYSTEM, at=NOW)


def test_what_an_agent_does_of_a_place_that_is_offered_ends_the_offer(town):
    town.free(town.booked[:2])
    town.propose()
    first, second = running()
    confirm_held_place(Reservation.objects.get(pk=first.reservation_id), by=SYSTEM, at=NOW)
    town.free([Reservation.objects.get(pk=second.reservation_id)])

    assert end_offers(by=SYSTEM, at=NOW) == 2
    assert set(PlaceOffer.objects.values_list("state", flat=True)) == {"accepted", "declined"}
    assert WaitingListEntry.objects.filter(left_at__isnull=False).count() == 2


def test_by_hand_a_place_is_offered_out_of_order_with_a_reason_and_only_while_one_is_free(town):
    chosen = town.entries[5]
    with pytest.raises(UnableToOfferError):
        offer_by_hand(chosen, reason="Urgence familiale", offer=town.offer, by=SYSTEM, at=NOW)
    town.free(town.booked[:1])
    with pytest.raises(UnableToOfferError):
        offer_by_hand(chosen, reason=" ", offer=town.offer, by=SYSTEM, at=NOW)
    made = offer_by_hand(chosen, reason="Urgence familiale", offer=town.offer, by=SYSTEM, at=NOW)

    assert (made.entry_id, made.reason) == (chosen.pk, "Urgence familiale")
    assert town.propose() == 0
    assert_no_more_than_there_is(town.slot())


class TestLettingAPlaceGo:
    """Once it is too late to cancel."""

    LATE = LIMIT_FOR_THURSDAY + HOUR

    def let_go(self, town, which=0, *, at=LATE):
        theirs = town.booked[which]
        return let_go_place(theirs, family=theirs.family_id, offer=town.offer, by=SYSTEM, at=at)

    def offered(self, town, freed, *, at=LATE):
        return offer_let_go_place(freed, offer=town.offer, by=SYSTEM, at=at)

    def test_it_changes_hands_when_it_is_accepted_and_costs_the_first_nothing(self, town):
        freed = self.let_go(town)
        made = self.offered(town, freed)
        theirs = town.booked[0]
        theirs.refresh_from_db()
        assert (theirs.state, made.expires_at) == ("reserved", self.LATE + HOUR)

        town.accept(made, at=self.LATE)
        theirs.refresh_from_db()
        request = CancellationRequest.objects.get(reservation=theirs)
        taken = Reservation.objects.get(child=town.homes[0][0], date=THURSDAY)
        assert theirs.state == "cancelled"
        assert (request.state, request.is_refunded, request.due_cents) == ("accepted", True, None)
        assert (taken.state, taken.price_cents, taken.timing) == ("reserved", 385, "by_agent")
        assert_no_more_than_there_is(town.slot())
        assert FreedPlace.objects.get().state == "taken"

    def test_nobody_takes_it_and_nothing_changes(self, town):
        freed = self.let_go(town)
        made = self.offered(town, freed)
        assert self.offered(town, freed) is None
        with pytest.raises(UnableToTakeBackError):
            take_back_place(freed, family=town.booked[0].family_id, by=SYSTEM, at=self.LATE)

        assert end_offers(by=SYSTEM, at=self.LATE + HOUR) == 1
        made.refresh_from_db()
        assert made.state == "expired"
        assert ProcrastinateJob.objects.get(task_name="letters.offer_expired").args["offer"] == made.pk
        assert self.offered(town, freed, at=self.LATE + HOUR).entry_id == town.entries[1].pk
        assert Reservation.objects.get(pk=town.booked[0].pk).state == "reserved"
        assert CancellationRequest.objects.count() == 0

    def test_it_is_taken_back_while_nobody_is_offered_it(self, town):
        freed = self.let_go(town)
        take_back_place(freed, family=town.booked[0].family_id, by=SYSTEM, at=self.LATE)

        assert self.offered(town, freed) is None
        assert FreedPlace.objects.get().state == "withdrawn"

    def test_before_the_limit_one_cancels_and_twice_is_refused(self, town):
        with pytest.raises(UnableToLetGoError):
            self.let_go(town, at=NOW)
        self.let_go(town)
        with pytest.raises(UnableToLetGoError):
            self.let_go(town)
        with pytest.raises(UnableToLetGoError):
            let_go_place(town.booked[1], family=town.served[0][1].pk, offer=town.offer, by=SYSTEM, at=self.LATE)


@pytest.fixture(scope="module")
def crowd(lasting):
    """Fifty places that are about to be freed, and two hundred families who wait for them."""
    made = Town(waiting=200, places=50)
    with tenancy.scope({made.authority.pk}):
        made.booked = fill(made.meal, THURSDAY, made.served)
        yield made


@settings(
    max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(chance=st.randoms(use_true_random=False))
def test_fifty_places_and_two_hundred_families_never_more_held_than_free_and_the_order_kept(crowd, chance):
    with transaction.atomic():
        play(crowd, chance)
        transaction.set_rollback(True)


def play(town, chance, *, rounds=4):
    """Free the places, in one or several times; accept, refuse or leave each offer; check after each step."""
    ranks = list(range(len(town.homes)))
    chance.shuffle(ranks)
    make_queue(town.authority, town.meal, THURSDAY, town.homes, order=ranks)
    slot, left, at = town.slot(), list(town.booked), NOW
    rank = {one.entry: one.rank for one in queues_of([slot.pk], offer=town.offer)[slot.pk]}
    answered = 0
    for _round in range(rounds):
        at += timedelta(minutes=20)
        freed = [left.pop() for _ in range(min(len(left), chance.choice((50, 20, 7))))]
        town.free(freed, at=at)
        if freed and WaitingListEntry.objects.filter(slot=slot, left_at__isnull=True, offers__isnull=True).exists():
            assert town.reserve(freed[0].child, freed[0].family, at=at) is Reason.FULL
        before = {one.pk for one in running()}
        town.propose(at=at)
        assert_no_more_than_there_is(slot)
        offers = running()
        unserved = WaitingListEntry.objects.filter(slot=slot, left_at__isnull=True, offers__isnull=True)
        first_unserved = min((rank[pk] for pk in unserved.values_list("pk", flat=True)), default=len(rank) + 1)
        assert all(rank[one.entry_id] < first_unserved for one in offers if one.pk not in before)
        assert slot.taken == slot.capacity or not unserved.exists()
        for made in chance.sample(offers, len(offers) * 2 // 3):
            answered += 1
            if chance.random() < 0.5:
                town.accept(made, at=at)
            else:
                town.decline(made, at=at)
        if chance.random() < 0.5:
            at += 3 * HOUR
            end_offers(by=SYSTEM, at=at)
        assert_no_more_than_there_is(slot)
    assert answered
    assert Place.objects.filter(slot=slot).count() <= 50
