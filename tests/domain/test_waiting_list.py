"""Waiting for a place of a full session: ranks by order of asking, each told once, off the list when served."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marelle.domain.catalog.models import Slot
from marelle.domain.reservations.models import WaitingListEntry
from marelle.domain.reservations.operations.freed_places import offer_freed_places
from marelle.domain.reservations.operations.waiting_list import (
    UnableToWaitError,
    join_waiting_list,
    leave_waiting_list,
)
from marelle.domain.reservations.queries.planning import ChildFacts, DayKey, read_planning
from marelle.domain.reservations.rules.decisions import Reason
from marelle.domain.reservations.rules.squares import SquareState
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from tests.domain.household import AFTER_NINE, NOW, THURSDAY, TUESDAY, Household, journal
from tests.factories.town import DAY_BEFORE_AT_NINE, make_authority, make_child, make_product, make_reservation

pytestmark = pytest.mark.django_db


@pytest.fixture
def full(in_scope):
    """Three families, each with a child enrolled, before a session of one place that a fourth has taken."""
    authority = make_authority()
    in_scope(authority)
    meal = make_product(authority, capacity=1, rules={**DAY_BEFORE_AT_NINE, "waiting_list": {"gives": "word"}})
    homes = [Household(authority, name) for name in ("Abbas", "Bruel", "Carlu", "Denis")]
    for home in homes:
        home.meal = meal
        home.child = make_child(home.family, f"Enfant {home.family.name}", products=(meal,))
    *waiting, served = homes
    for day in (TUESDAY, THURSDAY):
        make_reservation(served.child, meal, day, family=served.family)
    return waiting


def join(home, day=THURSDAY, *, at=NOW):
    key = DayKey(home.child.pk, home.meal.pk, day)
    return join_waiting_list(home.child, key=key, family=home.family.pk, offer=home.offer, by=home.by, at=at)


def leave(home, day=THURSDAY, *, family=None):
    key = DayKey(home.child.pk, home.meal.pk, day)
    return leave_waiting_list(home.child, key=key, family=family or home.family.pk, by=home.by, at=NOW)


def rank(home, day=THURSDAY):
    planning = read_planning(
        [ChildFacts(home.child.pk, home.child.birth_date)],
        [home.offer.product_by_pk[home.meal.pk]],
        day,
        day,
        offer=home.offer,
        family=home.family.pk,
        user=home.user,
    )
    return planning.ranks.get(DayKey(home.child.pk, home.meal.pk, day))


def free_places(home, count=1, day=THURSDAY):
    """Open `count` places, as accepted cancellations would, and return the slot's key."""
    slot = Slot.objects.get(activity=home.meal.activity_id, date=day)
    with permitted("test"):
        Slot.objects.filter(pk=slot.pk).update(capacity=slot.taken + count)
    return slot.pk


def tell(home, slot, *, at=NOW):
    return offer_freed_places([slot], offer=home.offer, by=SYSTEM, at=at)


def told(homes):
    entries = WaitingListEntry.objects.filter(told_at__isnull=False).order_by("asked_at", "pk")
    names = {home.child.pk: home.family.name for home in homes}
    return [names[entry.child_id] for entry in entries]


