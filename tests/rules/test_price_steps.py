"""What a tariff comes to: the amount to the cent, and the words that an invoice will keep."""

import pytest

from marelle.domain.catalog.rules.acts import NON_RESIDENT, RESIDENT
from marelle.domain.catalog.rules.price_steps import (
    Lacking,
    Priced,
    PriceFacts,
    PriceStep,
    Unpriced,
    amount_of,
    late_pickup_steps,
    price_of,
    rate_in_words,
    split,
)
from marelle.domain.catalog.rules.pricing import FULL_PRICE, NOTHING_DUE, PriceKind, PriceRule
from marelle.domain.catalog.rules.tariffs import (
    OWN_MEAL,
    Bracket,
    ByBracket,
    ByCount,
    ByDuration,
    BySituation,
    Case,
    Change,
    Component,
    Condition,
    Counted,
    EffortRate,
    Fixed,
    LatePickup,
    Measure,
    Rounding,
    RoundingMode,
    Tariff,
)

EACH_STEP = Rounding(at_each_step=True)
BANDS = ByBracket(
    (Bracket(Fixed(100), 30_800), Bracket(Fixed(200), 65_000, is_inclusive=False, name="B"), Bracket(Fixed(310)))
)
RATE = EffortRate(3600, floor=260, ceiling=450)
TOGETHER = ByCount(Counted.SIBLINGS_PRESENT, (Fixed(280), Fixed(465), Fixed(670)), together=True)


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def steps(amount, rounding=None, changes=(), **facts):
    """The steps of a price, as (words, cents), when they sum to it."""
    found = price_of(Tariff(amount, changes=changes, rounding=rounding or Rounding()), PriceFacts(**facts))
    assert isinstance(found, Priced)
    assert sum(step.cents for step in found.steps) == found.cents
    return [(plain(step.label), step.cents) for step in found.steps]


def lacking(amount, **facts):
    found = amount_of(amount, PriceFacts(**facts))
    assert isinstance(found, Unpriced)
    return found.lacking


class TestBands:
    @pytest.mark.parametrize(
        ("quotient", "words", "cents"),
        [
            (0, "Quotient 0 → tranche 1", 100),
            (30_800, "Quotient 308 → tranche 1", 100),
            (30_801, "Quotient 308,01 → tranche B", 200),
            (64_999, "Quotient 649,99 → tranche B", 200),
            (65_000, "Quotient 650 → tranche 3", 310),
            (123_456, "Quotient 1 234,56 → tranche 3", 310),
        ],
    )
    def test_are_cut_at_the_cent_on_the_side_that_was_voted(self, quotient, words, cents):
        assert steps(BANDS, quotient=quotient) == [(words, cents)]

    def test_may_leave_the_cents_of_a_quotient_aside(self):
        whole = ByBracket((Bracket(Fixed(100), 65_000), Bracket(Fixed(200))), is_whole=True)

        assert steps(whole, quotient=65_080) == [("Quotient 650,80, compté 650 → tranche 1", 100)]
        assert steps(whole, quotient=65_100) == [("Quotient 651 → tranche 2", 200)]

    def test_say_what_was_read_and_where_it_fell(self):
        found = price_of(Tariff(BANDS), PriceFacts(quotient=40_000))

        assert (found.measured, found.bracket) == (40_000, "B")

    def test_go_by_income_when_they_say_so(self):
        by_income = ByBracket((Bracket(Fixed(100), 150_000), Bracket(Fixed(200))), missing=0, of=Measure.INCOME)

        assert steps(by_income, income=150_001, quotient=10) == [("Revenu 1 500,01 → tranche 2", 200)]
        assert steps(by_income, quotient=10) == [("Revenu non fourni → tranche 1", 100)]

    def test_have_the_stated_band_for_a_missing_quotient_or_no_price(self):
        highest = ByBracket(BANDS.brackets, missing=2)

        assert steps(highest) == [("Quotient non fourni → tranche 3", 310)]
        assert price_of(Tariff(highest), PriceFacts()).measured is None
        assert lacking(BANDS) is Lacking.QUOTIENT

    def test_without_an_end_are_all_that_hold_everybody(self):
        assert lacking(ByBracket((Bracket(Fixed(100), 30_800),)), quotient=30_801) is Lacking.BRACKET

    def test_never_take_an_absurd_quotient_for_a_missing_one(self):
        assert lacking(ByBracket(BANDS.brackets, missing=2), quotient=-1) is Lacking.QUOTIENT
        assert lacking(EffortRate(3600, missing=450), quotient=-1) is Lacking.QUOTIENT


