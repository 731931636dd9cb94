"""Two files are united while another agent unites them the other way, or a parent confirms: nothing is lost."""

from __future__ import annotations

import itertools

import pytest

from marelle.domain.families.models import Custody, Family
from marelle.domain.families.rules.merging import Obstacle
from marelle.domain.procedures.operations.uniting import Choices, UnableToUniteError, follow_family, merge_families
from marelle.domain.reservations.models import Basket, Reservation
from marelle.domain.reservations.operations.baskets import UnableToConfirmBasketError
from marelle.foundation import tenancy
from tests.domain.household import AGENT, FRIDAY, NOW, THURSDAY, Household, taken
from tests.factories.town import make_authority, make_child, make_family, make_product

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


def inside(town, function):
    def run():
        with tenancy.scope({town.pk}):
            return function()

    return run


def uniting(town, ended, kept, **choices):
    return inside(town, lambda: merge_families(ended.pk, kept.pk, Choices(**choices), by=AGENT, at=NOW, machine=NOW))


@pytest.mark.parametrize("round_", range(2))
def test_each_into_the_other_at_once_one_is_left(at_once, round_):
    town = make_authority()
    one, two = make_family(town, "Roy"), make_family(town, "Roy")
    make_child(one, "Zoé")
    make_child(two, "Léo")
    acts = [uniting(town, one, two), uniting(town, two, one)] * 2

    outcomes = at_once(acts if round_ % 2 else acts[::-1])

    assert [each for each in outcomes if isinstance(each, bool)].count(True) == 1
    assert {each.why for each in outcomes if isinstance(each, Exception)} <= {(Obstacle.GONE,)}
    with tenancy.scope({town.pk}):
        (left,) = Family.objects.filter(merged_into__isnull=True)
        assert set(Custody.objects.values_list("family", flat=True)) == {left.pk}


@pytest.mark.parametrize("round_", range(2))
def test_a_basket_confirmed_meanwhile_is_kept_whole_or_refused_whole(at_once, round_):
    town = make_authority()
    meal = make_product(town, capacity=10)
    ended, kept = Household(town, "Roy"), Household(town, "Roy")
    one = make_child(ended.family, "Zoé", products=(meal,))
    other = make_child(kept.family, "Zoé", products=(meal,))
    with tenancy.scope({town.pk}):
        ended.wish(one, meal, THURSDAY, FRIDAY)
        kept.wish(other, meal, THURSDAY)
        contents = ended.content, kept.content
        children = ended.children, kept.children
    acts = [
        uniting(town, ended.family, kept.family, children={one.pk: other.pk}),
        inside(town, lambda: ended.valider(contents[0], children=children[0])),
        inside(town, lambda: kept.valider(contents[1], children=children[1])),
    ]

    outcomes = at_once(acts if round_ % 2 else acts[::-1])
    united, first, second = outcomes if round_ % 2 else outcomes[::-1]

    assert united is True
    assert not isinstance(second, Exception)
    assert not isinstance(first, Exception) or isinstance(first, UnableToConfirmBasketError)
    with tenancy.scope({town.pk}):
        follow_family(ended.family.pk, by=AGENT, at=NOW, machine=NOW)
        active = Reservation.objects.active()
        days = sorted(active.values_list("date", flat=True))
        assert set(active.values_list("child", "family")) == {(other.pk, kept.family.pk)}
        assert days in ([THURSDAY], [THURSDAY, FRIDAY])
        assert (days == [THURSDAY, FRIDAY]) == (not isinstance(first, Exception))
        assert taken(meal, THURSDAY) == 1
        assert not Basket.objects.filter(family=ended.family).exists()


@pytest.mark.parametrize("round_", range(3))
def test_an_error_is_one_that_is_said(at_once, round_):
    """Many agents, two of four files each: whoever comes second is told, and nothing is half done.

    A file that ends takes along those that ended in it, which its agent did not name: they are waited for too.
    """
    town = make_authority()
    homes = [make_family(town, "Roy") for _ in range(4)]
    acts = [uniting(town, ended, kept) for ended, kept in itertools.permutations(homes, 2)]

    outcomes = at_once(acts if round_ % 2 else acts[::-1])

    assert {type(each) for each in outcomes} <= {bool, UnableToUniteError}
    assert [each for each in outcomes if isinstance(each, bool)].count(True) == 3
    with tenancy.scope({town.pk}):
        assert not Family.objects.filter(merged_into__merged_into__isnull=False).exists()
