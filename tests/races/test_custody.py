"""Two homes of a child at the same instant: one reservation a day, one answer, one calendar."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from marelle.domain.reservations.models import CustodyDay, CustodyTurn, Reservation, SharedCustody
from marelle.domain.reservations.operations.baskets import Confirmed
from marelle.domain.reservations.operations.custody import (
    AlreadyAnsweredError,
    UnableToSettleCustodyError,
    answer_proposal,
    propose_days,
    withdraw_proposal,
)
from marelle.domain.reservations.queries.custody import responsible_homes
from marelle.domain.reservations.rules.custody import Booking
from marelle.foundation import tenancy
from tests.domain.household import NOW, THURSDAY, taken
from tests.domain.two_homes import BY_WEEKS, TwoHomes
from tests.factories.town import make_authority, make_product

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def homes():
    town = make_authority()
    meal = make_product(town, capacity=10)
    both = TwoHomes(town, products=(meal,))
    both.meal = meal
    return both


def inside(homes, function):
    def run():
        with tenancy.scope({homes.authority.pk}):
            return function()

    return run


def confirming(homes, home):
    content, children = home.content, home.children
    return inside(homes, lambda: home.valider(content, children=children))


def asked(homes, *days):
    return propose_days(
        homes.child.pk,
        from_home=homes.mother.family.pk,
        gives=days,
        takes=[],
        words="",
        offer=homes.mother.offer,
        by=homes.mother.by,
        at=NOW,
    )


def answering(homes, proposal, *, agrees=True):
    offer, by = homes.father.offer, homes.father.by
    return inside(homes, lambda: answer_proposal(proposal, agrees=agrees, words="", offer=offer, by=by, at=NOW))


@pytest.mark.parametrize("round_", range(3))
def test_where_either_may_reserve_both_want_the_day_and_one_has_it(homes, at_once, round_):
    with tenancy.scope({homes.authority.pk}):
        homes.settle(replace(BY_WEEKS, booking=Booking.EITHER))
        for home in (homes.mother, homes.father):
            home.wish(homes.child, homes.meal, THURSDAY)
        acts = [confirming(homes, homes.mother), confirming(homes, homes.father)]

    outcomes = at_once(acts if round_ % 2 else acts[::-1])

    assert [isinstance(each, Confirmed) for each in outcomes].count(True) == 1
    with tenancy.scope({homes.authority.pk}):
        assert Reservation.objects.active().count() == taken(homes.meal, THURSDAY) == 1


@pytest.mark.parametrize("round_", range(3))
def test_a_day_is_exchanged_while_who_gives_it_reserves_it(homes, at_once, round_):
    """Reserved first, it goes with the day; exchanged first, it is refused: never of who no longer answers for it."""
    with tenancy.scope({homes.authority.pk}):
        homes.settle()
        homes.mother.wish(homes.child, homes.meal, THURSDAY)
        proposal = asked(homes, THURSDAY)
        acts = [answering(homes, proposal), confirming(homes, homes.mother)]

    outcomes = at_once(acts if round_ % 2 else acts[::-1])

    assert not any(isinstance(each, Exception) for each in outcomes)
    with tenancy.scope({homes.authority.pk}):
        rows = Reservation.objects.active()
        assert {row.family_id for row in rows} <= {homes.father.family.pk}
        assert rows.count() == taken(homes.meal, THURSDAY) == sum(isinstance(each, Confirmed) for each in outcomes)


@pytest.mark.parametrize("round_", range(3))
def test_of_two_answers_and_a_withdrawal_one_holds(homes, at_once, round_):
    with tenancy.scope({homes.authority.pk}):
        homes.settle()
        proposal = asked(homes, THURSDAY)
        acts = [
            answering(homes, proposal),
            answering(homes, proposal, agrees=False),
            inside(homes, lambda: withdraw_proposal(proposal, by=homes.mother.by, at=NOW)),
        ]

    outcomes = at_once([*acts[round_:], *acts[:round_]])

    assert sum(isinstance(each, AlreadyAnsweredError) for each in outcomes) == 2
    with tenancy.scope({homes.authority.pk}):
        proposal.refresh_from_db()
        assert CustodyDay.objects.count() == (proposal.state == "agreed")


def test_many_agents_settle_at_once_and_one_calendar_is_left(homes, at_once):
    terms = [replace(BY_WEEKS, first_even=even, long_weekends=long) for even in (True, False) for long in (True, False)]
    outcomes = at_once([inside(homes, lambda one=one: homes.settle(one)) for one in terms])

    assert all(isinstance(each, SharedCustody) for each in outcomes)
    with tenancy.scope({homes.authority.pk}):
        (standing,) = SharedCustody.objects.filter(withdrawn_at__isnull=True)
        turns = list(CustodyTurn.objects.order_by("starts_on").values_list("family", flat=True))
        found = responsible_homes([homes.child.pk], first=THURSDAY, last=THURSDAY, authority=homes.authority.pk)
        first = homes.mother.family.pk if standing.settled.first_even else homes.father.family.pk
        assert found.home(homes.child.pk, THURSDAY) == first
        assert all(one != other for one, other in itertools.pairwise(turns))


def test_two_homes_ask_for_the_same_day_and_one_is_told(homes, at_once):
    with tenancy.scope({homes.authority.pk}):
        homes.settle()
    acts = [
        inside(homes, lambda: asked(homes, THURSDAY)),
        inside(
            homes,
            lambda: propose_days(
                homes.child.pk,
                from_home=homes.father.family.pk,
                gives=[],
                takes=[THURSDAY],
                words="",
                offer=homes.father.offer,
                by=homes.father.by,
                at=NOW,
            ),
        ),
    ]

    outcomes = at_once(acts)

    assert sum(isinstance(each, UnableToSettleCustodyError) for each in outcomes) == 1
