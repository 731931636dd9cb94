"""An event is declared and undone: places, absences, requests, what is due and the ledger are exactly as before."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from django.db.models import Sum
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.domain.billing.models import Invoice, LedgerEntry
from marelle.domain.billing.operations.disruptions import settle_disruption
from marelle.domain.billing.operations.prepaid import settle_at_desk
from marelle.domain.billing.queries.disruptions import given_back, invoiced_of
from marelle.domain.billing.queries.to_bill import bill
from marelle.domain.catalog.models import Slot
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Family
from marelle.domain.news.models import FamilyMessage, MessageRecipient
from marelle.domain.news.operations.disruptions import declare_and_tell, undo_and_tell
from marelle.domain.news.operations.messages import WrongMessageError
from marelle.domain.news.queries.recipients import blanks_of
from marelle.domain.news.rules.recipients import Channel
from marelle.domain.reservations.models import (
    Absence,
    Attendance,
    CancellationRequest,
    DisruptionLine,
    Place,
    Reservation,
)
from marelle.domain.reservations.operations.by_agents import UnableToRecordError, cancel_for_family, reserve_for_family
from marelle.domain.reservations.operations.disruptions import (
    AlreadyDeclaredError,
    NotStandingError,
    WrongDisruptionError,
    declare_disruption,
    undo_disruption,
)
from marelle.domain.reservations.queries.disruptions import counts_of, read_met, still_expected
from marelle.domain.reservations.queries.planning import ChildFacts, DayKey, read_planning
from marelle.domain.reservations.rules.decisions import Reason, Wish
from marelle.domain.reservations.rules.disruptions import Effect, Kind, Said
from marelle.foundation.actors import SYSTEM
from marelle.foundation.periods import Period
from marelle.foundation.writes import permitted
from tests.domain.billing_town import billed, make_regie
from tests.factories.town import (
    make_authority,
    make_child,
    make_class,
    make_facility,
    make_family,
    make_product,
    make_reservation,
    make_service,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MONDAY, THURSDAY, FRIDAY = date(2026, 11, 23), date(2026, 11, 26), date(2026, 11, 27)
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))


class Town:
    """A canteen that is paid at the month's end, days off that are paid on booking, two classes."""

    def __init__(self):
        self.authority = make_authority("Essai")

    def furnish(self):
        self.regie = make_regie(self.authority)
        school = make_facility(self.authority)
        self.ce2, self.cm1 = make_class(school, "CE2"), make_class(school, "CM1")
        canteen = make_service(self.authority, regie=self.regie)
        care = make_service(self.authority, "Garderie", regie=self.regie)
        leisure = make_service(self.authority, "Loisirs", payment_mode="prepaid", regie=self.regie)
        self.meal = make_product(self.authority, service=canteen, facility=school, price_cents=385, capacity=30)
        self.evening = make_product(
            self.authority, name="Soir", noun="garderie", service=care, facility=school, price_cents=200
        )
        self.day = make_product(self.authority, name="Journée", service=leisure, facility=school, price_cents=1200)
        self.products = (self.meal, self.evening, self.day)
        return self

    @property
    def offer(self):
        return offer_of(type(self.authority).objects.get(pk=self.authority.pk))

    def child(self, name="Lucia", school_class=None, family=None):
        family = family or make_family(self.authority, name)
        child = make_child(family, name, products=self.products, school_class=school_class or self.ce2)
        return child, family

    def said(self, **fields):
        values = {
            "kind": Kind.STRIKE,
            "effect": Effect.CANCEL,
            "title": "Grève",
            "starts_on": THURSDAY,
            "ends_on": FRIDAY,
            "products": frozenset({self.meal.pk, self.day.pk}),
            **fields,
        }
        return Said(**values)

    def declare(self, *, at=NOW, **fields):
        return declare_disruption(self.said(**fields), offer=self.offer, by=SYSTEM, at=at)

    def undo(self, disruption, *, at=NOW):
        return undo_disruption(disruption, offer=self.offer, by=SYSTEM, at=at)

    def settle(self, disruption, *, at=NOW):
        disruption.refresh_from_db()
        families = set(disruption.lines.values_list("reservation__family_id", flat=True))
        return [
            one
            for family in sorted(families)
            for one in settle_disruption(disruption, family, authority=self.authority, by=SYSTEM, at=at)
        ]

    def standing(self):
        """Say all that stands: places, absences, requests, what is owed, what is still to be invoiced."""
        families = list(Family.objects.order_by("pk").values_list("pk", flat=True))
        to_bill = bill(
            families,
            regie=self.regie.pk,
            services=sorted({one.activity.service_id for one in self.products}),
            period=NOVEMBER,
            offer=self.offer,
            at=NOW,
        )
        owed = LedgerEntry.objects.values("account", "payer__family").annotate(sum=Sum("cents"))
        return {
            "reservations": set(
                Reservation.objects.values_list("pk", "state", "held_until", "cancelled_at", "price_cents")
            ),
            "places": set(Place.objects.values_list("reservation", "slot")),
            "taken": dict(Slot.objects.values_list("pk", "taken")),
            "absences": set(Absence.objects.filter(withdrawn_at=None).values_list("reservation", "told_at")),
            "requests": set(
                CancellationRequest.objects.values_list(
                    "pk", "state", "decided_at", "decided_by", "is_refunded", "due_cents"
                )
            ),
            "owed": {(row["account"], row["payer__family"]): row["sum"] for row in owed if row["sum"]},
            "to_bill": {one.family: one.draft.total if one.draft else 0 for one in to_bill},
        }


