"""The written form of a tariff: what is read, how it is written again, and what is refused, with its key."""

import pytest

from marelle.domain.catalog.rules.spans import Per
from marelle.domain.catalog.rules.tariffs import (
    Bracket,
    ByBracket,
    ByCount,
    ByDuration,
    BySituation,
    Cap,
    Case,
    Change,
    Component,
    Condition,
    Counted,
    EffortRate,
    Fixed,
    LatePickup,
    Measure,
    Package,
    Rounding,
    RoundingMode,
    Scope,
    Tariff,
)
from marelle.domain.catalog.rules.written import InvalidTariffError, read_tariff, write_tariff
from marelle.domain.catalog.rules.written.tariff import DEEPEST

ONE = "1,00"
FLAT = Fixed(100)


def nested(price, deep):
    for _ in range(deep):
        price = {"by": "rank", "prices": [price]}
    return price


PRICES = {
    "flat": ("3,85", Fixed(385)),
    "bands": (
        {"by": "quotient", "bands": [{"up_to": "308", "price": ONE}, {"up_to": "308,01", "price": ONE}]},
        ByBracket((Bracket(FLAT, 30_800), Bracket(FLAT, 30_801))),
    ),
    "bands of every kind": (
        {
            "by": "income",
            "whole": True,
            "missing": 2,
            "bands": [
                {"below": "650", "name": "A", "price": ONE},
                {"up_to": "1000", "price": "2,00"},
                {"price": "3,00"},
            ],
        },
        ByBracket(
            (
                Bracket(FLAT, 65_000, is_inclusive=False, name="A"),
                Bracket(Fixed(200), 100_000),
                Bracket(Fixed(300)),
            ),
            missing=1,
            of=Measure.INCOME,
            is_whole=True,
        ),
    ),
    "the highest band": (
        {"by": "quotient", "missing": "highest", "bands": [{"up_to": "1", "price": ONE}, {"price": ONE}]},
        ByBracket((Bracket(FLAT, 100), Bracket(FLAT)), missing=1),
    ),
    "the lowest band": (
        {"by": "quotient", "missing": "lowest", "bands": [{"up_to": "1", "price": ONE}, {"price": ONE}]},
        ByBracket((Bracket(FLAT, 100), Bracket(FLAT)), missing=0),
    ),
    "a rate": ({"by": "effort_rate", "percent": "0,36"}, EffortRate(3600)),
    "a rate, bounded": (
        {
            "by": "effort_rate",
            "of": "income",
            "percent": "100",
            "floor": "2,60",
            "ceiling": "4,50",
            "missing": "ceiling",
        },
        EffortRate(1_000_000, 260, 450, 450, Measure.INCOME),
    ),
    "a rate without a quotient": (
        {"by": "effort_rate", "percent": "0,0001", "ceiling": "4,50", "missing": "3,00"},
        EffortRate(1, None, 450, 300),
    ),
    "a count": ({"by": "rank", "prices": [ONE, "0,90"]}, ByCount(Counted.RANK, (FLAT, Fixed(90)))),
    "together": (
        {"by": "siblings_present", "prices": [ONE, ONE], "together": True},
        ByCount(Counted.SIBLINGS_PRESENT, (FLAT, FLAT), together=True),
    ),
    "situations": (
        {
            "by": "situation",
            "cases": [{"for": ["ccas", "nursery"], "name": "Aidés", "price": ONE}, {"for": ["a"], "price": ONE}],
            "otherwise": "3,00",
        },
        BySituation((Case(("ccas", "nursery"), FLAT, "Aidés"), Case(("a",), FLAT)), Fixed(300)),
    ),
    "situations only": (
        {"by": "situation", "cases": [{"for": ["a"], "price": ONE}]},
        BySituation((Case(("a",), FLAT),)),
    ),
    "a duration": ({"by": "duration", "minutes": 30, "price": ONE}, ByDuration(30, FLAT)),
    "a presumed duration": (
        {"by": "duration", "minutes": 30, "presumed": 60, "price": {"by": "rank", "prices": [ONE]}},
        ByDuration(30, ByCount(Counted.RANK, (FLAT,)), 60),
    ),
}

