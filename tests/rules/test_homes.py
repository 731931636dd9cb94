"""A home as prices see it."""

from datetime import date

import pytest

from marelle.domain.families.rules.residence import Residence
from marelle.domain.reservations.rules.homes import Enrolled, Home, HomeChild, Measured, home_from

ELDEST, MIDDLE, LITTLE, UNKNOWN = 3, 1, 2, 9
CANTEEN, EVENING, ELSEWHERE = 10, 11, 12
SEPTEMBER, OCTOBER, NOVEMBER, JULY = (date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 2), date(2027, 7, 2))
HOME = Home(
    family=1,
    audiences=frozenset({"resident", "ccas"}),
    children=(
        HomeChild(ELDEST, date(2014, 1, 1), "cm2"),
        HomeChild(MIDDLE, date(2016, 1, 1), " CE2 "),
        HomeChild(LITTLE, date(2021, 1, 1), "MS"),
    ),
    enrolled=(
        Enrolled(ELDEST, CANTEEN, SEPTEMBER, date(2026, 10, 31)),
        Enrolled(MIDDLE, CANTEEN, SEPTEMBER, JULY, "regular", frozenset({"own-meal"})),
        Enrolled(LITTLE, EVENING, OCTOBER, JULY),
        Enrolled(ELDEST, ELSEWHERE, SEPTEMBER, JULY),
    ),
    measures=(Measured(NOVEMBER, 50_000, 200_000), Measured(SEPTEMBER, None)),
)


def test_the_quotient_of_a_day_is_the_last_known():
    assert HOME.measured(date(2026, 8, 31)) is None
    assert HOME.measured(date(2026, 11, 1)).quotient is None
    assert HOME.measured(NOVEMBER).quotient == 50_000


def test_prices_may_turn_where_a_quotient_or_an_enrollment_begins_or_ends():
    assert HOME.turns() == (SEPTEMBER, OCTOBER, date(2026, 11, 1), NOVEMBER, date(2027, 7, 3))


@pytest.mark.parametrize(
    ("child", "day", "together", "rank", "enrolled"),
    [
        (MIDDLE, SEPTEMBER, (), 2, 2),
        (MIDDLE, NOVEMBER, (), 1, 1),
        (LITTLE, OCTOBER, (), 3, 3),  # of its own, though not enrolled there
        (MIDDLE, OCTOBER, (CANTEEN, EVENING), 2, 3),
        (LITTLE, NOVEMBER, (CANTEEN, EVENING), 2, 2),
        (UNKNOWN, NOVEMBER, (), 2, 2),
    ],
)
def test_the_rank_is_among_those_enrolled_that_day_the_eldest_first(child, day, together, rank, enrolled):
    facts = HOME.facts(child, CANTEEN, day, together=together)

    assert (facts.rank, facts.children_enrolled) == (rank, enrolled)


def test_the_rank_of_those_present_is_of_that_day():
    facts = HOME.facts(LITTLE, CANTEEN, NOVEMBER, present={ELDEST})

    assert (facts.rank_present, facts.siblings_present) == (2, 2)
    assert HOME.facts(LITTLE, CANTEEN, NOVEMBER).rank_present == 1


@pytest.mark.parametrize(
    ("child", "situations"),
    [
        (MIDDLE, {"resident", "ccas", "ce2", "elementary", "own-meal", "regular"}),
        (LITTLE, {"resident", "ccas", "ms", "nursery"}),
        (UNKNOWN, {"resident", "ccas"}),
    ],
)
def test_situations_are_of_the_home_the_class_and_the_enrollment(child, situations):
    assert HOME.facts(child, CANTEEN, NOVEMBER).situations == situations


def test_what_is_counted_elsewhere_is_passed_on():
    facts = HOME.facts(MIDDLE, CANTEEN, NOVEMBER, days_of_week=4, minutes=75)

    assert (facts.quotient, facts.income, facts.days_of_week, facts.minutes) == (50_000, 200_000, 4, 75)
    assert HOME.facts(MIDDLE, CANTEEN, date(2026, 8, 1)).income is None


def test_is_read_as_the_database_writes_it():
    row = {
        "family": 7,
        "is_resident": False,
        "categories": ["agents"],
        "children": [[1, "2016-01-01", None]],
        "enrolled": [[1, 10, "2026-09-01", "2027-07-02", "carte", ["own-meal"]]],
        "measures": [["2026-09-01", 74_200, None]],
        "moves": [],
        "shared": [],
    }

    home = home_from(row)

    assert home == Home(
        7,
        frozenset({"agents", "non_resident"}),
        (HomeChild(1, date(2016, 1, 1)),),
        (Enrolled(1, 10, SEPTEMBER, JULY, "carte", frozenset({"own-meal"})),),
        (Measured(SEPTEMBER, 74_200),),
    )
    assert home_from({**row, "is_resident": True}).audiences == {"agents", "resident"}
    moved = home_from({**row, "moves": [["2026-11-02", True, False]]})
    assert moved.residence == Residence(at_first=True, turns=((NOVEMBER, False),))


def test_a_family_that_moves_is_of_the_commune_on_the_days_that_it_was():
    moves = Residence(at_first=False, turns=((OCTOBER, True),))
    home = Home(1, frozenset({"resident", "ccas"}), measures=(Measured(SEPTEMBER, None),), residence=moves)

    def said(day):
        return home.facts(LITTLE, CANTEEN, day).situations

    assert home.turns() == (SEPTEMBER, OCTOBER)
    assert said(date(2026, 9, 30)) == {"non_resident", "ccas"}
    assert said(OCTOBER) == {"resident", "ccas"}
    assert HOME.audiences_on(SEPTEMBER) == {"resident", "ccas"}
