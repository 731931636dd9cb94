"""What an agent is asked of a tariff before the vote."""

import pytest

from marelle.domain.catalog.rules.tariff_doubts import doubts_of
from marelle.domain.catalog.rules.written import read_tariff


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def asked(price, *, is_childcare=False, **more):
    found = doubts_of(read_tariff({"price": price, **more}), is_childcare=is_childcare)
    assert all(doubt.text.endswith((" ?", ".")) for doubt in found)
    return {doubt.key: plain(doubt.text) for doubt in found}


def by_quotient(*prices, ends=("308,01", "650,02", "800,03"), **more):
    rows = [{"up_to": end, "price": price} for end, price in zip(ends, prices[:-1], strict=False)]
    return {"by": "quotient", "missing": "highest", "bands": [*rows, {"price": prices[-1]}], **more}


NO_INCOME = (
    "Marelle ne tient pas le revenu des familles : à la facturation, chacune est traitée comme si elle ne l’avait pas "
    "donné. Est-ce bien voulu ?"
)


class TestBands:
    def test_that_rise_to_the_one_of_a_missing_quotient_leave_no_doubt(self):
        assert asked(by_quotient("1,00", "2,00", "3,00")) == {}

    def test_say_nothing_of_a_missing_quotient(self):
        doubt = asked(by_quotient("1,00", "2,00", missing="none"))

        assert doubt == {
            "price.missing": "Que paie une famille qui ne donne pas son quotient familial ? "
            "Aucune tranche n’est dite pour elle."
        }

    def test_are_cheaper_without_a_quotient_than_with_one(self):
        assert asked(by_quotient("1,00", "2,00", missing="lowest"))["price.missing"] == (
            "Qui ne donne pas son quotient familial paie la tranche 1, "
            "moins chère que la tranche 2 : est-ce bien voulu ?"
        )

    def test_fall_when_the_quotient_rises(self):
        doubt = asked(by_quotient("1,00", "3,00", "2,00", missing=2))

        assert doubt == {"price.bands.2": "La tranche 3 est moins chère que celle d’avant : est-ce bien voulu ?"}

    def test_fall_somewhere_in_a_table(self):
        low, high = ({"by": "rank", "prices": list(prices)} for prices in (("3,00", "2,00"), ("4,00", "1,00")))

        assert list(asked(by_quotient(low, high))) == ["price.bands.1"]
        assert asked(by_quotient(low, {"by": "days_of_week", "prices": ["1,00"]})) == {}
        assert asked(by_quotient(low, "1,00")) == {}

    @pytest.mark.parametrize(
        "around",
        [
            lambda price: {"by": "income", "missing": "highest", "bands": [{"price": price}]},
            lambda price: {"by": "situation", "cases": [{"for": ["a"], "price": "1,00"}], "otherwise": price},
            lambda price: {"by": "duration", "minutes": 30, "presumed": 30, "price": price},
        ],
    )
    def test_fall_somewhere_deeper(self, around):
        rate = {"by": "effort_rate", "percent": "1", "floor": "0,00", "ceiling": "9,00", "missing": "ceiling"}

        assert "price.bands.1" in asked(by_quotient(around("3,00"), around("2,00")))
        for price in ("3,00", rate):
            doubts = asked(by_quotient(around(price), around(price)))
            assert [key for key in doubts if not key.endswith(".by")] == []

    def test_end_before_the_highest_quotients(self):
        price = {"by": "quotient", "missing": "highest", "bands": [{"below": 650, "price": "1,00"}]}

        assert asked(price) == {
            "price.bands.0": "Que paie-t-on à partir de 650 ? La dernière tranche s’y arrête.",
        }

    def test_leave_a_gap_of_some_cents_between_whole_bounds(self):
        asks = asked(by_quotient("1,00", "2,00", "3,00", ends=("308", "650")))

        assert asks == {
            "price.whole": "308,50 est-il encore « 308 » ? Il passe dans la tranche suivante, à un centime près."
        }
        assert asked(by_quotient("1,00", "2,00", "3,00", ends=("308", "650"), whole=True)) == {}
        assert asked(by_quotient("1,00", "2,00", "3,00", ends=("308,01", "650"))) == {}
        assert list(asked(by_quotient("1,00", "2,00", ends=("308",)))) == ["price.whole"]
        below = [{"below": 308, "price": "1,00"}, {"price": "2,00"}]
        assert asked({"by": "quotient", "missing": "highest", "bands": below}) == {}