WHOLE = {
    "price": "3,85",
    "changes": [
        {"name": "2ᵉ enfant −10 %", "percent": -10, "when": {"rank": 2}},
        {"name": "Navette", "amount": "0,75", "when": {"for": ["minibus"]}},
        {"name": "Fratrie", "amount": "-0,50", "when": {"for": ["ccas"], "children_enrolled": {"least": 3}}},
        {"name": "Semaine", "percent": 5, "when": {"days_of_week": {"upto": 4}}},
        {"name": "Mercredis", "percent": -5, "when": {"days_of_week": {"least": 2, "upto": 4}}},
        {"name": "Goûter", "amount": "0,30"},
    ],
    "rounding": {"to": "0,05", "mode": "up", "at": "each_step"},
    "packages": [
        {
            "code": "annee",
            "name": "Forfait annuel",
            "per": "school_year",
            "price": {"by": "children_enrolled", "prices": ["90,00", "80,00"]},
            "for": "family",
            "everyone": True,
            "refund": "3,85",
            "installments": [9, 1, 4],
        },
        {"code": "carnet", "name": "Carnet", "sessions": 10, "price": "35,00", "includes_days": False},
    ],
    "caps": [
        {"amount": "60,00", "per": "month", "for": "child"},
        {"amount": "90,00", "per": "month", "for": "family"},
    ],
    "late_pickup": {"price": "10,00", "minutes": 15, "grace": 5},
    "components": [
        {"code": "7067", "name": "Repas", "amount": "2,00"},
        {"code": "7066", "percent": 40, "childcare": True, "cesu": True},
        {"code": "7588"},
    ],
    "note": "Tarif applicable aux agents : voir la délibération.",
}


