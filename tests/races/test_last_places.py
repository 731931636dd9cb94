"""Never a place sold twice: the last places of a session, asked for by everybody at once."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime

import pytest
from django.db import connection

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.models import Slot
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.queries import children_of
from marelle.domain.reservations.models import Place, Reservation
from marelle.domain.reservations.operations import places
from marelle.domain.reservations.operations.baskets import Confirmed, Refused, confirm_basket, set_wishes
from marelle.domain.reservations.queries.baskets import basket_of
from marelle.domain.reservations.queries.planning import DayKey
from marelle.domain.reservations.rules.decisions import Reason
from marelle.foundation import tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.writes import permitted
from tests.factories.town import make_authority, make_child, make_family, make_product, make_reservation

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

DAY = date(2026, 11, 26)
AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def fill(family, user, children, product, offer, *, days=(DAY,)):
    wishes = {DayKey(child.pk, product.pk, day): True for child in children for day in days}
    return set_wishes(
        wishes,
        user=user,
        family=family.pk,
        children=children,
        offer=offer,
        by=Actor(ActorKind.FAMILY, user),
        at=AT,
    )


def valider(authority, family, user):
    def act():
        fresh = Authority.objects.get(pk=authority.pk)
        with tenancy.scope({authority.pk}):
            content = basket_of(user, family.pk)
            return confirm_basket(
                user=user,
                family=family.pk,
                children=tuple(children_of(family.pk, on=DAY)),
                offer=offer_of(fresh),
                key=content.key,
                revision=content.revision,
                by=Actor(ActorKind.FAMILY, user),
                at=AT,
            )

    return act


def families_with_baskets(authority, product, count, *, children_each=1):
    ready = []
    for _ in range(count):
        family = make_family(authority)
        children = tuple(make_child(family, f"Enfant {n}", products=(product,)) for n in range(children_each))
        with tenancy.scope({authority.pk}):
            user = family.memberships.get().user_id
            fill(family, user, children, product, offer_of(authority))
        ready.append((family, user))
    return ready


def assert_counted_exactly(authority, taken):
    with tenancy.scope({authority.pk}):
        slot = Slot.objects.get(date=DAY)
        assert slot.taken == taken
        assert Place.objects.filter(slot=slot).count() == taken
        assert Reservation.objects.filter(date=DAY, state="reserved").count() == taken


def test_of_200_parents_exactly_10_get_the_last_10_places_and_none_sees_an_error(at_once):
    authority = make_authority()
    product = make_product(authority, capacity=10)
    ready = families_with_baskets(authority, product, 200)

    outcomes = at_once([valider(authority, family, user) for family, user in ready], connections_at_most=40)

    assert sum(isinstance(outcome, Confirmed) for outcome in outcomes) == 10
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert len(refused) == 190
    assert {line[2].reason for outcome in refused for line in outcome.lines} == {Reason.FULL}
    assert_counted_exactly(authority, 10)


def test_two_siblings_in_one_basket_on_the_last_place_both_stay_out(at_once):
    authority = make_authority()
    product = make_product(authority, capacity=2)
    with tenancy.scope({authority.pk}):
        early = make_family(authority)
        child = make_child(early, products=(product,))
    (late, user), *_ = families_with_baskets(authority, product, 1, children_each=2)
    make_reservation(child, product, DAY, family=early)

    (outcome,) = at_once([valider(authority, late, user)])

    assert isinstance(outcome, Refused)
    assert len(outcome.lines) == 2
    assert_counted_exactly(authority, 1)


def test_pairs_of_siblings_rushing_for_five_places_take_four(at_once):
    authority = make_authority()
    product = make_product(authority, capacity=5)
    ready = families_with_baskets(authority, product, 12, children_each=2)

    outcomes = at_once([valider(authority, family, user) for family, user in ready])

    assert sum(isinstance(outcome, Confirmed) for outcome in outcomes) == 2
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 10
    assert_counted_exactly(authority, 4)


def test_one_valider_pressed_twenty_times_at_once_records_once(at_once):
    authority = make_authority()
    product = make_product(authority)
    ((family, user),) = families_with_baskets(authority, product, 1)
    with tenancy.scope({authority.pk}):
        content = basket_of(user, family.pk)

    def press():
        fresh = Authority.objects.get(pk=authority.pk)
        with tenancy.scope({authority.pk}):
            return confirm_basket(
                user=user,
                family=family.pk,
                children=tuple(children_of(family.pk, on=DAY)),
                offer=offer_of(fresh),
                key=content.key,
                revision=content.revision,
                by=Actor(ActorKind.FAMILY, user),
                at=AT,
            )

    outcomes = at_once([press] * 20)

    assert all(isinstance(outcome, Confirmed) for outcome in outcomes)
    assert sum(not outcome.is_repeated for outcome in outcomes) == 1
    assert len({outcome.confirmation.number for outcome in outcomes}) == 1
    assert_counted_exactly(authority, 1)


def test_both_parents_of_a_family_valider_the_same_day_at_once_and_it_is_recorded_once(at_once):
    authority = make_authority()
    product = make_product(authority)
    family = make_family(authority)
    child = make_child(family, products=(product,))
    from marelle.domain.families.models import Membership
    from tests.factories.town import make_user

    other = make_user()
    with permitted("factory"), tenancy.scope({authority.pk}):
        first = family.memberships.get()
        Membership.objects.create(authority=authority, user=other, family=family, guardian=first.guardian, joined_at=AT)
    with tenancy.scope({authority.pk}):
        for user in (first.user_id, other.pk):
            fill(family, user, (child,), product, offer_of(authority))

    outcomes = at_once([valider(authority, family, user) for user in (first.user_id, other.pk)])

    assert sum(isinstance(outcome, Confirmed) for outcome in outcomes) == 1
    (refused,) = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert refused.lines[0][2].reason is Reason.ALREADY_RESERVED
    assert_counted_exactly(authority, 1)


def test_without_the_guard_the_same_rush_oversells_so_the_tests_above_can_fail(at_once, monkeypatch):
    """The statement is replaced by « look, wait for everybody, then write », and the table's own check is dropped."""
    authority = make_authority()
    product = make_product(authority, capacity=10)
    ready = families_with_baskets(authority, product, 20)
    everybody_has_looked = threading.Barrier(20)

    def look_then_write(new, *, authority, family, at, **_rest):
        (one,) = new
        slot = Slot.objects.get(pk=one.slots[0])
        everybody_has_looked.wait(60)
        if slot.taken >= slot.capacity:
            return places.Exchange(frozenset({slot.pk}), (), ())
        reservation = Reservation.objects.create(
            authority_id=authority,
            child_id=one.child,
            family_id=family,
            product_id=one.product,
            date=one.date,
            state="reserved",
            timing=one.timing,
            reserved_at=at,
        )
        Place.objects.create(authority_id=authority, reservation=reservation, slot=slot)
        return places.Exchange(frozenset(), (reservation.pk,), ())

    monkeypatch.setattr("marelle.domain.reservations.operations.baskets.exchange_places", look_then_write)

    outcomes = at_once([valider(authority, family, user) for family, user in ready], connections_at_most=20)

    assert sum(isinstance(outcome, Confirmed) for outcome in outcomes) == 20
    with tenancy.scope({authority.pk}):
        assert Place.objects.filter(slot__date=DAY).count() == 20, "ten places were sold twice"


def test_the_table_itself_refuses_more_places_taken_than_there_are():
    from django.db import IntegrityError, transaction

    authority = make_authority()
    make_product(authority, capacity=1)

    with (
        tenancy.scope({authority.pk}),
        permitted("test"),
        pytest.raises(IntegrityError, match="slot_never_oversold"),
        transaction.atomic(),
    ):
        Slot.objects.filter(date=DAY).update(taken=2)
    connection.close()
