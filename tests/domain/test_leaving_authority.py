"""A family leaves: what ends, what comes back to the cent, and what stays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.authorities.models import Authority, Regie
from marelle.domain.billing.models import BillingRun, Invoice, PayerAccount
from marelle.domain.billing.operations.leaving import (
    Kept,
    Left,
    UnableToLeaveError,
    WhyKept,
    WhyNotLeft,
    leave_authority,
)
from marelle.domain.billing.operations.prepaid import settle_at_desk
from marelle.domain.catalog.models import Service
from marelle.domain.families.models import Custody, PickupPerson
from marelle.domain.families.operations.pickups import allow_pickup
from marelle.domain.families.rules.pickups import Pickup
from marelle.domain.payments.gateways import Result
from marelle.domain.reservations.models import (
    Attendance,
    CancellationRequest,
    Enrollment,
    Reservation,
    WaitingListEntry,
)
from marelle.domain.reservations.operations.baskets import Refused
from marelle.domain.reservations.operations.by_agents import UnableToRecordError, cancel_days_for_family
from marelle.domain.reservations.operations.waiting_list import join_waiting_list
from marelle.domain.reservations.queries.planning import DayKey
from marelle.domain.reservations.rules.decisions import Reason
from marelle.foundation.writes import permitted
from tests.domain.billing_town import assert_ledger_holds, billed, drafted, make_regie, owed, started, wallet
from tests.domain.household import AGENT, FRIDAY, NOW, THURSDAY, TUESDAY, Household, journal, states, taken
from tests.domain.payments_town import PayingHousehold
from tests.factories.town import (
    YEAR,
    make_authority,
    make_child,
    make_family,
    make_product,
    make_reservation,
    make_service,
)

pytestmark = pytest.mark.django_db

MONDAY = NOW.date()
DECEMBER = datetime(2026, 12, 3, 9, tzinfo=UTC)
BEGINNING = date(2026, 9, 1)


@pytest.fixture
def home(in_scope):
    """A family with two children: Lucia at the canteen, Sofia at the centre too, which is paid on booking."""
    authority = make_authority()
    in_scope(authority)
    regie = make_regie(authority)
    home = Household(authority)
    home.regie = regie
    home.meal = make_product(authority, service=make_service(authority, regie=regie))
    centre = make_service(authority, name="Centre", payment_mode="prepaid", regie=regie)
    home.day = make_product(authority, service=centre, name="Journée", price_cents=1200, capacity=1)
    home.child = make_child(home.family, products=(home.meal,))
    home.sister = make_child(home.family, "Sofia", products=(home.day,), birth_date=date(2019, 2, 2))
    return home


def leave(home, last_day=TUESDAY, *, at=NOW, family=None) -> Left:
    family = family or home.family
    family.refresh_from_db()
    return leave_authority(family, last_day=last_day, by=AGENT, at=at)


def eat(home, *days):
    return [make_reservation(home.child, home.meal, day, family=home.family) for day in days]


def paid(home, day, *, child=None):
    place = make_reservation(
        child or home.sister,
        home.day,
        day,
        family=home.family,
        state="held",
        held_until=NOW + timedelta(hours=72),
        price_cents=1200,
    )
    return settle_at_desk(place, authority=home.authority, means="cheque", by=AGENT, at=NOW)


def payer(home):
    return PayerAccount.objects.get(family=home.family)


def ends():
    return set(Enrollment.objects.values_list("ends_on", flat=True))


class TestWhatEnds:
    def test_the_enrollments_of_its_children_and_what_they_reserved_after(self, home):
        eat(home, MONDAY, TUESDAY, THURSDAY, FRIDAY)

        left = leave(home)

        assert left.children == (home.child, home.sister)
        assert (left.enrollments_ended, left.reservations_cancelled, left.credited_cents, left.kept) == (2, 2, 0, ())
        assert ends() == {TUESDAY}
        assert states() == [
            (MONDAY, "reserved"),
            (TUESDAY, "reserved"),
            (THURSDAY, "cancelled"),
            (FRIDAY, "cancelled"),
        ]
        assert taken(home.meal, THURSDAY) == 0

    def test_from_then_on_nothing_can_be_reserved(self, home):
        home.wish(home.child, home.meal, FRIDAY)
        leave(home)

        refused = home.valider()

        assert isinstance(refused, Refused)
        assert [no.reason for _key, _wish, no in refused.lines] == [Reason.NOT_ENROLLED]

    def test_nothing_of_what_is_given_back_is_billed(self, home):
        eat(home, TUESDAY, THURSDAY)
        leave(home)

        (invoice,) = billed(home.regie)

        assert invoice.total_cents == 385

    def test_the_draft_of_a_run_in_review_is_made_again(self, home):
        eat(home, TUESDAY, THURSDAY)
        run = drafted(home.regie)

        leave(home)

        assert Invoice.objects.get(run=run).total_cents == 385

    def test_what_the_family_asked_to_cancel_is_answered_by_the_same_act(self, home):
        eat(home, THURSDAY, FRIDAY)
        home.wish(home.child, home.meal, THURSDAY, wanted=False)
        home.valider()
        assert CancellationRequest.objects.get().state == "pending"

        leave(home)

        answers = CancellationRequest.objects.values_list("state", "is_refunded", "reason").distinct()
        ((state, is_refunded, reason),) = set(answers)
        assert (state, is_refunded) == ("accepted", True)
        assert reason.replace("\N{NO-BREAK SPACE}", " ") == (
            "Départ de la famille, dernier jour : mardi 24 novembre 2026"
        )
        assert CancellationRequest.objects.count() == 2

    def test_the_places_are_told_to_those_who_wait_and_the_family_is_not_written_to_day_by_day(self, home):
        eat(home, THURSDAY, FRIDAY)

        leave(home)

        assert home.posted() == ["reservations.places_freed"]

    def test_it_waits_for_nothing_any_more(self, home):
        other = Household(home.authority, "Martin")
        rival = make_child(other.family, products=(home.day,))
        make_reservation(rival, home.day, FRIDAY, family=other.family)
        make_reservation(rival, home.day, TUESDAY, family=other.family)
        for day in (TUESDAY, FRIDAY):
            key = DayKey(home.sister.pk, home.day.pk, day)
            early = NOW - timedelta(days=3)
            join_waiting_list(home.sister, key=key, family=home.family.pk, offer=home.offer, by=home.by, at=early)

        left = leave(home)

        assert left.waits_left == 1
        assert list(WaitingListEntry.objects.filter(left_at__isnull=True).values_list("date", flat=True)) == [TUESDAY]

    def test_the_persons_it_let_fetch_its_children_do_so_until_then(self, home):
        def allowed(name, first, last=None):
            who = Pickup(name, "", "", frozenset({home.child.pk}), first, last)
            return allow_pickup(home.family, who, by=home.by, at=NOW)

        allowed("Grand-mère", MONDAY)
        allowed("Voisine", MONDAY, TUESDAY)
        allowed("Oncle", FRIDAY)

        left = leave(home)

        assert left.pickups_ended == 2
        rows = PickupPerson.objects.order_by("pk").values_list("name", "ends_on", "ended_at")
        assert list(rows) == [
            ("Grand-mère", TUESDAY, None),
            ("Voisine", TUESDAY, None),
            ("Oncle", None, NOW),
        ]

    def test_an_enrollment_that_had_not_begun_is_forgotten(self, home):
        with permitted("test"):
            Enrollment.objects.filter(child=home.child).update(starts_on=date(2027, 1, 4))

        assert leave(home).enrollments_ended == 2
        assert not Enrollment.objects.filter(child=home.child).exists()

    def test_asked_again_it_ends_nothing_more(self, home):
        eat(home, THURSDAY)
        paid(home, FRIDAY)
        leave(home)
        before = journal()

        again = leave(home)

        assert (again.enrollments_ended, again.reservations_cancelled, again.credited_cents) == (0, 0, 0)
        assert journal() == before
        assert wallet(payer(home)) == 1200

    def test_the_journal_says_it_with_keys_and_amounts_alone(self, home):
        paid(home, FRIDAY)

        leave(home)

        verb, details = journal()[-1]
        assert verb == "leave_authority"
        assert details == {
            "last_day": "2026-11-24",
            "children": sorted([home.child.pk, home.sister.pk]),
            "cents": 1200,
        }


class TestTheMoney:
    def test_what_was_paid_on_booking_comes_back_by_a_credit_note_of_its_invoice(self, home):
        kept, *others = (paid(home, day) for day in (TUESDAY, THURSDAY, FRIDAY))

        left = leave(home)

        assert left.credited_cents == 2400
        assert [(one.corrects_id, one.total_cents) for one in left.credit_notes] == [(one.pk, -1200) for one in others]
        assert kept.corrections.count() == 0
        assert (owed(payer(home)), wallet(payer(home))) == (0, 2400)
        assert_ledger_holds()
        assert billed(home.regie) == []

    def test_what_was_invoiced_at_the_month_s_end_is_left_alone(self, home):
        eat(home, TUESDAY, FRIDAY)
        (invoice,) = billed(home.regie)

        left = leave(home, at=DECEMBER)

        assert (left.reservations_cancelled, left.credited_cents) == (0, 0)
        assert left.kept == (Kept(WhyKept.SERVICE_OVER, home.child.pk, (FRIDAY,)),)
        assert list(Invoice.objects.issued()) == [invoice]

    def test_what_was_paid_on_booking_comes_back_even_if_the_service_is_paid_at_the_month_s_end_since(self, home):
        paid(home, FRIDAY)
        with permitted("test"):
            Service.objects.filter(name="Centre").update(payment_mode="in_arrears")
            Authority.objects.filter(pk=home.authority.pk).update(catalog_version=99)

        assert leave(home).credited_cents == 1200

    def test_a_service_without_a_regie_is_drafted_again_where_a_run_bills_it(self, home):
        eat(home, TUESDAY, THURSDAY)
        with permitted("test"):
            Service.objects.update(regie=None)
            Authority.objects.filter(pk=home.authority.pk).update(catalog_version=99)
        run = drafted(home.regie)

        leave(home)

        assert Invoice.objects.get(run=run).total_cents == 385

    def test_a_place_that_is_only_held_is_given_back_and_costs_nothing(self, home):
        make_reservation(
            home.sister, home.day, FRIDAY, family=home.family, state="held", held_until=DECEMBER, price_cents=1200
        )

        left = leave(home)

        assert (left.reservations_cancelled, left.credited_cents, left.kept) == (1, 0, ())
        assert not Invoice.objects.exists()

    def test_paid_to_a_regie_that_invoices_elsewhere_it_is_to_be_given_back_there(self, home):
        with permitted("test"):
            Regie.objects.update(has_billing=False)
        make_reservation(home.sister, home.day, FRIDAY, family=home.family, price_cents=1200)

        left = leave(home)

        assert (left.credited_cents, left.kept) == (0, (Kept(WhyKept.PAID_ELSEWHERE, home.sister.pk, (FRIDAY,)),))

    def test_a_payment_that_arrives_after_goes_to_the_wallet(self, in_scope):
        authority = make_authority()
        in_scope(authority)
        home = PayingHousehold(authority)
        (attempt,) = home.attempts(FRIDAY)
        home.begin(attempt)
        leave(home, at=NOW + timedelta(hours=1, minutes=2))

        home.paper.says(attempt, Result.PAID)
        home.ask(attempt, at=NOW + timedelta(hours=2))

        assert states() == [(FRIDAY, "cancelled")]
        assert home.money() == {"cash": 1200, "owed": 0, "wallet": 1200}

    @pytest.mark.parametrize("state", ["drafting", "issuing"])
    def test_not_while_the_worker_is_at_it(self, home, state):
        eat(home, THURSDAY)
        run = started(home.regie)
        with permitted("factory"):
            BillingRun.objects.filter(pk=run.pk).update(state=state)

        with pytest.raises(UnableToLeaveError) as refused:
            leave(home)

        assert refused.value.why is WhyNotLeft.RUN_UNDER_WAY
        assert states() == [(THURSDAY, "reserved")]
        assert ends() == {YEAR[1]}


class TestWhatStays:
    def share(self, home):
        """Lucia lives with her father too."""
        father = make_family(home.authority, "Martin")
        with permitted("factory"):
            Custody.objects.create(authority=home.authority, child=home.child, family=father, starts_on=BEGINNING)
        return father

    def test_a_child_of_two_homes_keeps_its_enrollments_and_what_the_other_home_reserved(self, home):
        father = self.share(home)
        make_reservation(home.child, home.meal, THURSDAY, family=father)
        eat(home, FRIDAY)

        left = leave(home)

        assert left.children == (home.sister,)
        assert left.kept == (Kept(WhyKept.OTHER_HOME, home.child.pk),)
        assert Enrollment.objects.get(child=home.child).ends_on == YEAR[1]
        assert states() == [(THURSDAY, "reserved"), (FRIDAY, "cancelled")]
        # From then on it lives there alone: what is due by the month is no longer for who left.
        homes = Custody.objects.filter(child=home.child).values_list("family", "ends_on")
        assert set(homes) == {(home.family.pk, TUESDAY), (father.pk, None)}
        assert leave(home).kept == left.kept

    def test_who_fetches_a_child_that_stays_still_may(self, home):
        self.share(home)
        who = Pickup("Grand-mère", "", "", frozenset({home.child.pk, home.sister.pk}), MONDAY)
        allow_pickup(home.family, who, by=home.by, at=NOW)

        assert leave(home).pickups_ended == 0

    def test_a_home_that_ends_before_the_departure_keeps_nothing(self, home):
        father = self.share(home)
        with permitted("factory"):
            Custody.objects.filter(family=father).update(ends_on=MONDAY)

        assert leave(home).children == (home.child, home.sister)

    def test_a_child_who_lives_with_the_other_home_alone_is_not_of_this_departure(self, home):
        self.share(home)
        with permitted("factory"):
            Custody.objects.filter(child=home.child, family=home.family).update(ends_on=MONDAY)

        left = leave(home)

        assert (left.children, left.kept) == ((home.sister,), ())

    def test_days_that_are_over_or_were_lived_stay(self, home):
        eat(home, MONDAY, TUESDAY, THURSDAY)
        with permitted("factory"):
            Attendance.objects.create(
                authority=home.authority,
                child=home.child,
                product=home.meal,
                date=TUESDAY,
                state="present",
                recorded_at=NOW,
            )

        left = leave(home, date(2026, 11, 20), at=datetime(2026, 11, 24, 9, tzinfo=UTC))

        assert set(left.kept) == {
            Kept(WhyKept.SERVICE_OVER, home.child.pk, (MONDAY,)),
            Kept(WhyKept.WAS_PRESENT, home.child.pk, (TUESDAY,)),
        }
        assert states() == [(MONDAY, "reserved"), (TUESDAY, "reserved"), (THURSDAY, "cancelled")]

    def test_another_family_is_not_touched(self, home):
        other = Household(home.authority, "Martin")
        child = make_child(other.family, products=(home.meal,))
        make_reservation(child, home.meal, FRIDAY, family=other.family)

        leave(home)

        assert states(family=other.family) == [(FRIDAY, "reserved")]
        assert Enrollment.objects.get(child=child).ends_on == YEAR[1]


def test_a_family_that_has_nothing_leaves_too(in_scope):
    authority = make_authority()
    in_scope(authority)
    home = Household(authority)

    assert leave(home) == Left((), 0, 0, 0, ())
    assert journal() == []


def test_a_month_of_days_asks_as_little_as_two(home):
    eat(home, THURSDAY)
    with CaptureQueriesContext(connection) as few:
        leave(home)
    other = Household(home.authority, "Martin")
    children = [make_child(other.family, name, products=(home.meal,)) for name in ("Noé", "Iris", "Zoé")]
    for child in children:
        for day in (date(2026, 12, number) for number in (1, 3, 4, 7, 8, 10, 11, 14, 15, 17, 18)):
            make_reservation(child, home.meal, day, family=other.family)

    with CaptureQueriesContext(connection) as many:
        left = leave(home, family=other.family)

    assert left.reservations_cancelled == 33
    assert len(many) <= len(few)


class TestDaysCancelledAtOnce:
    def test_a_reason_is_needed(self, home):
        (place,) = eat(home, FRIDAY)

        with pytest.raises(UnableToRecordError):
            cancel_days_for_family([place.pk], reason=" ", is_refunded=True, by=AGENT, at=NOW)

    def test_those_that_hold_nothing_any_more_are_passed_over(self, home):
        first, second = eat(home, THURSDAY, FRIDAY)
        with permitted("test"):
            Reservation.objects.filter(pk=first.pk).update(state="cancelled")

        done = cancel_days_for_family([first.pk, second.pk], reason="Grève", is_refunded=False, by=AGENT, at=NOW)

        assert done == (second,)
        assert CancellationRequest.objects.get().is_refunded is False
        assert cancel_days_for_family([second.pk], reason="Grève", is_refunded=False, by=AGENT, at=NOW) == ()