class TestAnEffortRate:
    def test_is_a_share_of_the_quotient(self):
        assert steps(RATE, quotient=100_000) == [("Quotient 1 000 × 0,36 %", 360)]

    def test_is_rounded_half_up_to_the_cent(self):
        assert steps(EffortRate(5000), quotient=100) == [("Quotient 1 × 0,5 %", 1)]
        assert steps(EffortRate(4900), quotient=100) == [("Quotient 1 × 0,49 %", 0)]

    def test_is_raised_to_its_floor_and_cut_to_its_ceiling_in_a_step_of_their_own(self):
        assert steps(RATE, quotient=50_000) == [("Quotient 500 × 0,36 %", 180), ("Porté au plancher de 2,60 €", 80)]
        assert steps(RATE, quotient=200_000) == [
            ("Quotient 2 000 × 0,36 %", 720),
            ("Ramené au plafond de 4,50 €", -270),
        ]

    def test_at_its_bounds_is_itself(self):
        assert len(steps(EffortRate(10_000, floor=260, ceiling=450), quotient=26_000)) == 1
        assert len(steps(EffortRate(10_000, floor=260, ceiling=450), quotient=45_000)) == 1

    def test_of_a_missing_quotient_is_what_was_stated_or_no_price(self):
        assert steps(EffortRate(3600, missing=450)) == [("Quotient non fourni", 450)]
        assert steps(EffortRate(3600, missing=450, of=Measure.INCOME), quotient=1) == [("Revenu non fourni", 450)]
        assert lacking(RATE) is Lacking.QUOTIENT

    def test_is_bounded_before_it_is_multiplied(self):
        hourly = ByDuration(60, EffortRate(3600, floor=260, ceiling=450))

        assert steps(hourly, quotient=50_000, minutes=120) == [
            ("Quotient 500 × 0,36 %, porté au plancher de 2,60 € · 120 min → 2 × 60 min à 2,60 €", 520)
        ]
        assert steps(hourly, quotient=200_000, minutes=120) == [
            ("Quotient 2 000 × 0,36 %, ramené au plafond de 4,50 € · 120 min → 2 × 60 min à 4,50 €", 900)
        ]

    @pytest.mark.parametrize(
        ("millionths", "words"), [(3600, "0,36 %"), (10_000, "1 %"), (1, "0,0001 %"), (125_000, "12,5 %")]
    )
    def test_is_written_as_people_do(self, millionths, words):
        assert plain(rate_in_words(millionths)) == words


class TestCounts:
    @pytest.mark.parametrize(
        ("counted", "one", "two"),
        [
            (Counted.RANK, "1ᵉʳ enfant", "2ᵉ enfant"),
            (Counted.RANK_PRESENT, "1ᵉʳ enfant présent ce jour", "2ᵉ enfant présent ce jour"),
            (Counted.SIBLINGS_PRESENT, "1 enfant présent ce jour", "2 enfants présents ce jour"),
            (Counted.CHILDREN_ENROLLED, "1 enfant inscrit", "2 enfants inscrits"),
            (Counted.DAYS_OF_WEEK, "1 jour cette semaine", "2 jours cette semaine"),
        ],
    )
    def test_are_said_in_their_words(self, counted, one, two):
        amount = ByCount(counted, (Fixed(300), Fixed(200)))

        assert steps(amount, **{counted.value: 1}) == [(one, 300)]
        assert steps(amount, **{counted.value: 2}) == [(two, 200)]

    def test_beyond_the_last_price_have_the_last(self):
        assert steps(ByCount(Counted.RANK, (Fixed(300), Fixed(200))), rank=6) == [("6ᵉ enfant", 200)]

    def test_below_one_are_one(self):
        assert steps(ByCount(Counted.RANK, (Fixed(300), Fixed(200))), rank=0) == [("1ᵉʳ enfant", 300)]
        assert steps(TOGETHER, rank_present=0) == [("1ᵉʳ enfant présent ce jour", 280)]