class TestReading:
    @pytest.mark.parametrize("name", PRICES)
    def test_gives_the_value_and_writing_gives_the_text_again(self, name):
        written, amount = PRICES[name]

        assert read_tariff({"price": written}) == Tariff(amount)
        assert write_tariff(Tariff(amount)) == {"price": written}

    def test_takes_all_that_stands_around_the_price(self):
        tariff = read_tariff(WHOLE)

        assert tariff == Tariff(
            Fixed(385),
            changes=(
                Change("2ᵉ enfant −10 %", percent=-10, when=Condition((), Counted.RANK, 2, 2)),
                Change("Navette", cents=75, when=Condition(("minibus",))),
                Change("Fratrie", cents=-50, when=Condition(("ccas",), Counted.CHILDREN_ENROLLED, 3)),
                Change("Semaine", percent=5, when=Condition((), Counted.DAYS_OF_WEEK, 1, 4)),
                Change("Mercredis", percent=-5, when=Condition((), Counted.DAYS_OF_WEEK, 2, 4)),
                Change("Goûter", cents=30),
            ),
            rounding=Rounding(5, RoundingMode.UP, at_each_step=True),
            packages=(
                Package(
                    "annee",
                    "Forfait annuel",
                    ByCount(Counted.CHILDREN_ENROLLED, (Fixed(9000), Fixed(8000))),
                    Per.SCHOOL_YEAR,
                    scope=Scope.FAMILY,
                    is_for_all=True,
                    refund=385,
                    installments=(9, 1, 4),
                ),
                Package("carnet", "Carnet", Fixed(3500), sessions=10, includes_days=False),
            ),
            caps=(Cap(6000, Per.MONTH), Cap(9000, Per.MONTH, Scope.FAMILY)),
            late_pickup=LatePickup(1000, 15, 5),
            components=(
                Component("7067", "Repas", cents=200),
                Component("7066", percent=40, is_childcare=True, is_cesu=True),
                Component("7588"),
            ),
            note="Tarif applicable aux agents : voir la délibération.",
        )
        assert write_tariff(tariff) == WHOLE

    @pytest.mark.parametrize("at", ["end", "each_step"])
    def test_keeps_every_rounding_but_the_ordinary_one_which_is_not_written(self, at):
        rounding = {"to": "0,01", "mode": "half_up", "at": at}

        kept = write_tariff(read_tariff({"price": ONE, "rounding": rounding})).get("rounding")

        assert kept == (None if at == "end" else rounding)
        assert read_tariff({"price": ONE, "rounding": {}}) == Tariff(FLAT)
        assert read_tariff({"price": ONE, "rounding": {"at": at}}).rounding.at_each_step is (at == "each_step")

    def test_writes_what_is_said_in_two_ways_in_one(self):
        bands = [{"up_to": 308, "name": "1", "price": "1.00"}, {"up_to": "650,00", "price": "2 €"}, {"price": "3,00"}]
        months = [4, 9, 1]
        written = {
            "price": {"by": "quotient", "missing": 3, "bands": bands},
            "changes": [
                {"name": " Deux \n enfants ", "amount": "\N{MINUS SIGN}1,00", "when": {"rank": {"least": 2, "upto": 2}}}
            ],
            "packages": [{"code": "a", "name": "A", "per": "school_year", "price": ONE, "installments": months}],
            "caps": [{"amount": "60", "per": "month"}],
            "late_pickup": {"price": "1,00", "minutes": 15},
            "note": " ",
        }

        again = write_tariff(read_tariff(written))

        assert again["price"]["missing"] == "highest"
        assert [band.get("up_to") for band in again["price"]["bands"]] == ["308", "650", None]
        assert "name" not in again["price"]["bands"][0]
        assert again["changes"] == [{"name": "Deux enfants", "amount": "-1,00", "when": {"rank": 2}}]
        assert again["packages"][0]["installments"] == [9, 1, 4]
        assert again["caps"] == [{"amount": "60,00", "per": "month", "for": "child"}]
        assert again["late_pickup"] == {"price": "1,00", "minutes": 15}
        assert "note" not in again

    def test_takes_the_smallest_of_each_number(self):
        changes = [{"name": "A", "amount": "-0,01", "when": {"rank": {"upto": 1}}}]
        packages = [{"code": "a", "name": "A", "sessions": 1, "price": "0,00"}]

        tariff = read_tariff({**bands(UP, END, missing=1), "changes": changes, "packages": packages})

        assert (tariff.amount.missing, tariff.changes[0].cents, tariff.packages[0].sessions) == (0, -1, 1)
        assert tariff.changes[0].when == Condition((), Counted.RANK, 1, 1)
        assert write_tariff(tariff)["price"]["missing"] == "lowest"
        assert refused(package(sessions=0))[0] == "packages.0.sessions"
        assert write_tariff(Tariff(FLAT, (Change("A", cents=1),)))["changes"] == [{"name": "A", "amount": "0,01"}]

    def test_goes_as_deep_as_is_reasonable(self):
        assert read_tariff({"price": nested(ONE, DEEPEST)})
        assert refused({"price": nested(ONE, DEEPEST + 1)})[1].startswith("plus de")

    def test_takes_voted_amounts_that_are_multiples_of_the_rounding(self):
        by_duration = {"by": "duration", "minutes": 30, "price": "0,63"}
        many = {
            "by": "situation",
            "cases": [{"for": ["a"], "price": by_duration}],
            "otherwise": {"by": "effort_rate", "percent": "1", "ceiling": "4,50"},
        }

        assert read_tariff({"price": many, "rounding": {"to": "0,05"}})


def refused(written):
    with pytest.raises(InvalidTariffError) as raised:
        read_tariff(written)
    return raised.value.key, raised.value.reason


def bands(*rows, **more):
    return {"price": {"by": "quotient", "bands": list(rows), **more}}


def rate(**more):
    return {"price": {"by": "effort_rate", "percent": "0,36", **more}}