@pytest.fixture
def town(in_scope):
    town = Town()
    in_scope(town.authority)
    return town.furnish()


def counted_places():
    placed = Counter(Place.objects.values_list("slot", flat=True))
    return all(slot.taken == placed[slot.pk] for slot in Slot.objects.all())


def test_whatever_was_booked_undoing_leaves_all_as_it_was(town):
    """Random towns: held, told, asked, seen, invoiced, of every effect; the month's bill in November is out."""
    for seed in range(4):
        chance = random.Random(seed)
        with transaction.atomic():
            _a_random_town(town, chance)
            before = town.standing()
            effect = (Effect.CANCEL, Effect.CANCEL, Effect.ABSENCE, Effect.KEEP)[seed]
            classes = frozenset({town.cm1.pk}) if seed == 1 else frozenset()
            disruption = town.declare(effect=effect, classes=classes)
            town.settle(disruption)
            during = town.standing()
            assert (during != before) is (effect is not Effect.KEEP)
            assert counted_places()
            done = town.undo(disruption)
            town.settle(disruption)
            assert done.not_back == ()
            assert town.standing() == before, seed
            assert counted_places()
            # Once more, as a task that runs twice would.
            assert town.settle(disruption) == []
            transaction.set_rollback(True)


def _a_random_town(town, chance):
    for number in range(8):
        child, family = town.child(f"Enfant {number}", chance.choice([town.ce2, town.cm1]))
        for product in town.products:
            for day in (MONDAY, THURSDAY, FRIDAY):
                if chance.random() < 0.2:
                    continue
                is_prepaid = product == town.day
                what = chance.choice(("plain", "held", "told", "asked", "seen", "paid" if is_prepaid else "plain"))
                held = {"state": "held", "held_until": NOW + timedelta(days=2)} if what in {"held", "paid"} else {}
                row = make_reservation(
                    child, product, day, family=family, price_cents=1200 if is_prepaid else 385, **held
                )
                _happens(town, row, what, chance)


def _happens(town, row, what, chance):
    if what == "paid":
        settle_at_desk(row, authority=town.authority, by=SYSTEM, at=NOW)
        return
    with permitted("test"):
        if what == "told":
            Absence.objects.create(authority=town.authority, reservation=row, cause="illness", told_at=NOW)
        elif what == "asked":
            CancellationRequest.objects.create(
                authority=town.authority, reservation=row, asked_at=NOW, due_cents=chance.choice([None, 150])
            )
        elif what == "seen":
            Attendance.objects.create(
                authority=town.authority, child=row.child, product=row.product, date=row.date, state="present",
                recorded_at=NOW,
            )  # fmt: skip