class TestRanks:
    def test_the_order_of_asking(self, full):
        first, second, third = full
        join(second, at=NOW + timedelta(minutes=1))
        join(third, at=NOW + timedelta(minutes=2))
        join(first)

        assert [rank(home) for home in full] == [1, 2, 3]

    def test_the_same_moment_is_settled_by_the_order_of_recording(self, full):
        for home in reversed(full):
            join(home)

        assert [rank(home) for home in full] == [3, 2, 1]

    def test_each_day_has_its_own_list(self, full):
        first, second, _third = full
        join(first, TUESDAY)
        join(second, THURSDAY)

        assert (rank(first, TUESDAY), rank(second, THURSDAY)) == (1, 1)
        assert rank(first, THURSDAY) is None

    def test_who_leaves_moves_the_others_up(self, full):
        for home in full:
            join(home)

        assert leave(full[0])
        assert [rank(home) for home in full] == [None, 1, 2]

    def test_who_comes_back_is_last(self, full):
        for home in full:
            join(home)
        leave(full[0])
        join(full[0], at=NOW + timedelta(minutes=1))

        assert [rank(home) for home in full] == [3, 1, 2]

    def test_the_square_says_waiting_with_its_rank(self, full):
        join(full[0])
        home = full[0]
        planning = read_planning(
            [ChildFacts(home.child.pk, home.child.birth_date)],
            [home.offer.product_by_pk[home.meal.pk]],
            THURSDAY,
            THURSDAY,
            offer=home.offer,
            family=home.family.pk,
            user=home.user,
        )
        key = DayKey(home.child.pk, home.meal.pk, THURSDAY)

        assert planning.square(key, at=NOW).state is SquareState.WAITING_LIST
        assert planning.waiting[planning.full_slot(key).pk] == 1


class TestJoining:
    def test_twice_is_once(self, full):
        assert join(full[0]) == join(full[0])
        assert WaitingListEntry.objects.count() == 1
        assert [verb for verb, _details in journal()] == ["join_waiting_list"]

    def test_there_is_nothing_to_wait_for_while_a_place_is_left(self, full):
        free_places(full[0])

        with pytest.raises(UnableToWaitError) as refused:
            join(full[0])

        assert refused.value.refusal is None

    def test_too_late_to_reserve_is_too_late_to_wait(self, full):
        with pytest.raises(UnableToWaitError) as refused:
            join(full[0], TUESDAY, at=AFTER_NINE)

        assert refused.value.refusal.reason is Reason.TOO_LATE

    def test_a_child_who_is_not_enrolled_does_not_wait(self, full):
        home = full[0]
        home.child = make_child(home.family, "Nour")

        with pytest.raises(UnableToWaitError) as refused:
            join(home)

        assert refused.value.refusal.reason is Reason.NOT_ENROLLED


class TestLeaving:
    def test_who_does_not_wait_leaves_nothing(self, full):
        assert not leave(full[0])
        assert journal() == []

    def test_another_family_cannot_leave_for_one(self, full):
        join(full[0])

        assert not leave(full[0], family=full[1].family.pk)
        assert rank(full[0]) == 1


class TestBeingTold:
    def test_as_many_as_there_are_places_the_first_first(self, full):
        for minutes, home in enumerate(full):
            join(home, at=NOW + timedelta(minutes=minutes))

        assert tell(full[0], free_places(full[0], 2)) == 2
        assert told(full) == ["Abbas", "Bruel"]
        assert full[0].posted()[-2:] == ["letters.place_freed"] * 2

    def test_nobody_is_told_twice(self, full):
        join(full[0])
        slot = free_places(full[0])

        assert [tell(full[0], slot), tell(full[0], slot)] == [1, 0]

    def test_nobody_is_told_while_it_is_full(self, full):
        join(full[0])

        assert tell(full[0], free_places(full[0], 0)) == 0

    def test_who_can_no_longer_reserve_is_passed_over(self, full):
        join(full[0], TUESDAY)

        assert tell(full[0], free_places(full[0], 1, TUESDAY), at=AFTER_NINE) == 0

    def test_the_place_is_not_held_for_who_is_told(self, full):
        first, second, _third = full
        join(first)
        tell(first, free_places(first))
        second.wish(second.child, second.meal, THURSDAY)
        second.valider()

        assert rank(first) == 1

    def test_who_gets_a_place_is_off_the_list(self, full):
        for home in full:
            join(home)
        free_places(full[1])
        full[1].wish(full[1].child, full[1].meal, THURSDAY)
        full[1].valider()

        assert [rank(home) for home in full] == [1, None, 2]
