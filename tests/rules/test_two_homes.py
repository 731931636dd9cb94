"""What two homes of a child pay by the week, the month or the year: once in all, never twice, never lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.catalog.rules.pricing import NOTHING_DUE
from marelle.domain.catalog.rules.spans import Per
from marelle.domain.catalog.rules.tariffs import Bracket, ByBracket, Cap, Fixed, Package, Scope
from marelle.domain.reservations.rules.custody import CustodyTerms, Packages, Role, as_json
from marelle.domain.reservations.rules.delivered import What
from marelle.domain.reservations.rules.homes import Enrolled, Measured
from marelle.domain.reservations.rules.two_homes import (
    EnrolledAnywhere,
    Living,
    PackageTerms,
    Share,
    SharedChild,
    half_installment,
    shared_child_from,
)
from marelle.foundation.periods import Period
from tests.rules.billing_town import (
    CANTEEN,
    EVENING,
    JULY,
    LEA,
    SEPTEMBER,
    TOM,
    Family,
    flat,
    good,
    goods,
    lived,
    nov,
    said,
)

HERS, HIS = 1, 2
SINCE = date(2020, 1, 1)
MONTH = Package("mois", "Forfait", Fixed(2001), per=Per.MONTH)
YEAR = Package("annee", "Année", Fixed(10_003), per=Per.SCHOOL_YEAR, installments=(9, 10, 11, 12))
MONTHS = [
    Period(date(year, month, 1), date(year, month, 28 if month == 2 else 30))
    for year, month in ((2026, 9), (2026, 10), (2026, 11), (2026, 12), (2027, 1), (2027, 2), (2027, 3))
]
BOTH = (Living(HERS, SINCE, None), Living(HIS, SINCE, None))


def settled(packages, starts_on=SEPTEMBER, *, first=HERS, services=()):
    return PackageTerms(starts_on, first, HIS if first == HERS else HERS, packages, dict(services))


def two_homes(tariff, *terms, formula="mois", lives=BOTH, first=SEPTEMBER, measures=((), ()), **more):
    """Return both homes of Léa, under a formula of the canteen."""
    shared = SharedChild(lives, (EnrolledAnywhere(CANTEEN + 100, first, JULY, formula),), terms)
    found = []
    for key, known in zip((HERS, HIS), measures, strict=True):
        mine = tuple(
            Enrolled(LEA, one.activity, one.starts_on, one.ends_on, one.formula)
            for one in replace(shared, lives=tuple(home for home in lives if home.family == key)).pieces()
        )
        found.append(Family(goods(good(tariff)), enrolled=mine, measures=known, shared={LEA: shared}, key=key, **more))
    return found


def due(families, months=MONTHS):
    """Return what each home owes of packages, month by month."""
    return [
        tuple(sum(one.total for one in family.account([], month).charges) for family in families) for month in months
    ]


# ------------------------------------------------------------------------------------------------------------ the share
@pytest.mark.parametrize(
    ("terms", "hers", "his"),
    [
        ((), Share.WHOLE, Share.NOTHING),
        ((settled(Packages.FIRST),), Share.WHOLE, Share.NOTHING),
        ((settled(Packages.FIRST, first=HIS),), Share.NOTHING, Share.WHOLE),
        ((settled(Packages.SECOND),), Share.NOTHING, Share.WHOLE),
        ((settled(Packages.HALVES),), Share.LARGER_HALF, Share.SMALLER_HALF),
        ((settled(Packages.HALVES, first=HIS),), Share.SMALLER_HALF, Share.LARGER_HALF),
        ((settled(Packages.HALVES, services={1: HIS}.items()),), Share.NOTHING, Share.WHOLE),
        ((settled(Packages.HALVES, services={2: HIS}.items()),), Share.LARGER_HALF, Share.SMALLER_HALF),
        # Settled later; settled then ended; settled with somebody with whom the child no longer lives.
        ((settled(Packages.SECOND, nov(2)[0]),), Share.WHOLE, Share.NOTHING),
        ((settled(Packages.SECOND), settled(None, nov(1)[0])), Share.WHOLE, Share.NOTHING),
        ((PackageTerms(SEPTEMBER, HIS, 3, Packages.FIRST, {}),), Share.WHOLE, Share.NOTHING),
    ],
)
def test_who_pays_what_no_day_belongs_to(terms, hers, his):
    child = SharedChild(BOTH, (), terms)

    assert (child.share(HERS, 1, nov(1)[0]), child.share(HIS, 1, nov(1)[0])) == (hers, his)
    assert hers.of(2001) + his.of(2001) == 2001
    assert (hers.is_half, his.is_half) == (hers.of(2) == 1, his.of(2) == 1)


def test_a_home_with_which_the_child_does_not_live_that_day_pays_nothing():
    child = SharedChild((Living(HERS, SINCE, nov(8)[0]), Living(HIS, nov(9)[0], None)), (), (settled(Packages.HALVES),))

    assert [(child.share(HERS, 1, day), child.share(HIS, 1, day)) for day in nov(8, 9)] == [
        (Share.WHOLE, Share.NOTHING),
        (Share.NOTHING, Share.WHOLE),
    ]


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=10).map(tuple))
def test_halves_of_parts_sum_to_each_part_and_halve_the_whole(parts):
    larger, smaller = (
        [half_installment(share, parts, nth) for nth in range(len(parts))]
        for share in (Share.LARGER_HALF, Share.SMALLER_HALF)
    )

    assert [one + other for one, other in zip(larger, smaller, strict=True)] == list(parts)
    assert sum(larger) - sum(smaller) in {0, 1}


def test_a_child_of_two_homes_is_read_as_the_database_writes_it():
    terms = CustodyTerms(packages=Packages.SECOND, services=((5, Role.FIRST), (6, Role.SECOND)))
    row = {
        "lives": [[1, "2020-01-01", None], [2, "2026-09-01", "2027-07-02"]],
        "enrolled": [[201, "2026-09-01", "2027-07-02", "mois"]],
        "terms": [["2026-09-01", 2, 1, as_json(terms)], ["2026-11-02", 1, 2, None]],
    }

    child = shared_child_from(row)

    assert child == SharedChild(
        (Living(1, SINCE, None), Living(2, SEPTEMBER, JULY)),
        (EnrolledAnywhere(201, SEPTEMBER, JULY, "mois"),),
        (PackageTerms(SEPTEMBER, 2, 1, Packages.SECOND, {5: 2, 6: 1}), PackageTerms(nov(2)[0], 1, 2, None, {})),
    )
    assert child.formula(201, SEPTEMBER) == "mois"
    assert child.formula(202, SEPTEMBER) is None


# --------------------------------------------------------------------------------------------------------- by the month
def test_halves_of_a_month_sum_to_one_price_and_the_first_home_has_the_larger():
    assert due(two_homes(flat(packages=(MONTH,)), settled(Packages.HALVES)))[0] == (1001, 1000)
    assert due(two_homes(flat(packages=(MONTH,)), settled(Packages.HALVES, first=HIS)))[0] == (1000, 1001)


def test_each_home_pays_half_of_its_own_price_and_reads_nothing_of_the_other():
    amount = ByBracket((Bracket(Fixed(1001), 50_000), Bracket(Fixed(3001), None)))
    tariff = flat(packages=(replace(MONTH, amount=amount),))
    measures = ((Measured(SEPTEMBER, 40_000),), (Measured(SEPTEMBER, 90_000),))
    hers, his = two_homes(tariff, settled(Packages.HALVES), measures=measures)

    (mine,), (other,) = hers.account([]).charges, his.account([]).charges

    assert (mine.cents, other.cents) == (501, 1500)
    assert mine.label == "Forfait, moitié"
    assert [(step.label, step.cents) for step in mine.steps][-1] == ("La moitié", -500)
    assert sum(step.cents for step in mine.steps) == 501


def test_terms_that_change_in_a_month_count_from_the_next_one():
    homes = two_homes(flat(packages=(MONTH,)), settled(Packages.FIRST), settled(Packages.SECOND, nov(16)[0]))

    assert due(homes)[:4] == [(2001, 0), (2001, 0), (2001, 0), (0, 2001)]


def test_a_child_who_passes_from_a_home_to_the_other_owes_the_month_once():
    lives = (Living(HERS, SINCE, nov(15)[0]), Living(HIS, nov(16)[0], None))

    assert due(two_homes(flat(packages=(MONTH,)), lives=lives))[1:4] == [(2001, 0), (2001, 0), (0, 2001)]


@pytest.mark.parametrize("key_first", [True, False])
def test_a_second_home_that_begins_or_ends_in_the_year_pays_nothing_twice(key_first):
    joins = Living(HIS if key_first else HERS, nov(9)[0], date(2027, 1, 31))
    stays = Living(HERS if key_first else HIS, SINCE, None)

    found = due(two_homes(flat(packages=(MONTH,)), lives=(stays, joins)))

    assert [sum(each) for each in found] == [2001] * 7
    whole_year = replace(YEAR, installments=())
    found = due(two_homes(flat(packages=(whole_year,)), formula="annee", lives=(stays, joins)))
    assert [sum(each) for each in found] == [10_003] * 7
    # The year is due from September on, to whoever had the child then: it is the same bill in each month.
    assert len(set(found)) == 1


def test_days_of_a_package_cost_nothing_to_the_home_that_does_not_pay_it():
    _hers, his = two_homes(flat(packages=(MONTH,)), settled(Packages.FIRST))

    assert his.account([lived(*nov(2, 3))]).charges == []


# ---------------------------------------------------------------------------------------------------------- by the year
def test_parts_of_a_year_are_of_who_is_named_on_the_day_of_each():
    homes = two_homes(
        flat(packages=(YEAR,)), settled(Packages.FIRST), settled(Packages.HALVES, nov(1)[0]), formula="annee"
    )

    found = due(homes)

    assert found[:5] == [(2501, 0), (2501, 0), (1251, 1250), (1250, 1250), (0, 0)]
    assert sum(map(sum, found)) == 10_003


def test_who_takes_the_child_in_the_year_owes_the_parts_that_come_and_not_those_before():
    lives = (Living(HERS, SINCE, nov(15)[0]), Living(HIS, nov(16)[0], None))

    assert due(two_homes(flat(packages=(YEAR,)), formula="annee", lives=lives))[:5] == [
        (2501, 0),
        (2501, 0),
        (2501, 0),
        (0, 2500),
        (0, 0),
    ]


# ----------------------------------------------------------------------------------------------------------- the family
def test_a_package_of_the_family_is_whole_where_one_child_makes_it_so():
    package = replace(MONTH, scope=Scope.FAMILY)
    hers, his = two_homes(flat(packages=(package,)), settled(Packages.HALVES))
    brother = Enrolled(TOM, CANTEEN + 100, nov(9)[0], JULY, "mois")
    with_brother = replace(hers, enrolled=(*hers.enrolled, brother))

    assert due([hers, his, with_brother])[2:4] == [(1001, 1000, 2001), (1001, 1000, 2001)]


def test_a_yearly_package_of_the_family_in_parts_is_whole_from_the_child_that_makes_it_so():
    package = replace(YEAR, scope=Scope.FAMILY)
    hers, _his = two_homes(flat(packages=(package,)), settled(Packages.SECOND), formula="annee")
    brother = Enrolled(TOM, CANTEEN + 100, nov(9)[0], JULY, "annee")

    found = due([replace(hers, enrolled=(*hers.enrolled, brother))])

    # What he comes after is due at once.
    assert found[:5] == [(0,), (0,), (2501 + 2501 + 2501,), (2500,), (0,)]


# ----------------------------------------------------------------------------------------------------- days given back
GIVES_BACK = replace(MONTH, refund=151)


@pytest.mark.parametrize(
    ("packages", "hers", "his"), [(Packages.FIRST, -151, 0), (Packages.SECOND, 0, -151), (Packages.HALVES, -76, -75)]
)
def test_a_day_given_back_goes_to_who_pays_the_package_whoever_has_the_day(packages, hers, his):
    told = [lived(*nov(3), what=What.TOLD, rule=NOTHING_DUE)]
    mother, father = two_homes(flat(packages=(GIVES_BACK,)), settled(packages))

    def refunded(account):
        return sum(one.total for one in account.charges if one.name.kind == "package_refund")

    # The day is his, then hers.
    assert (refunded(replace(mother, elsewhere=told).account([])), refunded(father.account(told))) == (hers, his)
    assert (refunded(mother.account(told)), refunded(replace(father, elsewhere=told).account([]))) == (hers, his)


def test_parts_and_cards_and_other_days_of_the_other_home_give_back_what_they_should():
    told = lived(*nov(3), what=What.TOLD, rule=NOTHING_DUE)
    parts = two_homes(flat(packages=(replace(YEAR, refund=100),)), settled(Packages.SECOND, nov(1)[0]), formula="annee")
    card = Package("carte", "Carte", Fixed(1000), sessions=2, refund=100)
    cards = two_homes(flat(packages=(card,)), settled(Packages.FIRST), formula="carte")

    assert said(replace(parts[1], elsewhere=(told,)).account([]).charges)[-1] == ("package_refund", LEA, [3], -100)
    assert said(parts[0].account([told]).charges) == []
    # Each home has its own card, and what is given back of it.
    assert said(replace(cards[0], elsewhere=(told,)).account([]).charges) == []
    assert said(cards[1].account([told]).charges) == [("package_refund", LEA, [3], -100)]
    # Of another product, paid, not given back, of no tariff, of a day on which nobody was enrolled.
    monthly = two_homes(flat(packages=(GIVES_BACK,)), settled(Packages.FIRST), first=nov(4)[0])[0]
    for one in (told._replace(product=EVENING), told._replace(due=300), told._replace(rule=None), told):
        assert [each[0] for each in said(replace(monthly, elsewhere=(one,)).account([]).charges)] == ["package"]


# ---------------------------------------------------------------------------------------------------- counted by home
def test_what_is_counted_over_a_span_is_counted_by_each_home():
    hers, his = two_homes(flat(caps=(Cap(500, Per.WEEK),)), formula="")

    assert [sum(one.total for one in home.account([lived(*nov(2, 3))]).charges) for home in (hers, his)] == [500, 500]