def test_what_an_issued_invoice_asked_is_given_back_then_asked_again(town):
    child, family = town.child()
    for day in (THURSDAY, FRIDAY):
        make_reservation(child, town.meal, day, family=family)
    paid = make_reservation(
        child, town.day, THURSDAY, family=family, state="held", held_until=NOW + timedelta(days=2), price_cents=1200
    )
    settle_at_desk(paid, authority=town.authority, by=SYSTEM, at=NOW)
    after = datetime(2026, 12, 1, 8, tzinfo=UTC)
    billed(town.regie, at=after)
    owed = LedgerEntry.objects.filter(account="receivable").aggregate(sum=Sum("cents"))["sum"]
    assert owed == 770

    said = town.said()
    met = read_met(said)
    assert invoiced_of(met, authority=town.authority.pk) == (3, 1)
    assert counts_of(met).worth_cents == 1200
    disruption = town.declare(at=after)
    notes = town.settle(disruption, at=after)

    assert sum(one.total_cents for one in notes) == -1970
    assert {one.kind for one in notes} == {Invoice.Kind.CREDIT_NOTE}
    assert given_back(disruption) == (2, -1970)
    assert town.settle(disruption, at=after) == []

    town.undo(disruption, at=after)
    again = town.settle(disruption, at=after)
    assert sum(one.total_cents for one in again) == 1970
    sums = LedgerEntry.objects.values("account").annotate(sum=Sum("cents"))
    assert {row["account"]: row["sum"] for row in sums}["receivable"] == 770


def test_nobody_reserves_what_an_event_closes_and_the_other_class_does(town):
    (one, home), (other, other_home) = town.child("Ana", town.ce2), town.child("Tom", town.cm1)
    make_reservation(one, town.meal, THURSDAY, family=home)
    disruption = town.declare(title="Classe verte", classes=frozenset({town.ce2.pk}))

    def decided(child, family):
        planning = read_planning(
            [ChildFacts(child.pk, child.birth_date)], town.offer.products, THURSDAY, THURSDAY,
            offer=town.offer, family=family.pk, user=None,
        )  # fmt: skip
        key = DayKey(child.pk, town.meal.pk, THURSDAY)
        return planning.decision(key, Wish.RESERVE, at=NOW), planning.square(key, at=NOW)

    decision, square = decided(one, home)
    assert [(no.reason, no.detail) for no in decision.refusals] == [(Reason.CLOSED, "Classe verte")]
    assert square.state == "closed"
    assert not decided(other, other_home)[0].is_refused
    with pytest.raises(UnableToRecordError):
        reserve_for_family(
            one, key=DayKey(one.pk, town.meal.pk, FRIDAY), family=home.pk, offer=town.offer, reason="Oui", by=SYSTEM,
            at=NOW,
        )  # fmt: skip
    town.undo(disruption)
    assert decided(one, home)[1].state == "reserved"


def test_what_cannot_come_back_is_said_and_blocks_nothing_else(town):
    with permitted("test"):
        Slot.objects.filter(activity=town.meal.activity, date=THURSDAY).update(capacity=3)
    rows = {}
    for name, at in (("Ana", 1), ("Bob", 2), ("Cyd", 3)):
        child, family = town.child(name, town.ce2)
        rows[name] = make_reservation(
            child, town.meal, THURSDAY, family=family, reserved_at=datetime(2026, 11, at, 8, tzinfo=UTC)
        )
    disruption = town.declare(classes=frozenset({town.ce2.pk}))
    # The places are free for the others meanwhile, and the child of another has left.
    taker, home = town.child("Zoé", town.cm1)
    make_reservation(taker, town.meal, THURSDAY, family=home)
    with permitted("test"):
        rows["Ana"].child.enrollments.all().delete()
        Slot.objects.filter(activity=town.meal.activity, date=THURSDAY).update(capacity=2)

    done = town.undo(disruption)

    assert done.back == 1
    assert {line.reservation_id: line.back_as for line in done.not_back} == {
        rows["Ana"].pk: "not_enrolled",
        rows["Cyd"].pk: "no_place",
    }
    assert Reservation.objects.get(pk=rows["Bob"].pk).state == "reserved"
    assert counted_places()
    with pytest.raises(NotStandingError):
        town.undo(disruption)