class TestAPriceForTheChildrenTogether:
    def test_is_shared_by_their_rank_of_that_day(self):
        assert steps(TOGETHER, rank_present=1) == [("1ᵉʳ enfant présent ce jour", 280)]
        assert steps(TOGETHER, rank_present=2) == [
            ("Prix de 2 enfants présents ce jour, ensemble", 465),
            ("Déjà compté pour le 1ᵉʳ", -280),
        ]
        assert steps(TOGETHER, rank_present=3) == [
            ("Prix de 3 enfants présents ce jour, ensemble", 670),
            ("Déjà compté pour les 2 premiers", -465),
        ]

    def test_costs_nothing_more_beyond_the_last(self):
        assert steps(TOGETHER, rank_present=5) == [
            ("Prix de 5 enfants présents ce jour, ensemble", 670),
            ("Déjà compté pour les 4 premiers", -670),
        ]

    def test_is_never_negative_even_when_more_children_cost_less(self):
        assert steps(ByCount(Counted.SIBLINGS_PRESENT, (Fixed(280), Fixed(100)), together=True), rank_present=2) == [
            ("Prix de 2 enfants présents ce jour, ensemble", 100),
            ("Déjà compté pour le 1ᵉʳ", -100),
        ]

    def test_reads_each_price_once_in_its_words(self):
        nested = ByCount(Counted.SIBLINGS_PRESENT, (BANDS, RATE), together=True)

        assert steps(nested, quotient=50_000, rank_present=2) == [
            ("Quotient 500 × 0,36 %, porté au plancher de 2,60 € · Prix de 2 enfants présents ce jour, ensemble", 260),
            ("Déjà compté pour le 1ᵉʳ", -200),
        ]

    def test_can_be_counted_by_duration(self):
        ((words, cents),) = steps(ByDuration(30, TOGETHER), rank_present=2, minutes=45)

        assert cents == 370
        assert words.startswith("Prix de 2 enfants présents ce jour, ensemble, moins ce qui est compté pour le 1ᵉʳ · ")
        assert words.endswith(" · 45 min → 2 × 30 min à 1,85 €")

    def test_of_rates_sums_to_what_the_home_owes(self):
        rates = ByCount(Counted.SIBLINGS_PRESENT, (EffortRate(3333), EffortRate(5555)), together=True)

        shares = [sum(cents for _words, cents in steps(rates, quotient=10_150, rank_present=n)) for n in (1, 2)]

        assert sum(shares) == sum(cents for _words, cents in steps(EffortRate(5555), quotient=10_150))


class TestSituations:
    CASES = (
        Case((NON_RESIDENT,), Fixed(600)),
        Case(("ccas",), Fixed(50), name="Aide du CCAS"),
        Case(("sejour-ski",), Fixed(900)),
        Case((OWN_MEAL, "nursery"), Fixed(130)),
    )

    @pytest.mark.parametrize(
        ("situations", "words", "cents"),
        [
            ({NON_RESIDENT, "ccas"}, "Hors commune", 600),
            ({"ccas"}, "Aide du CCAS", 50),
            ({"sejour-ski"}, "Sejour-ski", 900),
            ({"nursery"}, "Maternelle", 130),
            ({OWN_MEAL}, "Panier-repas (PAI)", 130),
        ],
    )
    def test_the_first_that_holds_decides_and_is_named(self, situations, words, cents):
        assert steps(BySituation(self.CASES), situations=frozenset(situations)) == [(words, cents)]

    def test_none_that_holds_leaves_the_rest_or_no_price(self):
        here = {"situations": frozenset({RESIDENT})}

        assert steps(BySituation(self.CASES, Fixed(385)), **here) == [("Prix", 385)]
        assert steps(BySituation(self.CASES, BANDS), quotient=0, **here) == [("Quotient 0 → tranche 1", 100)]
        assert lacking(BySituation(self.CASES), **here) is Lacking.SITUATION


