"""The tariff as a value: what must be counted to know a price, and whether everybody pays the same."""

from dataclasses import replace

import pytest

from marelle.domain.catalog.rules.tariffs import (
    Bracket,
    ByBracket,
    ByCount,
    ByDuration,
    BySituation,
    Case,
    Change,
    Condition,
    Counted,
    EffortRate,
    Fixed,
    Package,
    Tariff,
    counts_in,
    has_duration,
    inner_amounts,
)

ONE, TWO = Fixed(100), Fixed(200)
BY_RANK = ByCount(Counted.RANK, (ONE, TWO))
BY_DURATION = ByDuration(30, ONE)


class TestWhatMustBeCounted:
    @pytest.mark.parametrize(
        ("amount", "counted"),
        [
            (ONE, set()),
            (EffortRate(3600), set()),
            (BY_RANK, {Counted.RANK}),
            (ByBracket((Bracket(BY_RANK, 100), Bracket(ONE))), {Counted.RANK}),
            (ByCount(Counted.DAYS_OF_WEEK, (BY_RANK, ONE)), {Counted.DAYS_OF_WEEK, Counted.RANK}),
            (BySituation((Case(("a",), BY_RANK),)), {Counted.RANK}),
            (BySituation((Case(("a",), ONE),), BY_RANK), {Counted.RANK}),
            (ByDuration(30, BY_RANK), {Counted.RANK}),
            # Children who have a price together share it by their rank of that day.
            (ByCount(Counted.SIBLINGS_PRESENT, (ONE, TWO), together=True), {Counted.RANK_PRESENT}),
        ],
    )
    def test_is_found_wherever_it_is(self, amount, counted):
        assert counts_in(amount) == counted
        assert Tariff(amount).counts == counted

    def test_is_also_what_changes_and_packages_go_by(self):
        changes = (
            Change("Deux jours", percent=-5, when=Condition(counted=Counted.DAYS_OF_WEEK, least=2)),
            Change("Navette", cents=75, when=Condition(codes=("minibus",))),
        )
        package = Package("mois", "Mois", ByCount(Counted.CHILDREN_ENROLLED, (ONE, TWO)))

        tariff = Tariff(ONE, changes=changes, packages=(package,))

        assert tariff.counts == {Counted.DAYS_OF_WEEK, Counted.CHILDREN_ENROLLED}

    @pytest.mark.parametrize(
        ("counted", "is_of_the_day"),
        [
            (Counted.RANK, False),
            (Counted.RANK_PRESENT, True),
            (Counted.SIBLINGS_PRESENT, True),
            (Counted.CHILDREN_ENROLLED, False),
            (Counted.DAYS_OF_WEEK, False),
        ],
    )
    def test_tells_whether_who_comes_that_day_matters(self, counted, is_of_the_day):
        assert Tariff(ByCount(counted, (ONE, TWO))).counts_the_day is is_of_the_day

    def test_follows_from_the_rest_and_is_no_part_of_what_was_voted(self):
        tariff = Tariff(BY_RANK)

        assert replace(tariff, amount=ONE).counts == frozenset()
        assert replace(tariff, amount=ONE) == Tariff(ONE)
        assert "counts" not in repr(tariff)


class TestAFlatTariff:
    def test_is_one_amount_and_nothing_else(self):
        assert Tariff(ONE).is_flat
        assert Tariff(ONE, note="à partir de septembre").is_flat
        assert not Tariff(BY_RANK).is_flat
        assert not Tariff(ONE, changes=(Change("Navette", cents=75),)).is_flat
        assert not Tariff(ONE, packages=(Package("mois", "Mois", ONE),)).is_flat


def test_the_amounts_inside_one_are_those_among_which_it_chooses():
    by_situation = BySituation((Case(("a",), ONE),), TWO)

    assert inner_amounts(ONE) == ()
    assert inner_amounts(EffortRate(3600)) == ()
    assert inner_amounts(by_situation) == (ONE, TWO)
    assert inner_amounts(BySituation((Case(("a",), ONE),))) == (ONE,)
    assert inner_amounts(ByBracket((Bracket(TWO, 100), Bracket(ONE)))) == (TWO, ONE)


def test_a_duration_is_found_wherever_it_is():
    assert has_duration(BY_DURATION)
    assert has_duration(BySituation((Case(("a",), ONE),), ByCount(Counted.RANK, (ONE, BY_DURATION))))
    assert not has_duration(BY_RANK)
    assert not has_duration(ONE)