def test_the_same_event_twice_is_one_and_a_wrong_one_is_none(town):
    child, family = town.child()
    make_reservation(child, town.meal, THURSDAY, family=family)
    first = town.declare()
    with pytest.raises(AlreadyDeclaredError) as met:
        town.declare(title="Grève nationale")
    assert met.value.disruption == first
    with pytest.raises(WrongDisruptionError) as wrong:
        town.declare(title=" ", products=frozenset(), ends_on=MONDAY)
    assert set(wrong.value.faults) == {"title", "products", "ends_on"}
    assert DisruptionLine.objects.count() == 1


def test_each_family_is_told_once_of_all_its_children_and_those_are_told_it_is_undone(town):
    family = make_family(town.authority, "Sanchez-Cordoves")
    for name in ("Lucia", "Tiago"):
        child, _ = town.child(name, family=family)
        make_reservation(child, town.meal, THURSDAY, family=family)
        make_reservation(child, town.meal, FRIDAY, family=family)
    town.child("Une autre, sans rien")
    told = {"authority": town.authority, "offer": town.offer, "by": SYSTEM, "at": NOW}

    with pytest.raises(WrongMessageError):
        declare_and_tell(town.said(words="Bonjour {prénom}"), channels=[Channel.EMAIL], **told)
    disruption = declare_and_tell(town.said(words="Prévoyez un repas."), channels=[Channel.EMAIL], **told)

    message = FamilyMessage.objects.get()
    assert list(MessageRecipient.objects.values_list("family", flat=True)) == [family.pk]
    (blanks,) = {one["jours"] for one in blanks_of(message, [family.pk], authority=town.authority, on=MONDAY).values()}
    assert blanks.replace("\N{NO-BREAK SPACE}", " ") == (
        "Lucia : repas (jeu. 26 et ven. 27 nov.).\n\nTiago : repas (jeu. 26 et ven. 27 nov.)."
    )
    assert "{jours}" in message.body
    assert "Prévoyez un repas." in message.body
    with pytest.raises(AlreadyDeclaredError):
        declare_and_tell(town.said(), channels=[Channel.EMAIL], **told)

    undo_and_tell(disruption, **told)
    assert FamilyMessage.objects.count() == 2
    assert MessageRecipient.objects.count() == 2
    tasks = Counter(ProcrastinateJob.objects.values_list("task_name", flat=True))
    assert (tasks["news.tell"], tasks["billing.settle_disruption"]) == (2, 2)


def test_who_is_still_expected_that_day_is_listed(town):
    (one, home), (other, other_home) = town.child("Ana"), town.child("Bob")
    make_reservation(one, town.meal, THURSDAY, family=home)
    make_reservation(one, town.evening, THURSDAY, family=home)
    make_reservation(other, town.meal, THURSDAY, family=other_home)
    met = read_met(town.said())
    there = still_expected(
        {(each.child, each.date) for each in met},
        [each.reservation for each in met],
        products=[product.pk for product in town.products],
    )
    assert [(each.child.first_name, each.date, each.products) for each in there] == [
        ("Ana", THURSDAY, (town.evening.pk,))
    ]


def test_a_reservation_that_was_cancelled_meanwhile_stays_so(town):
    child, family = town.child()
    row = make_reservation(child, town.meal, THURSDAY, family=family)
    disruption = town.declare(effect=Effect.ABSENCE)
    absence = Absence.objects.get()
    assert (absence.cause, absence.told_at) == ("strike", NOW)
    row.refresh_from_db()
    cancel_for_family(row, reason="Partis", is_refunded=True, by=SYSTEM, at=NOW)
    town.undo(disruption)
    row.refresh_from_db()
    assert row.state == "cancelled"
    assert counted_places()
