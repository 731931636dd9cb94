"""The planning is read in a fixed number of statements, however large the family, the time and the offer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.reservations.queries.planning import ChildFacts, DayKey, read_planning
from marelle.domain.reservations.rules.squares import SquareState
from tests.domain.household import NOW, Household
from tests.factories.town import make_authority, make_child, make_closure, make_family, make_product, make_reservation

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 2)
SIZES = {"1 child, 1 week, 1 product": (1, 1, 1), "5 children, 12 weeks, 6 products": (5, 12, 6)}


def statements(in_scope, *, children, weeks, products, other_families=0):
    authority = make_authority()
    in_scope(authority)
    home = Household(authority)
    days = (MONDAY, MONDAY + timedelta(weeks=weeks, days=-1))
    offered = tuple(make_product(authority, name=f"Produit {n}", slot_days=days) for n in range(products))
    for n in range(children):
        child = make_child(home.family, f"Enfant {n}", products=offered)
        make_reservation(child, offered[0], MONDAY, family=home.family)
        home.wish(child, offered[-1], MONDAY + timedelta(days=3), at=NOW - timedelta(days=60))
    for n in range(other_families):
        family = make_family(authority, f"Autre {n}")
        make_reservation(make_child(family, products=offered), offered[0], MONDAY, family=family)
    facts = [ChildFacts(child.pk, child.birth_date) for child in home.children]
    offer = home.offer
    asked = [offer.product_by_pk[product.pk] for product in offered]
    with CaptureQueriesContext(
        connection,
    ) as captured:
        planning = read_planning(facts, asked, *days, offer=offer, family=home.family.pk, user=home.user)
        shown = [
            planning.square(DayKey(child.pk, product.pk, day), at=NOW - timedelta(days=60)).state
            for child in facts
            for product in asked
            for day in (MONDAY, MONDAY + timedelta(days=3))
        ]
    assert shown.count(SquareState.RESERVED) == children
    assert shown.count(SquareState.IN_BASKET) == children
    return len(captured)


def test_one_statement_at_both_sizes(in_scope):
    counts = {
        name: statements(in_scope, children=children, weeks=weeks, products=products)
        for name, (children, weeks, products) in SIZES.items()
    }

    assert counts == dict.fromkeys(SIZES, 1)


def test_other_families_cost_nothing_and_are_not_seen(in_scope):
    assert statements(in_scope, children=2, weeks=1, products=2, other_families=20) == 1


def test_the_offer_is_read_in_one_statement_whatever_is_offered(in_scope):
    counts = []
    for products in (1, 12):
        authority = make_authority()
        in_scope(authority)
        home = Household(authority)
        for n in range(products):
            make_product(authority, name=f"Produit {n}", slot_days=None)
            make_closure(authority, f"Fermeture {n}", MONDAY + timedelta(days=n))
        with CaptureQueriesContext(connection) as captured:
            assert len(home.offer.products) == products
            assert len(home.offer.products) == products
        counts.append(len(captured) - 2)  # twice the authority itself, to know its version

    assert counts == [1, 1]