class TestDurations:
    @pytest.mark.parametrize(
        ("minutes", "slices"), [(0, 0), (-5, 0), (1, 1), (30, 1), (31, 2), (75, 3), (90, 3), (91, 4)]
    )
    def test_count_each_slice_begun(self, minutes, slices):
        words = f"{minutes} min → {slices} × 30 min à 0,48 €"

        assert steps(ByDuration(30, Fixed(48)), minutes=minutes) == [(words, 48 * slices)]

    def test_are_presumed_when_nobody_wrote_them_or_there_is_no_price(self):
        assert steps(ByDuration(30, Fixed(48), presumed=60)) == [("60 min prévues → 2 × 30 min à 0,48 €", 96)]
        assert steps(ByDuration(30, Fixed(48), presumed=60), minutes=10) == [("10 min → 1 × 30 min à 0,48 €", 48)]
        assert lacking(ByDuration(30, Fixed(48))) is Lacking.DURATION

    def test_multiply_the_exact_rate_unless_each_step_is_rounded(self):
        hourly = ByDuration(60, EffortRate(333))  # 3,33 cents of a quotient of 100

        assert steps(hourly, quotient=10_000, minutes=180) == [("Quotient 100 × 0,0333 % · 180 min → 3 × 60 min", 10)]
        assert steps(hourly, EACH_STEP, quotient=10_000, minutes=180) == [
            ("Quotient 100 × 0,0333 % · 180 min → 3 × 60 min à 0,03 €", 9)
        ]


def test_a_child_of_whom_nothing_is_said_is_alone_and_comes_once():
    assert all(PriceFacts().counted(counted) == 1 for counted in Counted)


class TestChanges:
    def test_hold_when_all_that_they_ask_is_there(self):
        for_two = Change("Fratrie", percent=-10, when=Condition(("ccas",), Counted.RANK, least=2, upto=3))

        def holds(rank, *situations):
            return len(steps(Fixed(310), changes=(for_two,), rank=rank, situations=frozenset(situations))) > 1

        assert [holds(rank, "ccas") for rank in (1, 2, 3, 4)] == [False, True, True, False]
        assert not holds(2)

    def test_without_an_end_hold_for_as_many_and_more(self):
        third = Change("3ᵉ enfant", cents=-50, when=Condition(counted=Counted.RANK, least=3))

        assert steps(Fixed(310), changes=(third,), rank=7) == [("Prix", 310), ("3ᵉ enfant", -50)]
        assert steps(Fixed(310), changes=(third,), rank=2) == [("Prix", 310)]

    def test_without_a_condition_hold_for_everybody(self):
        assert steps(Fixed(310), changes=(Change("Goûter", cents=75),)) == [("Prix", 310), ("Goûter", 75)]

    def test_are_percentages_of_what_stands_before_them(self):
        changes = (Change("2ᵉ enfant −10 %", percent=-10), Change("Navette", cents=75), Change("Double", percent=100))

        assert steps(Fixed(310), changes=changes) == [
            ("Prix", 310),
            ("2ᵉ enfant −10 %", -31),
            ("Navette", 75),
            ("Double", 354),
        ]

    def test_never_take_more_than_there_is(self):
        changes = (Change("Aide", cents=-500), Change("Aide", percent=-50), Change("Navette", cents=75))

        assert steps(Fixed(310), changes=changes) == [("Prix", 310), ("Aide", -310), ("Aide", 0), ("Navette", 75)]

    def test_are_rounded_once_at_the_end_or_at_each_step(self):
        changes = (Change("a", percent=-50), Change("b", percent=-50), Change("c", percent=100))

        assert steps(Fixed(5), changes=changes) == [("Prix", 5), ("a", -2), ("b", -2), ("c", 2)]
        assert steps(Fixed(5), EACH_STEP, changes=changes) == [("Prix", 5), ("a", -2), ("b", -1), ("c", 2)]


class TestRounding:
    @pytest.mark.parametrize(
        ("mode", "cents"), [(RoundingMode.HALF_UP, 268), (RoundingMode.UP, 268), (RoundingMode.DOWN, 267)]
    )
    def test_goes_the_way_that_was_voted(self, mode, cents):
        assert steps(EffortRate(3600), Rounding(mode=mode), quotient=74_306) == [("Quotient 743,06 × 0,36 %", cents)]

    @pytest.mark.parametrize(
        ("mode", "more"), [(RoundingMode.HALF_UP, -2), (RoundingMode.UP, 3), (RoundingMode.DOWN, -2)]
    )
    def test_to_five_cents_at_the_end_is_a_step_of_its_own(self, mode, more):
        assert steps(EffortRate(3600), Rounding(5, mode), quotient=74_300) == [
            ("Quotient 743 × 0,36 %", 267),
            ("Arrondi à 0,05 €", more),
        ]

    def test_to_five_cents_at_the_end_is_not_said_when_it_changes_nothing(self):
        assert steps(Fixed(310), Rounding(5)) == [("Prix", 310)]

    def test_to_five_cents_at_each_step_is_within_it(self):
        at_each_step = Rounding(5, at_each_step=True)

        assert steps(EffortRate(3600), at_each_step, (Change("a", percent=-10),), quotient=74_300) == [
            ("Quotient 743 × 0,36 %", 265),
            ("a", -25),
        ]

    def test_of_what_is_counted_at_each_step_comes_before_it_is_multiplied(self):
        hourly = ByDuration(60, EffortRate(3600))

        assert steps(hourly, Rounding(5, at_each_step=True), quotient=74_300, minutes=120) == [
            ("Quotient 743 × 0,36 % · 120 min → 2 × 60 min à 2,65 €", 530)
        ]


