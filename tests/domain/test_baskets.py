"""Filling a basket and *Valider*: wishes are states, all or nothing, and nothing twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from marelle.domain.catalog.models import Slot
from marelle.domain.families.models import Custody
from marelle.domain.reservations.models import (
    Basket,
    BasketLine,
    CancellationRequest,
    Confirmation,
    Enrollment,
    Reservation,
)
from marelle.domain.reservations.operations import baskets, places
from marelle.domain.reservations.operations.baskets import (
    Confirmed,
    Filled,
    Refused,
    UnableToConfirmBasketError,
    UnableToFillBasketError,
    empty_basket,
)
from marelle.domain.reservations.queries.planning import DayKey
from marelle.domain.reservations.rules.decisions import Reason, Refusal, Wish
from marelle.foundation.writes import permitted
from tests.domain.household import (
    AFTER_NINE,
    FRIDAY,
    NOW,
    THURSDAY,
    TUESDAY,
    Household,
    journal,
    states,
    taken,
)
from tests.factories.town import (
    make_authority,
    make_child,
    make_closure,
    make_family,
    make_product,
    make_reservation,
    make_service,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(in_scope):
    authority = make_authority()
    in_scope(authority)
    home = Household(authority)
    home.meal = make_product(authority, capacity=10)
    home.child = make_child(home.family, products=(home.meal,))
    return home


@pytest.fixture
def prepaid(home):
    service = make_service(home.authority, "Centre de loisirs", payment_mode="prepaid", hold_hours=48)
    home.day_out = make_product(home.authority, name="Journée", service=service, capacity=2, price_cents=1200)
    with permitted("test"):
        Enrollment.objects.create(
            authority=home.authority,
            child=home.child,
            activity=home.day_out.activity,
            starts_on=date(2026, 9, 1),
            ends_on=date(2027, 7, 3),
        )
    return home


class TestFilling:
    def test_a_wish_is_a_state_so_the_same_twice_does_nothing_more(self, home):
        first = home.wish(home.child, home.meal, THURSDAY, FRIDAY)
        after_first = home.content
        second = home.wish(home.child, home.meal, THURSDAY, FRIDAY)

        assert first == Filled(2, 0, ())
        assert second == Filled(0, 0, ())
        assert home.content == after_first
        assert set(home.lines.values()) == {"reserve"}

    def test_unwishing_takes_the_line_out(self, home):
        home.wish(home.child, home.meal, THURSDAY, FRIDAY)

        assert home.wish(home.child, home.meal, THURSDAY, wanted=False) == Filled(0, 1, ())
        assert home.lines == {(home.child.pk, home.meal.pk, FRIDAY): "reserve"}

    def test_unwishing_what_was_never_wished_does_nothing(self, home):
        assert home.wish(home.child, home.meal, THURSDAY, wanted=False) == Filled(0, 0, ())
        assert home.lines == {}

    def test_a_reserved_day_unwished_becomes_a_cancellation_and_wished_again_leaves(self, home):
        make_reservation(home.child, home.meal, THURSDAY, family=home.family)

        assert home.wish(home.child, home.meal, THURSDAY, wanted=False) == Filled(1, 0, ())
        assert home.lines == {(home.child.pk, home.meal.pk, THURSDAY): "cancel"}
        assert home.wish(home.child, home.meal, THURSDAY) == Filled(0, 1, ())
        assert home.lines == {}

    def test_what_is_refused_is_told_and_the_rest_is_put(self, home):
        make_closure(home.authority, "Sortie", THURSDAY)

        filled = home.wish(home.child, home.meal, TUESDAY, THURSDAY, FRIDAY, at=AFTER_NINE)

        assert filled.added == 1
        assert {key.date: (wish, no.reason) for key, wish, no in filled.refused} == {
            TUESDAY: (Wish.RESERVE, Reason.TOO_LATE),
            THURSDAY: (Wish.RESERVE, Reason.CLOSED),
        }
        assert list(home.lines) == [(home.child.pk, home.meal.pk, FRIDAY)]

    def test_the_revision_grows_only_when_something_changes(self, home):
        revisions = []
        for wanted in (True, True, False, False):
            home.wish(home.child, home.meal, THURSDAY, wanted=wanted)
            revisions.append(home.content.revision)

        assert revisions == [1, 1, 2, 2]

    @pytest.mark.parametrize("day", [date(2026, 11, 20), date(2020, 1, 6), date(9999, 12, 30)], ids=str)
    def test_a_day_out_of_all_range_is_refused_not_an_error(self, home, day):
        filled = home.wish(home.child, home.meal, day)

        assert filled.added == 0
        assert len(filled.refused) == 1

    def test_another_familys_child_is_refused_whole(self, home):
        stranger = make_child(make_family(home.authority, "Petit"), "Zoé", products=(home.meal,))
        wishes = {
            DayKey(home.child.pk, home.meal.pk, THURSDAY): True,
            DayKey(stranger.pk, home.meal.pk, THURSDAY): True,
        }

        with pytest.raises(UnableToFillBasketError):
            home.wish_keys(wishes)

        assert home.lines == {}

    def test_a_product_of_another_authority_is_refused_whole(self, home):
        foreign = make_product(make_authority("Ailleurs"))

        with pytest.raises(UnableToFillBasketError):
            home.wish(home.child, foreign, THURSDAY)

    def test_too_many_squares_at_once_are_refused_whole(self, home):
        first = date(2026, 9, 1)
        wishes = {
            DayKey(home.child.pk, home.meal.pk, first + timedelta(days=n)): True
            for n in range(baskets.MOST_SQUARES_AT_ONCE + 1)
        }

        with pytest.raises(UnableToFillBasketError):
            home.wish_keys(wishes)

        assert not Basket.objects.exists()

    def test_two_products_of_one_child_and_one_of_a_sibling_share_the_basket(self, home):
        evening = make_product(home.authority, name="Étude")
        older = make_child(home.family, "Alvaro", products=(home.meal, evening))

        home.wish(home.child, home.meal, THURSDAY)
        home.wish(older, home.meal, THURSDAY)
        home.wish(older, evening, THURSDAY)

        assert len(home.lines) == 3
        assert Basket.objects.count() == 1

    def test_the_other_parent_has_a_basket_of_her_own(self, home):
        from marelle.domain.families.models import Membership
        from tests.factories.town import make_user

        home.wish(home.child, home.meal, THURSDAY)
        guardian = home.family.memberships.get().guardian
        home.user = make_user().pk
        with permitted("test"):
            Membership.objects.create(
                authority=home.authority, user_id=home.user, family=home.family, guardian=guardian, joined_at=NOW
            )

        assert home.lines == {}

    def test_emptying_takes_everything_out(self, home):
        home.wish(home.child, home.meal, THURSDAY, FRIDAY)

        emptied = [
            empty_basket(user=home.user, family=home.family.pk, authority=home.authority.pk, by=home.by, at=NOW)
            for _ in range(2)
        ]

        assert emptied == [2, 0]
        assert home.lines == {}
        assert home.content.revision == 2

    def test_a_draft_leaves_no_line_in_the_journal_and_no_message(self, home):
        home.wish(home.child, home.meal, THURSDAY)

        assert journal() == []
        assert home.posted() == []


class TestValider:
    def test_records_takes_the_places_and_empties_the_basket(self, home):
        home.wish(home.child, home.meal, THURSDAY, FRIDAY)
        key = home.content.key

        outcome = home.valider()

        assert isinstance(outcome, Confirmed)
        assert not outcome.is_repeated
        assert outcome.confirmation.basket_key == key
        assert outcome.confirmation.number == f"R-2026-{key[:8].upper()}"
        assert states() == [(THURSDAY, "reserved"), (FRIDAY, "reserved")]
        assert (taken(home.meal, THURSDAY), taken(home.meal, FRIDAY)) == (1, 1)
        assert home.lines == {}
        assert home.content.key != key
        assert home.content.revision == 0

    def test_each_reservation_stores_how_it_was_decided(self, home):
        home.wish(home.child, home.meal, THURSDAY)
        home.valider()

        row = Reservation.objects.get()
        assert row.timing == "on_time"
        assert f"{row.deadline_at:%Y-%m-%d %H:%M}" == "2026-11-24 08:00"  # 9:00 in Paris
        assert row.reglement_id == home.offer.product_by_pk[home.meal.pk].reglements[0].pk
        assert row.price_cents == 385
        assert row.reserved_at == NOW
        assert row.family_id == home.family.pk
        assert row.confirmation.lines == [
            {
                "child": home.child.pk,
                "product": home.meal.pk,
                "date": "2026-11-26",
                "outcome": "reserved",
                "cents": 385,
            }
        ]

    def test_a_repeated_valider_answers_what_was_recorded_and_does_nothing_twice(self, home):
        home.wish(home.child, home.meal, THURSDAY)
        shown = home.content

        first, second = home.valider(shown), home.valider(shown)

        assert second == Confirmed(first.confirmation, is_repeated=True)
        assert taken(home.meal, THURSDAY) == 1
        assert Confirmation.objects.count() == 1
        assert len(journal()) == 1
        assert home.posted() == ["letters.basket_confirmed"]

    def test_a_repeated_valider_leaves_the_next_basket_alone(self, home):
        home.wish(home.child, home.meal, THURSDAY)
        shown = home.content
        home.valider(shown)
        home.wish(home.child, home.meal, FRIDAY)

        assert home.valider(shown).is_repeated
        assert list(home.lines) == [(home.child.pk, home.meal.pk, FRIDAY)]

    def test_a_stale_page_is_refused(self, home):
        home.wish(home.child, home.meal, THURSDAY)
        stale = home.content
        home.wish(home.child, home.meal, FRIDAY)

        with pytest.raises(UnableToConfirmBasketError):
            home.valider(stale)

        assert len(home.lines) == 2
        assert states() == []

    @pytest.mark.parametrize("key", ["", "aaaaaaaaaaaa"], ids=["none", "invented"])
    def test_a_key_that_is_not_the_baskets_is_refused(self, home, key):
        home.wish(home.child, home.meal, THURSDAY)

        with pytest.raises(UnableToConfirmBasketError):
            home.valider(home.content._replace(key=key))

    def test_a_key_that_another_family_confirmed_is_refused(self, home):
        other = Household(home.authority, "Petit")
        child = make_child(other.family, "Zoé", products=(home.meal,))
        other.wish(child, home.meal, THURSDAY)
        theirs = other.content
        other.valider()
        home.wish(home.child, home.meal, THURSDAY)

        with pytest.raises(UnableToConfirmBasketError):
            home.valider(theirs)

    def test_an_empty_basket_is_refused(self, home):
        home.wish(home.child, home.meal, THURSDAY)
        home.wish(home.child, home.meal, THURSDAY, wanted=False)

        with pytest.raises(UnableToConfirmBasketError):
            home.valider()


class TestMeanwhile:
    """Between filling and *Valider* the world goes on: what is lost is told and taken out, nothing is recorded."""

    def refused(self, home, outcome):
        assert isinstance(outcome, Refused)
        assert states(family=home.family) == []
        assert journal() == []
        assert home.posted() == []
        return {(key.date, no.reason) for key, _wish, no in outcome.lines}

    def test_a_deadline_passes(self, home):
        home.wish(home.child, home.meal, TUESDAY, THURSDAY)

        outcome = home.valider(at=AFTER_NINE)

        assert self.refused(home, outcome) == {(TUESDAY, Reason.TOO_LATE)}
        assert list(home.lines) == [(home.child.pk, home.meal.pk, THURSDAY)]

    def test_what_is_left_can_be_confirmed_at_once(self, home):
        home.wish(home.child, home.meal, TUESDAY, THURSDAY)
        home.valider(at=AFTER_NINE)

        assert isinstance(home.valider(at=AFTER_NINE), Confirmed)
        assert states() == [(THURSDAY, "reserved")]

    def test_the_day_is_closed(self, home):
        home.wish(home.child, home.meal, THURSDAY, FRIDAY)
        make_closure(home.authority, "Grève", THURSDAY)

        assert self.refused(home, home.valider()) == {(THURSDAY, Reason.CLOSED)}

    def test_the_last_place_goes(self, home):
        home.wish(home.child, home.meal, THURSDAY, FRIDAY)
        with permitted("test"):
            Slot.objects.filter(date=THURSDAY).update(capacity=0)

        assert self.refused(home, home.valider()) == {(THURSDAY, Reason.FULL)}
        assert taken(home.meal, FRIDAY) == 0

    def test_the_last_place_goes_after_the_rules_were_asked(self, home, monkeypatch):
        home.wish(home.child, home.meal, THURSDAY, FRIDAY)

        def somebody_was_quicker(*args, **kwargs):
            Slot.objects.filter(date=THURSDAY).update(capacity=0)
            return places.exchange_places(*args, **kwargs)

        monkeypatch.setattr(baskets, "exchange_places", somebody_was_quicker)

        assert self.refused(home, home.valider()) == {(THURSDAY, Reason.FULL)}
        assert not Confirmation.objects.exists()
        assert list(home.lines) == [(home.child.pk, home.meal.pk, FRIDAY)]

    def test_the_slot_is_no_longer_there(self, home):
        home.wish(home.child, home.meal, THURSDAY)
        with permitted("test"):
            Slot.objects.filter(date=THURSDAY).delete()

        assert self.refused(home, home.valider()) == {(THURSDAY, Reason.WRONG_AGE)}

    def test_the_enrollment_ends(self, home):
        home.wish(home.child, home.meal, THURSDAY)
        with permitted("test"):
            Enrollment.objects.update(ends_on=date(2026, 11, 25))

        assert self.refused(home, home.valider()) == {(THURSDAY, Reason.NOT_ENROLLED)}

    def test_the_child_leaves_the_family(self, home):
        home.wish(home.child, home.meal, THURSDAY)
        with permitted("test"):
            Custody.objects.filter(child=home.child).update(ends_on=date(2026, 11, 1))

        assert self.refused(home, home.valider()) == {(THURSDAY, Reason.NOT_ENROLLED)}

    def test_the_other_home_reserves_first(self, home):
        other = make_family(home.authority, "Petit")
        home.wish(home.child, home.meal, THURSDAY)
        make_reservation(home.child, home.meal, THURSDAY, family=other)

        assert self.refused(home, home.valider()) == {(THURSDAY, Reason.OTHER_HOME)}
        assert taken(home.meal, THURSDAY) == 1

    def test_a_day_to_cancel_becomes_too_late(self, home):
        make_reservation(home.child, home.meal, TUESDAY, family=home.family)
        home.wish(home.child, home.meal, TUESDAY, wanted=False)

        outcome = home.valider(at=AFTER_NINE)

        assert isinstance(outcome, Refused)
        assert [(wish, no.reason) for _key, wish, no in outcome.lines] == [(Wish.CANCEL, Reason.TOO_LATE)]
        assert states() == [(TUESDAY, "reserved")]
        assert not CancellationRequest.objects.exists()

    def test_two_siblings_on_the_last_place_both_stay_out(self, home):
        older = make_child(home.family, "Alvaro", products=(home.meal,))
        with permitted("test"):
            Slot.objects.filter(date=THURSDAY).update(capacity=1)
        home.wish(home.child, home.meal, THURSDAY)
        home.wish(older, home.meal, THURSDAY)

        outcome = home.valider()

        assert {key.child for key, _wish, _no in outcome.lines} == {home.child.pk, older.pk}
        assert self.refused(home, outcome) == {(THURSDAY, Reason.FULL)}


class TestPrepaid:
    def test_places_are_held_for_the_time_of_the_service(self, prepaid):
        prepaid.wish(prepaid.child, prepaid.day_out, THURSDAY)
        prepaid.valider()

        row = Reservation.objects.get()
        assert row.state == "held"
        assert row.held_until == NOW + timedelta(hours=48)
        assert taken(prepaid.day_out, THURSDAY) == 1
        assert row.confirmation.lines[0]["outcome"] == "held"

    def test_a_held_place_is_given_back_at_once_and_those_who_wait_are_told(self, prepaid):
        prepaid.wish(prepaid.child, prepaid.day_out, THURSDAY)
        prepaid.valider()
        prepaid.wish(prepaid.child, prepaid.day_out, THURSDAY, wanted=False)

        outcome = prepaid.valider()

        assert outcome.confirmation.lines[0]["outcome"] == "given_back"
        assert states() == [(THURSDAY, "cancelled")]
        assert Reservation.objects.get().held_until is None
        assert taken(prepaid.day_out, THURSDAY) == 0
        assert not CancellationRequest.objects.exists()
        assert prepaid.posted()[-2:] == ["letters.basket_confirmed", "reservations.places_freed"]

    def test_a_place_given_back_serves_the_same_basket(self, prepaid):
        sibling = make_child(prepaid.family, "Alvaro", products=(prepaid.day_out,))
        with permitted("test"):
            Slot.objects.filter(activity=prepaid.day_out.activity, date=THURSDAY).update(capacity=2)
        prepaid.wish(prepaid.child, prepaid.day_out, THURSDAY)
        prepaid.valider()
        prepaid.wish(prepaid.child, prepaid.day_out, THURSDAY, wanted=False)
        prepaid.wish(sibling, prepaid.day_out, THURSDAY)

        assert isinstance(prepaid.valider(), Confirmed)
        assert taken(prepaid.day_out, THURSDAY) == 1

    def test_both_kinds_in_one_basket(self, prepaid):
        prepaid.wish(prepaid.child, prepaid.meal, THURSDAY)
        prepaid.wish(prepaid.child, prepaid.day_out, FRIDAY)
        prepaid.valider()

        assert states() == [(THURSDAY, "reserved"), (FRIDAY, "held")]


class TestCancellation:
    def test_a_recorded_day_becomes_a_request_and_keeps_its_place(self, home):
        row = make_reservation(home.child, home.meal, THURSDAY, family=home.family)
        home.wish(home.child, home.meal, THURSDAY, wanted=False)

        outcome = home.valider(words="Lucia est malade.")

        asked = CancellationRequest.objects.get()
        assert asked.reservation == row
        assert asked.confirmation == outcome.confirmation
        assert (asked.state, asked.asked_at, asked.words) == ("pending", NOW, "Lucia est malade.")
        assert f"{asked.deadline_at:%Y-%m-%d %H:%M}" == "2026-11-24 08:00"
        assert states() == [(THURSDAY, "reserved")]
        assert taken(home.meal, THURSDAY) == 1
        assert outcome.confirmation.lines[0]["outcome"] == "asked"

    def test_reservations_and_cancellations_go_together(self, home):
        make_reservation(home.child, home.meal, THURSDAY, family=home.family)
        home.wish(home.child, home.meal, THURSDAY, wanted=False)
        home.wish(home.child, home.meal, FRIDAY)
        home.valider()

        assert states() == [(THURSDAY, "reserved"), (FRIDAY, "reserved")]
        assert CancellationRequest.objects.count() == 1
        assert journal() == [("confirm_basket", {"family": home.family.pk, "reserved": 1, "cancelled": 1})]

    def test_a_day_cannot_be_asked_for_twice(self, home):
        make_reservation(home.child, home.meal, THURSDAY, family=home.family)
        home.wish(home.child, home.meal, THURSDAY, wanted=False)
        home.valider()

        filled = home.wish(home.child, home.meal, THURSDAY, wanted=False)

        assert [no for _key, _wish, no in filled.refused] == [Refusal(Reason.ALREADY_ASKED)]


@pytest.mark.django_db(transaction=True)
class TestTheOutbox:
    """A message leaves exactly when the transaction that posted it commits."""

    def test_a_message_is_there_once_committed(self, home):
        home.wish(home.child, home.meal, THURSDAY)
        home.valider()

        assert not connection.in_atomic_block
        assert home.posted() == ["letters.basket_confirmed"]

    def test_a_transaction_undone_leaves_no_message_no_line_and_no_place(self, home):
        home.wish(home.child, home.meal, THURSDAY)

        class Cut(Exception):
            pass

        def valider_then_fail():
            with transaction.atomic():
                home.valider()
                assert home.posted() == ["letters.basket_confirmed"]
                raise Cut

        with pytest.raises(Cut):
            valider_then_fail()

        assert home.posted() == []
        assert journal() == []
        assert states() == []
        assert taken(home.meal, THURSDAY) == 0
        assert BasketLine.objects.count() == 1

    def test_a_failure_at_the_last_line_undoes_the_whole(self, home, monkeypatch):
        home.wish(home.child, home.meal, THURSDAY)
        shown = home.content

        def broken(*args, **kwargs):
            raise RuntimeError

        monkeypatch.setattr(baskets.audit, "record", broken)
        with pytest.raises(RuntimeError):
            home.valider()
        monkeypatch.undo()

        assert (states(), home.posted(), taken(home.meal, THURSDAY)) == ([], [], 0)
        assert isinstance(home.valider(shown), Confirmed)


def test_a_day_closed_since_it_was_reserved_is_for_the_town_hall_to_settle(home):
    make_reservation(home.child, home.meal, THURSDAY, family=home.family)
    make_closure(home.authority, "Grève", THURSDAY)

    filled = home.wish(home.child, home.meal, THURSDAY, wanted=False)

    assert [(no.reason, no.detail) for _key, _wish, no in filled.refused] == [(Reason.CLOSED, "Grève")]
    assert states() == [(THURSDAY, "reserved")]


def test_the_children_may_be_given_as_any_iterable(home):
    home.wish(home.child, home.meal, THURSDAY)

    assert isinstance(home.valider(children=iter(home.children)), Confirmed)