class TestARate:
    def test_with_all_that_it_needs_leaves_no_doubt(self):
        rate = {"by": "effort_rate", "percent": "0,36", "floor": "2,60", "ceiling": "4,50", "missing": "ceiling"}

        assert asked(rate) == {}

    def test_without_it_leaves_many(self):
        assert asked({"by": "effort_rate", "percent": "0,36", "of": "income"}) == {
            "price.of": NO_INCOME,
            "price.missing": "Que paie une famille qui ne donne pas son revenu ? Aucun prix n’est dit pour elle.",
            "price.floor": "Y a-t-il un prix plancher ? Sans lui, un quotient de 0 ne paie rien.",
            "price.ceiling": "Y a-t-il un prix plafond ? Sans lui, le prix n’a pas de limite.",
        }

    def test_of_an_income_that_is_not_kept_is_asked_about(self):
        bands = [{"up_to": 2000, "price": "1,00"}, {"price": "2,00"}]
        package = {
            "code": "mois",
            "name": "Forfait",
            "per": "month",
            "price": {"by": "income", "missing": 2, "bands": bands},
        }

        doubts = asked({"by": "income", "missing": 2, "bands": bands}, packages=[package])

        assert (doubts["price.by"], doubts["packages.0.price.by"]) == (NO_INCOME, NO_INCOME)

    def test_is_lower_when_nothing_is_given(self):
        rate = {"by": "effort_rate", "percent": "0,36", "floor": "2,60", "ceiling": "4,50", "missing": "3,00"}

        assert list(asked(rate)) == ["price.missing"]
        assert asked({**rate, "missing": "5,00"}) == {}
        del rate["ceiling"]
        assert list(asked(rate)) == ["price.ceiling"]


class TestOtherChoices:
    def test_a_later_child_pays_more(self):
        assert list(asked({"by": "rank", "prices": ["3,00", "2,00", "2,50"]})) == ["price.prices.2"]
        assert asked({"by": "rank", "prices": ["3,00", "3,00", "2,50"]}) == {}
        assert asked({"by": "days_of_week", "prices": ["3,00", "4,00"]}) == {}

    def test_nothing_is_said_of_other_situations_nor_of_a_missing_duration(self):
        by_duration = {"by": "duration", "minutes": 30, "price": "1,00"}
        price = {"by": "situation", "cases": [{"for": ["a"], "price": by_duration}]}

        assert list(asked(price)) == ["price.otherwise", "price.cases.0.price.presumed"]
        assert asked({**price, "otherwise": "1,00", "cases": [{"for": ["a"], "price": "1,00"}]}) == {}
        assert list(asked({**price, "otherwise": by_duration}))[-1] == "price.otherwise.presumed"
        assert asked({**by_duration, "presumed": 60}) == {}

    def test_each_is_asked_where_it_stands(self):
        situation = {"by": "situation", "cases": [{"for": ["a"], "price": "1,00"}]}
        nested = by_quotient("1,00", {"by": "rank", "prices": [{**situation}]})
        packages = [{"code": "a", "name": "A", "per": "month", "price": situation}]

        assert list(asked(nested, packages=packages)) == [
            "price.bands.1.price.prices.0.otherwise",
            "packages.0.price.otherwise",
        ]
        assert list(asked({"by": "duration", "minutes": 5, "presumed": 5, "price": situation})) == [
            "price.price.otherwise"
        ]


class TestWhatStandsAroundThePrice:
    def test_a_cap_below_one_day(self):
        caps = [{"amount": "3,84", "per": "month"}, {"amount": "3,85", "per": "week"}]

        assert list(asked("3,85", caps=caps)) == ["caps.0"]
        assert asked({"by": "siblings_present", "prices": ["9,00"], "together": True}, caps=caps) == {}

    @pytest.mark.parametrize(
        ("price", "is_asked"),
        [
            ({"by": "rank", "prices": ["5,00", "3,86"]}, True),
            ({"by": "rank", "prices": ["5,00", "3,84"]}, False),
            ({"by": "effort_rate", "percent": "1", "floor": "3,86"}, True),
            ({"by": "effort_rate", "percent": "1", "floor": "3,86", "missing": "2,00"}, False),
            ({"by": "effort_rate", "percent": "1", "missing": "9,00"}, False),
            ({"by": "effort_rate", "percent": "1"}, False),
        ],
    )
    def test_a_cap_is_compared_to_the_lowest_price_when_it_is_known(self, price, is_asked):
        assert ("caps.0" in asked(price, caps=[{"amount": "3,85", "per": "month"}])) is is_asked

    def test_a_grace_after_which_all_is_counted(self):
        late = {"price": "10,00", "minutes": 15}

        assert asked("3,85", late_pickup=late) == {}
        assert asked("3,85", late_pickup={**late, "grace": 5}) == {
            "late_pickup.grace": "Au-delà de 5 min de retard, tout le retard est compté : est-ce bien voulu ?"
        }

    def test_a_childcare_service_of_which_nothing_is_childcare(self):
        care = [{"code": "7066", "childcare": True}]

        assert list(asked("3,85", is_childcare=True)) == ["components"]
        assert asked("3,85", is_childcare=True, components=care) == {}
        assert asked("3,85", components=[{"code": "7067"}]) == {}

    def test_parts_that_do_not_fit_in_the_price(self):
        meal = {"code": "7067", "amount": "4,00"}

        assert asked("3,85", components=[meal, {"code": "a"}]) == {
            "components": "Les parts fixes font 4,00 €, plus que le plus petit prix (3,85 €) : est-ce voulu ?"
        }
        assert asked("4,00", components=[meal, {"code": "a"}]) == {}
        assert "components" not in asked({"by": "effort_rate", "percent": "1"}, components=[meal, {"code": "a"}])

    def test_a_part_paid_by_cesu_that_is_no_childcare(self):
        assert list(asked("3,85", components=[{"code": "a", "cesu": True}])) == ["components.0.cesu"]
        assert asked("3,85", components=[{"code": "a", "cesu": True, "childcare": True}]) == {}