class TestWhatTheReglementMakesOfAPrice:
    PRICE = Priced(370, (PriceStep("Prix", 370),), 74_200, "3")

    @pytest.mark.parametrize(
        ("rule", "cents"),
        [
            (PriceRule(PriceKind.MORE, 50), 420),
            (PriceRule(PriceKind.INSTEAD, 750), 750),
            (PriceRule(PriceKind.MORE_PERCENT, 50), 555),
            (PriceRule(PriceKind.PART, 50), 185),
            (NOTHING_DUE, 0),
        ],
    )
    def test_is_one_more_step(self, rule, cents):
        found = self.PRICE.ruled(rule, "Absence non signalée")

        assert found == Priced(
            cents, (PriceStep("Prix", 370), PriceStep("Absence non signalée", cents - 370)), 74_200, "3"
        )

    def test_is_nothing_when_the_price_is_the_ordinary_one(self):
        assert self.PRICE.ruled(FULL_PRICE, "Tardif") == self.PRICE


class TestALatePickup:
    LATE = LatePickup(1000, 15, grace=5)

    @pytest.mark.parametrize(("minutes", "slices"), [(6, 1), (15, 1), (16, 2), (20, 2), (30, 2), (31, 3)])
    def test_costs_each_slice_begun_since_the_closing(self, minutes, slices):
        (step,) = late_pickup_steps(self.LATE, minutes)

        assert (plain(step.label), step.cents) == (
            f"Retard de {minutes} min → {slices} × 15 min à 10,00 €",
            1000 * slices,
        )

    @pytest.mark.parametrize("minutes", [-1, 0, 5])
    def test_within_the_grace_costs_nothing(self, minutes):
        assert late_pickup_steps(self.LATE, minutes) == ()


class TestComponents:
    MEAL = Component("7067", cents=200)
    CARE = Component("7066", percent=40, is_childcare=True)
    REST = Component("7588")

    def shares(self, components, cents, units=1):
        return [share for _one, share in split(components, cents, units)]

    def test_share_the_price_exactly_in_their_order(self):
        assert self.shares((self.MEAL, self.CARE, self.REST), 501) == [200, 200, 101]
        assert self.shares((self.REST, self.CARE, self.MEAL), 501) == [101, 200, 200]
        assert [one for one, _share in split((self.REST, self.MEAL), 501)] == [self.REST, self.MEAL]

    def test_are_taken_once_for_each_unit(self):
        assert self.shares((self.MEAL, self.REST), 1000, units=3) == [600, 400]

    def test_are_taken_as_far_as_there_is_enough(self):
        assert self.shares((self.MEAL, self.CARE, self.REST), 150) == [150, 0, 0]
        assert self.shares((self.CARE, self.MEAL, self.REST), 250) == [100, 150, 0]

    def test_of_a_credit_are_those_of_the_charge(self):
        assert self.shares((self.MEAL, self.CARE, self.REST), -501) == [-200, -200, -101]

    def test_are_those_of_one_unit_unless_told_otherwise(self):
        assert split((self.MEAL, self.REST), 500) == ((self.MEAL, 200), (self.REST, 300))

    def test_of_nothing_are_nothing(self):
        assert self.shares((self.MEAL, self.REST), 0) == [0, 0]
        assert split((), 500) == ()

    def test_are_rounded_half_up(self):
        assert self.shares((Component("a", percent=50), self.REST), 5) == [3, 2]