def change(**more):
    return {"price": ONE, "changes": [{"name": "A", **more}]}


def package(**more):
    return {"price": ONE, "packages": [{"code": "a", "name": "A", "price": ONE, **more}]}


def parts(*rows):
    return {"price": ONE, "components": list(rows)}


UP = {"up_to": 308, "price": ONE}
END = {"price": ONE}
ANY = "un montant entre guillemets"

REFUSED = {
    "nothing": (None, "tarif", "un groupe de champs est attendu"),
    "a list": ([], "tarif", "un groupe de champs est attendu"),
    "no price": ({}, "price", "le prix manque"),
    "an unknown field": ({"price": ONE, "prix": ONE}, "tarif", "champ inconnu « prix »"),
    "a number": ({"price": 3}, "price", "un prix est attendu"),
    "a group without by": ({"price": {"bands": []}}, "price", "un prix est attendu"),
    "a negative price": ({"price": "-1,00"}, "price", ANY),
    "no amount": ({"price": "gratuit"}, "price", ANY),
    "an enormous price": ({"price": "10000,01"}, "price", ANY),
    "an unknown way": ({"price": {"by": "age"}}, "price.by", "choix inconnu : « age »"),
    "a way that is a list": ({"price": {"by": []}}, "price.by", "choix inconnu"),
    "no bands": (bands(), "price.bands", "de 1 à 60 éléments"),
    "too many bands": (bands(*[END] * 61), "price.bands", "de 1 à 60 éléments"),
    "bands that are no list": ({"price": {"by": "quotient", "bands": {}}}, "price.bands", "une liste"),
    "a band that is no group": (bands("1,00"), "price.bands.0", "un groupe de champs"),
    "a band of two ends": (bands({**UP, "below": 5}), "price.bands.0.below", "une tranche n’a qu’une fin"),
    "an unknown field of a band": (bands({**UP, "from": 5}), "price.bands.0", "champ inconnu « from »"),
    "a bound of a fraction": (bands({"up_to": 308.5, "price": ONE}), "price.bands.0.up_to", "une borne"),
    "a bound that is yes": (bands({"up_to": True, "price": ONE}), "price.bands.0.up_to", "une borne"),
    "a bound in words": (bands({"up_to": "beaucoup", "price": ONE}), "price.bands.0.up_to", "une borne"),
    "a negative bound": (bands({"below": -1, "price": ONE}), "price.bands.0.below", "une borne"),
    "an enormous bound": (bands({"below": 1_000_001, "price": ONE}), "price.bands.0.below", "une borne"),
    "a band for nobody": (bands({"below": 0, "price": ONE}), "price.bands.0", "les bornes doivent aller en croissant"),
    "equal bounds": (bands(UP, UP), "price.bands.1", "les bornes doivent aller en croissant"),
    "a band of no cent": (bands(UP, {"below": "308,01", "price": ONE}), "price.bands.1", "les bornes doivent"),
    "bounds that decrease": (bands(UP, {"up_to": 300, "price": ONE}), "price.bands.1", "les bornes doivent"),
    "a band of no euro": (bands(UP, {"below": 309, "price": ONE}, whole=True), "price.bands.1", "les bornes doivent"),
    "cents when they do not count": (
        bands({"up_to": "308,50", "price": ONE}, whole=True),
        "price.bands.0",
        "une borne n’a pas de centimes",
    ),
    "a band after the last": (bands(END, UP), "price.bands.1", "la tranche d’avant n’a pas de fin"),
    "two bands of one name": (bands({**UP, "name": "2"}, END), "price.bands", "deux tranches ont le même nom"),
    "a missing quotient in no band": (bands(UP, missing=2), "price.missing", "« highest », « lowest », « none »"),
    "a missing quotient in band 0": (bands(UP, missing=0), "price.missing", "« highest »"),
    "a missing quotient that is yes": (bands(UP, missing=True), "price.missing", "« highest »"),
    "a price missing in a band": (bands({"up_to": 5}), "price.bands.0.price", "un prix est attendu"),
    "no rate": ({"price": {"by": "effort_rate"}}, "price.percent", "un pourcentage entre guillemets"),
    "a rate that is a number": (rate(percent=0.36), "price.percent", "un pourcentage entre guillemets"),
    "a rate of nothing": (rate(percent="0,0"), "price.percent", "un pourcentage entre guillemets"),
    "a rate too fine": (rate(percent="0,00001"), "price.percent", "un pourcentage entre guillemets"),
    "a rate of more than all": (rate(percent="100,0001"), "price.percent", "un pourcentage entre guillemets"),
    "a floor above the ceiling": (rate(floor="4,51", ceiling="4,50"), "price.floor", "le plancher est au-dessus"),
    "a ceiling that is not there": (rate(missing="ceiling"), "price.missing", "il n’y a pas de plafond"),
    "a missing rate in words": (rate(missing="highest"), "price.missing", ANY),
    "a missing rate that is a number": (rate(missing=4), "price.missing", "« ceiling » ou un montant"),
    "a rate of something else": (rate(of="age"), "price.of", "mesure inconnue"),
    "no prices": ({"price": {"by": "rank", "prices": []}}, "price.prices", "de 1 à 31 éléments"),
    "a bad price among others": ({"price": {"by": "rank", "prices": [ONE, 2]}}, "price.prices.1", "un prix"),
    "ranks together": (
        {"price": {"by": "rank", "prices": [ONE], "together": True}},
        "price.together",
        "seuls les enfants présents",
    ),
    "less for more children": (
        {"price": {"by": "siblings_present", "prices": ["2,00", ONE], "together": True}},
        "price.prices",
        "plus d’enfants ne peuvent pas coûter moins",
    ),
    "no cases": ({"price": {"by": "situation", "otherwise": ONE}}, "price.cases", "de 1 à 60 éléments"),
    "a case for nobody": ({"price": {"by": "situation", "cases": [{"price": ONE}]}}, "price.cases.0.for", "au moins"),
    "a case twice": (
        {"price": {"by": "situation", "cases": [{"for": ["a"], "price": ONE}, {"for": ["b", "a"], "price": ONE}]}},
        "price.cases.1.for",
        "« a » est déjà dans un autre cas",
    ),
    "an unknown field of a case": (
        {"price": {"by": "situation", "cases": [{"for": ["a"], "price": ONE, "prix": ONE}]}},
        "price.cases.0",
        "champ inconnu",
    ),
    "no duration": ({"price": {"by": "duration", "price": ONE}}, "price.minutes", "de 1 à 1440"),
    "no presumed minute": (
        {"price": {"by": "duration", "minutes": 30, "presumed": 0, "price": ONE}},
        "price.presumed",
        "de 1 à 1440",
    ),
    "a duration of durations": (
        {"price": {"by": "duration", "minutes": 30, "price": nested({"by": "duration", "minutes": 5}, 1)}},
        "price.price.prices.0.by",
        "une durée ne se compte pas deux fois",
    ),
    "a change without a name": ({"price": ONE, "changes": [{"percent": 5}]}, "changes.0.name", "un nom"),
    "a change without an effect": (change(), "changes.0", "ou « percent », ou « amount »"),
    "a change of two effects": (change(percent=5, amount=ONE), "changes.0", "ou « percent », ou « amount »"),
    "a change of nothing": (change(amount="0,00"), "changes.0", "ne change rien"),
    "a change of 0 %": (change(percent=0), "changes.0", "ne change rien"),
    "a reduction of more than all": (change(percent=-101), "changes.0.percent", "de -100 à 500"),
    "a change in numbers": (change(amount=2), "changes.0.amount", ANY),
    "a condition on nothing": (change(percent=5, when={}), "changes.0.when", "« for » ou un compte"),
    "a condition on two counts": (
        change(percent=5, when={"rank": 2, "days_of_week": 2}),
        "changes.0.when.days_of_week",
        "ne compte qu’une chose",
    ),
    "a condition that is always met": (change(percent=5, when={"rank": {}}), "changes.0.when.rank", "toujours remplie"),
    "a condition never met": (
        change(percent=5, when={"rank": {"least": 3, "upto": 2}}),
        "changes.0.when.rank.upto",
        "",
    ),
    "a count of 0": (change(percent=5, when={"rank": 0}), "changes.0.when.rank", "un nombre de 1 à 31"),
    "a count that is yes": (change(percent=5, when={"rank": True}), "changes.0.when.rank", "un nombre de 1 à 31"),
    "a count in words": (change(percent=5, when={"rank": "deux"}), "changes.0.when.rank", "un nombre de 1 à 31"),
    "an unknown condition": (change(percent=5, when={"for": ["a"], "age": 2}), "changes.0.when", "champ inconnu"),
    "an unknown field of a condition": (change(percent=5, when={"rank": {"most": 2}}), "changes.0.when.rank", "champ"),
    "an unknown field of a change": (change(percent=5, who=2), "changes.0", "champ inconnu"),
    "no changes": ({"price": ONE, "changes": []}, "changes", "de 1 à 60 éléments"),
    "a rounding to nothing": ({"price": ONE, "rounding": {"to": "0,00"}}, "rounding.to", "plus de 0,00"),
    "an unknown rounding": ({"price": ONE, "rounding": {"mode": "best"}}, "rounding.mode", "arrondi inconnu"),
    "a rounding never": ({"price": ONE, "rounding": {"at": "never"}}, "rounding.at", "« end »"),
    "an unknown field of a rounding": ({"price": ONE, "rounding": {"x": 1}}, "rounding", "champ inconnu"),
    "a price that the rounding changes": ({"price": "3,82", "rounding": {"to": "0,05"}}, "price", "3,82"),
    "a floor that the rounding changes": (
        {"price": {"by": "rank", "prices": [rate(floor="2,61")["price"]]}, "rounding": {"to": "0,05"}},
        "price",
        "2,61",
    ),
    "a unit that the rounding changes": (
        {"price": {"by": "duration", "minutes": 5, "price": "0,63"}, "rounding": {"to": "0,05", "at": "each_step"}},
        "price",
        "0,63",
    ),
    "a package that the rounding changes": (
        {**package(per="month", price="9,99"), "rounding": {"to": "0,05"}},
        "packages.0.price",
        "9,99",
    ),
    "a package of no span": (package(), "packages.0", "ou bien une durée (per)"),
    "a package of both": (package(per="month", sessions=10), "packages.0", "ou bien une durée (per)"),
    "a package of a week": (package(per="week"), "packages.0.per", "« month » ou « school_year »"),
    "a package of an unknown span": (package(per="day"), "packages.0.per", "durée inconnue"),
    "a package without a code": (package(per="month", code=""), "packages.0.code", "un nom"),
    "a package by duration": (
        package(per="month", price={"by": "duration", "minutes": 5, "price": ONE}),
        "packages.0.price",
        "ne dépend pas de ce qui se passe un jour",
    ),
    "a package by presence": (
        package(per="month", price={"by": "rank_present", "prices": [ONE]}),
        "packages.0.price",
        "ne dépend pas de ce qui se passe un jour",
    ),
    "installments of a month": (package(per="month", installments=[9]), "packages.0.installments", "seul un forfait"),
    "a thirteenth month": (package(per="school_year", installments=[13]), "packages.0.installments", "de 1 à 12"),
    "a month that is yes": (package(per="school_year", installments=[True]), "packages.0.installments", "de 1 à 12"),
    "months in words": (package(per="school_year", installments="mai"), "packages.0.installments", "de 1 à 12"),
    "a month twice": (package(per="school_year", installments=[9, 9]), "packages.0.installments", "deux fois"),
    "a refund of a day that is paid": (
        package(per="month", refund=ONE, includes_days=False),
        "packages.0.refund",
        "n’est pas à rendre",
    ),
    "a package for whom": (package(per="month", **{"for": "school"}), "packages.0.for", "« child » ou « family »"),
    "an unknown field of a package": (package(per="month", x=1), "packages.0", "champ inconnu"),
    "two packages of one code": (
        {"price": ONE, "packages": package(per="month")["packages"] * 2},
        "packages",
        "deux forfaits ont le même code",
    ),
    "a cap of nothing": ({"price": ONE, "caps": [{"amount": "0,00", "per": "month"}]}, "caps.0.amount", "plus de 0,00"),
    "a cap of no span": ({"price": ONE, "caps": [{"amount": ONE}]}, "caps.0.per", "durée inconnue"),
    "an unknown field of a cap": ({"price": ONE, "caps": [{"amount": ONE, "per": "month", "x": 1}]}, "caps.0", "champ"),
    "two caps on one span": (
        {"price": ONE, "caps": [{"amount": ONE, "per": "month"}, {"amount": "2,00", "per": "month"}]},
        "caps",
        "deux plafonds",
    ),
    "a late pickup of no time": ({"price": ONE, "late_pickup": {"price": ONE}}, "late_pickup.minutes", "de 1 à 1440"),
    "a late pickup that is free": (
        {"price": ONE, "late_pickup": {"price": "0,00", "minutes": 15}},
        "late_pickup.price",
        "plus de 0,00",
    ),
    "an unknown field of a late pickup": (
        {"price": ONE, "late_pickup": {"price": ONE, "minutes": 15, "x": 1}},
        "late_pickup",
        "champ inconnu",
    ),
    "a part of two kinds": (
        parts({"code": "a", "amount": ONE, "percent": 5}),
        "components.0.percent",
        "une part est un montant, un pourcentage, ou ce qui reste",
    ),
    "a part of more than all": (parts({"code": "a", "percent": 101}), "components.0.percent", "de 1 à 100"),
    "a part without a code": (parts({"name": "A"}), "components.0.code", "un nom"),
    "an unknown field of a part": (parts({"code": "a", "x": 1}), "components.0", "champ inconnu"),
    "nothing that takes the rest": (parts({"code": "a", "percent": 50}), "components", "et une seule"),
    "two that take the rest": (parts({"code": "a"}, {"code": "b"}), "components", "et une seule"),
    "percentages of more than all": (
        parts({"code": "a", "percent": 60}, {"code": "b", "percent": 41}, {"code": "c"}),
        "components",
        "les pourcentages dépassent 100",
    ),
    "a code that the ledger cannot keep": (
        {"price": ONE, "components": [{"code": "7" * 21}]},
        "components.0.code",
        "20 signes au plus sont attendus",
    ),
    "a package whose code no line can keep": (
        {"price": ONE, "packages": [{"code": "f" * 41, "name": "Forfait", "per": "month", "price": ONE}]},
        "packages.0.code",
        "40 signes au plus sont attendus",
    ),
    "a band whose name no line can keep": (
        {"price": {"by": "quotient", "bands": [{"name": "t" * 41, "price": ONE}]}},
        "price.bands.0.name",
        "40 signes au plus sont attendus",
    ),
    "a change told at length": (
        {"price": ONE, "changes": [{"name": "x" * 101, "percent": -10}]},
        "changes.0.name",
        "100 signes au plus sont attendus",
    ),
    "a note that is a number": ({"price": ONE, "note": 3}, "note", "du texte est attendu"),
}


class TestWhatIsRefused:
    @pytest.mark.parametrize("name", REFUSED)
    def test_is_said_with_its_key(self, name):
        written, key, reason = REFUSED[name]

        said = refused(written)

        assert said[0] == key
        assert reason.replace(" ", "") in said[1].replace("\N{NO-BREAK SPACE}", "").replace(" ", "")

    def test_is_one_sentence_that_begins_with_the_key(self):
        with pytest.raises(InvalidTariffError, match=r"^price : le prix manque$"):
            read_tariff({})
