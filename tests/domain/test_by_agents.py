"""What agents may pass over, and what nobody may: a reason is always given, a place is never sold twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from marelle.domain.reservations.models import Attendance, CancellationRequest, Reservation
from marelle.domain.reservations.operations.attendance import record_attendance
from marelle.domain.reservations.operations.by_agents import (
    UnableToRecordError,
    cancel_for_family,
    confirm_held_place,
    release_expired_holds,
    release_held_place,
    reserve_for_family,
)
from marelle.domain.reservations.queries.planning import DayKey
from marelle.domain.reservations.rules.decisions import Reason
from marelle.foundation.actors import SYSTEM, Actor, ActorKind
from marelle.foundation.models import AuditEntry
from tests.domain.household import AFTER_NINE, FRIDAY, NOW, THURSDAY, TUESDAY, Household, journal, states, taken
from tests.factories.town import (
    make_agent,
    make_authority,
    make_child,
    make_closure,
    make_product,
    make_reservation,
)

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)


@pytest.fixture
def home(in_scope):
    authority = make_authority()
    in_scope(authority)
    home = Household(authority)
    home.meal = make_product(authority, capacity=2)
    home.child = make_child(home.family, products=(home.meal,))
    home.agent = Actor(ActorKind.AGENT, make_agent(authority).user_id)
    return home


def reserve(home, day, *, child=None, reason="Appel de la famille", at=NOW):
    child = child or home.child
    return reserve_for_family(
        child,
        key=DayKey(child.pk, home.meal.pk, day),
        family=home.family.pk,
        offer=home.offer,
        reason=reason,
        by=home.agent,
        at=at,
    )


def refusal_of(refused):
    return refused.value.refusal and refused.value.refusal.reason


class TestReserving:
    def test_past_the_deadline_with_a_reason(self, home):
        pk = reserve(home, TUESDAY, at=AFTER_NINE)

        row = Reservation.objects.get(pk=pk)
        assert (row.state, row.timing, row.reason) == ("reserved", "by_agent", "Appel de la famille")
        assert row.price_cents == 385
        assert taken(home.meal, TUESDAY) == 1
        assert journal() == [("reserve_for_family", {"family": home.family.pk})]
        assert AuditEntry.objects.get().actor_key == home.agent.key

    def test_even_once_it_is_over(self, home):
        reserve(home, MONDAY, at=NOW + timedelta(days=1))

        assert states() == [(MONDAY, "reserved")]

    @pytest.mark.parametrize("reason", ["", "  "], ids=["empty", "blank"])
    def test_never_without_a_reason(self, home, reason):
        with pytest.raises(UnableToRecordError) as refused:
            reserve(home, THURSDAY, reason=reason)

        assert refusal_of(refused) is None
        assert states() == []

    def test_full_is_full_for_an_agent_too(self, home):
        for name in ("Alvaro", "Sofia"):
            reserve(home, THURSDAY, child=make_child(home.family, name, products=(home.meal,)))

        with pytest.raises(UnableToRecordError) as refused:
            reserve(home, THURSDAY)

        assert refusal_of(refused) is Reason.FULL
        assert taken(home.meal, THURSDAY) == 2

    def test_full_is_full_past_the_deadline_too(self, home):
        for name in ("Alvaro", "Sofia"):
            reserve(home, TUESDAY, child=make_child(home.family, name, products=(home.meal,)))

        with pytest.raises(UnableToRecordError) as refused:
            reserve(home, TUESDAY, at=AFTER_NINE)

        assert refusal_of(refused) is Reason.FULL

    def test_a_closed_day_stays_closed(self, home):
        make_closure(home.authority, "Grève", THURSDAY)

        with pytest.raises(UnableToRecordError) as refused:
            reserve(home, THURSDAY)

        assert refusal_of(refused) is Reason.CLOSED

    def test_a_child_who_is_not_enrolled_is_not(self, home):
        with pytest.raises(UnableToRecordError) as refused:
            reserve(home, THURSDAY, child=make_child(home.family, "Nour"))

        assert refusal_of(refused) is Reason.NOT_ENROLLED

    def test_the_same_day_twice_is_told(self, home):
        reserve(home, THURSDAY)

        with pytest.raises(UnableToRecordError) as refused:
            reserve(home, THURSDAY)

        assert refusal_of(refused) is Reason.ALREADY_RESERVED


class TestCancelling:
    def cancel(self, home, row, *, reason="Enfant malade", at=NOW):
        cancel_for_family(row, reason=reason, is_refunded=True, by=home.agent, at=at)

    def test_past_the_deadline_with_a_reason(self, home):
        row = make_reservation(home.child, home.meal, TUESDAY, family=home.family)
        self.cancel(home, row, at=AFTER_NINE)

        assert states() == [(TUESDAY, "cancelled")]
        assert Reservation.objects.get().reason == "Enfant malade"
        assert taken(home.meal, TUESDAY) == 0
        assert journal() == [("cancel_for_family", {"refunded": True})]
        assert "reservations.places_freed" in home.posted()

    def test_never_without_a_reason(self, home):
        row = make_reservation(home.child, home.meal, TUESDAY, family=home.family)

        with pytest.raises(UnableToRecordError):
            self.cancel(home, row, reason=" ")

        assert taken(home.meal, TUESDAY) == 1

    def test_twice_is_told_and_the_place_is_given_back_once(self, home):
        row = make_reservation(home.child, home.meal, TUESDAY, family=home.family)
        self.cancel(home, row)

        with pytest.raises(UnableToRecordError) as refused:
            self.cancel(home, row)

        assert refusal_of(refused) is Reason.NOT_RESERVED
        assert taken(home.meal, TUESDAY) == 0

    def test_what_the_family_asked_is_answered_by_the_same_act(self, home):
        row = make_reservation(home.child, home.meal, THURSDAY, family=home.family)
        home.wish(home.child, home.meal, THURSDAY, wanted=False)
        home.valider()
        self.cancel(home, row)

        asked = CancellationRequest.objects.get()
        assert (asked.state, asked.reason, asked.is_refunded) == ("accepted", "Enfant malade", True)
        assert asked.decided_by_id == home.agent.key


class TestHeldPlaces:
    def held(self, home, day=THURSDAY, *, until=NOW + timedelta(hours=1), child=None):
        return make_reservation(child or home.child, home.meal, day, family=home.family, state="held", held_until=until)

    def test_confirmed_is_recorded_for_good(self, home):
        confirm_held_place(self.held(home), by=home.agent, at=NOW)

        assert states() == [(THURSDAY, "reserved")]
        assert Reservation.objects.get().held_until is None
        assert home.posted() == ["letters.held_place_confirmed"]

    def test_confirmed_twice_is_told(self, home):
        row = self.held(home)
        confirm_held_place(row, by=home.agent, at=NOW)

        with pytest.raises(UnableToRecordError):
            confirm_held_place(row, by=home.agent, at=NOW)

    def test_released_gives_the_place_back(self, home):
        release_held_place(self.held(home), reason="", by=home.agent, at=NOW)

        assert states() == [(THURSDAY, "cancelled")]
        assert Reservation.objects.get().reason == "non réglée à temps"
        assert taken(home.meal, THURSDAY) == 0
        assert home.posted() == ["reservations.places_freed", "letters.held_place_released"]

    def test_a_reserved_place_is_not_released_as_a_held_one(self, home):
        row = make_reservation(home.child, home.meal, THURSDAY, family=home.family)

        with pytest.raises(UnableToRecordError):
            release_held_place(row, reason="", by=home.agent, at=NOW)

        assert taken(home.meal, THURSDAY) == 1

    def test_only_what_is_beyond_its_time_expires_and_once(self, home):
        self.held(home, THURSDAY, until=NOW)
        self.held(home, FRIDAY, until=NOW + timedelta(seconds=1))

        assert [release_expired_holds(by=SYSTEM, at=NOW) for _ in range(2)] == [1, 0]
        assert states() == [(THURSDAY, "cancelled"), (FRIDAY, "held")]
        assert (taken(home.meal, THURSDAY), taken(home.meal, FRIDAY)) == (0, 1)
        assert [verb for verb, _details in journal()] == ["release_expired_hold"]


class TestAttendance:
    def record(self, home, sheet, *, at=NOW):
        return record_attendance(sheet, day=MONDAY, authority=home.authority.pk, by=home.agent, at=at)

    def test_the_same_sheet_twice_changes_nothing_more(self, home):
        sheet = {(home.child.pk, home.meal.pk): "present"}

        assert [self.record(home, sheet), self.record(home, sheet, at=NOW + timedelta(minutes=5))] == [1, 0]
        assert Attendance.objects.get().recorded_at == NOW
        assert [verb for verb, _details in journal()] == ["record_attendance"]

    def test_a_mark_is_corrected_and_says_by_whom(self, home):
        self.record(home, {(home.child.pk, home.meal.pk): "present"})
        later = NOW + timedelta(minutes=5)

        assert self.record(home, {(home.child.pk, home.meal.pk): "absent"}, at=later) == 1
        mark = Attendance.objects.get()
        assert (mark.state, mark.recorded_at, mark.recorded_by_id) == ("absent", later, home.agent.key)

    def test_a_mark_is_erased(self, home):
        self.record(home, {(home.child.pk, home.meal.pk): "present"})

        assert self.record(home, {(home.child.pk, home.meal.pk): None}) == 1
        assert self.record(home, {(home.child.pk, home.meal.pk): None}) == 0
        assert not Attendance.objects.exists()

    def test_a_child_who_came_without_a_reservation_is_marked_too(self, home):
        stranger = make_child(home.family, "Nour")
        self.record(home, {(home.child.pk, home.meal.pk): "absent", (stranger.pk, home.meal.pk): "present"})

        assert Attendance.objects.count() == 2
        assert journal() == [("record_attendance", {"day": "2026-11-23", "changed": 2})]

    def test_an_empty_sheet_is_nothing(self, home):
        assert self.record(home, {}) == 0
        assert journal() == []
