"""`marelle tariffs check`: the published price lists in our own form, those of the corpus, and what cannot be read."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marelle.commands.line import main
from marelle.commands.published_rules.cases import Standing
from marelle.commands.published_tariffs.reading import read_worked
from marelle.commands.published_tariffs.worked import judge

PROJECT = Path(__file__).resolve().parents[2]
LISTS = sorted((PROJECT / "tests" / "scenarios" / "tarifs").glob("*.yaml"))
CORPUS = Path(os.environ.get("MARELLE_CORPUS") or PROJECT.parent / "shared" / "rules" / "communes.yaml")
PUBLISHED_PRICES = 34

HEAD = """\
tariffs:
- id: cantine
  name: Essai-sur-Rien
  product: Repas
"""
BANDS = """\
  price: {by: quotient, missing: highest, bands: [{up_to: 308, price: "1,00"}, {price: "2,00"}]}
  changes: [{name: 2ᵉ enfant, percent: -10, when: {rank: 2}}]
"""


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.fixture
def check(tmp_path, capsys):
    """What the command says of some texts: its status, its lines, its faults."""

    def check(*texts):
        paths = []
        for number, text in enumerate(texts):
            path = tmp_path / f"essai{number}.yaml"
            path.write_text(text, encoding="utf-8")
            paths.append(str(path))
        status = main(["tariffs", "check", *paths])
        said = capsys.readouterr()
        folder = f"{tmp_path}{os.sep}"
        return status, plain(said.out).replace(folder, ""), plain(said.err).replace(folder, "")

    return check


def own(*prices, tariff=BANDS):
    lines = "".join(f"  - {{{price}}}\n" for price in prices)
    return f"{HEAD}{tariff}  prices:\n{lines}" if prices else f"{HEAD}{tariff}"


def outcome(check, *prices, tariff=BANDS):
    """The closing line of one list of our own."""
    status, out, err = check(own(*prices, tariff=tariff))
    assert (status, err) in {(0, ""), (1, "")}, err
    return out.splitlines()[-1]


PASSED, FAILED, SKIPPED = (
    "1 passed, 0 failed, 0 skipped",
    "0 passed, 1 failed, 0 skipped",
    "0 passed, 0 failed, 1 skipped",
)


class TestThePublishedLists:
    @pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
    def test_come_out_as_their_texts_say(self, path, capsys):
        assert main(["tariffs", "check", str(path)]) == 0
        assert re.fullmatch(r"\d+ passed, 0 failed, 0 skipped\n", capsys.readouterr().out)

    def test_are_all_there(self):
        worked = [one for path in LISTS for one in read_worked(path)]

        assert len(worked) >= PUBLISHED_PRICES + 40
        # Nothing passes by having no price to be found.
        assert sum(one.expected is None for one in worked) <= 5

    @pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
    def test_would_not_come_out_right_had_their_texts_said_otherwise(self, path, check):
        text = re.sub(r'expected: "(\d)', lambda found: f'expected: "{(int(found[1]) + 1) % 10}', path.read_text())

        status, out, _err = check(text)

        assert status == 1
        assert int(out.splitlines()[-1].split()[0]) == path.read_text().count("expected: none")


@pytest.mark.skipif(
    not CORPUS.is_file(),
    reason=f"NOT PROVEN HERE: the published rules are not at {CORPUS}; name their file in MARELLE_CORPUS",
)
class TestTheCorpus:
    def test_comes_out_as_its_texts_say(self, capsys):
        assert main(["tariffs", "check", str(CORPUS)]) == 0
        assert capsys.readouterr().out == f"{PUBLISHED_PRICES} passed, 0 failed, 0 skipped\n"

    def test_has_each_of_its_prices_in_a_list_of_our_own(self):
        own_lists = {one.place.split(": ")[1].partition(",")[0] for path in LISTS for one in read_worked(path)}
        published = {one.place.split(": ")[1].partition(",")[0] for one in read_worked(CORPUS)}

        # A list may be cut by product: `civray-une-seance`.
        assert {name for name in published if not any(name.startswith(one.split("-")[0]) for one in own_lists)} <= {
            "milly-sur-therain"
        }
        assert any(one.startswith("milly") for one in own_lists)


class TestTheReport:
    def test_says_nothing_but_the_closing_line_when_all_is_right(self, check):
        assert check(own('quotient: 308, expected: "1,00"')) == (0, f"{PASSED}\n", "")

    def test_explains_a_disagreement_with_its_steps(self, check):
        status, out, _err = check(own('quotient: 309, rank: 2, expected: "2,00", why: "le texte le dit"'))

        assert status == 1
        assert out.splitlines() == [
            "essai0.yaml:8: cantine, Repas",
            "  quotient : 309, rank : 2",
            "  attendu : 2,00 € ; trouvé : 1,80 €",
            "    Quotient 309 → tranche 2 : 2,00 €",
            "    2ᵉ enfant : − 0,20 €",
            "  le fichier dit : le texte le dit",
            "",
            FAILED,
        ]

    def test_says_why_there_is_no_price(self, check):
        bands = '  price: {by: quotient, bands: [{up_to: 308, price: "1,00"}]}\n'

        out = check(own('quotient: 309, expected: "1,00"', 'expected: "1,00"', tariff=bands))[1]

        assert "  attendu : 1,00 € ; trouvé : pas de prix\n    aucune tranche n’est pour ce quotient\n" in out
        assert "    le quotient ou le revenu manque\n" in out

    def test_says_a_price_where_none_was_expected(self, check):
        assert "  attendu : pas de prix ; trouvé : 2,00 €\n" in check(own("expected: none"))[1]

    def test_counts_what_is_skipped_by_kind(self, check):
        status, out, _err = check(own("expected: ambiguous", "expected: ambiguous, rank: 2", 'expected: "2,00"'))

        assert status == 0
        assert out == ("Ignorés :\n    2 ambiguous : le texte publié ne tranche pas\n\n1 passed, 0 failed, 2 skipped\n")

    def test_has_one_closing_line_for_all_the_files(self, check):
        assert check(own('expected: "2,00"'), own('expected: "3,00"'))[1].splitlines()[-1] == (
            "1 passed, 1 failed, 0 skipped"
        )


class TestWhatAWorkedPriceSays:
    @pytest.mark.parametrize(
        "price",
        [
            'quotient: "308,01", expected: "2,00"',
            'rank: 2, expected: "1,80"',
            'ruled: {more: "0,50"}, expected: "2,50"',
            'ruled: {instead: "7,50"}, expected: "7,50"',
            'ruled: {more_percent: 50}, quotient: 0, expected: "1,50"',
            'ruled: nothing, expected: "0,00"',
            'home: 2, expected: "3,80"',
            'home: 2, ruled: {more: "1,00"}, expected: "5,80"',
        ],
    )
    def test_of_a_day(self, check, price):
        assert outcome(check, price) == PASSED

    @pytest.mark.parametrize(
        "price",
        [
            'package: mois, expected: "30,00"',
            'package: mois, children_enrolled: 2, refunded: 2, expected: "18,00"',
            'late_pickup: 16, expected: "20,00"',
            'late_pickup: 0, expected: "0,00"',
            'minutes: 31, expected: "2,00"',
            'minutes: 31, situations: [ccas], expected: "1,00"',
            "expected: none",
            "home: 2, expected: none",
        ],
    )
    def test_of_what_stands_around_a_day(self, check, price):
        tariff = """\
  price: {by: duration, minutes: 30, price: {by: situation, cases: [{for: [ccas], price: "0,50"}], otherwise: "1,00"}}
  packages:
  - code: mois
    name: Mois
    per: month
    price: {by: children_enrolled, prices: ["30,00", "24,00"]}
    refund: "3,00"
  - {code: revenu, name: Revenu, per: month, price: {by: income, bands: [{price: "1,00"}]}}
  late_pickup: {price: "10,00", minutes: 15}
"""
        assert outcome(check, price, tariff=tariff) == PASSED
        assert outcome(check, 'package: revenu, income: 5, expected: "1,00"', tariff=tariff) == PASSED
        assert outcome(check, "package: revenu, refunded: 2, expected: none", tariff=tariff) == PASSED


UNREADABLE = {
    "nothing": ("", "essai0.yaml:1: le fichier doit avoir une liste « tariffs »"),
    "another list": ("prix: []\n", "essai0.yaml:1: le fichier doit avoir une liste « tariffs »"),
    "no list": ("tariffs: 3\n", "essai0.yaml:1: le fichier doit avoir une liste « tariffs »"),
    "no tariff": ("tariffs:\n- 3\n", "essai0.yaml:2: tariffs[1] : un groupe de champs est attendu"),
    "no identifier": ("tariffs:\n- {price: '1,00'}\n", "essai0.yaml:2: tariffs[1].id : un nom est attendu"),
    "a bad tariff": (own(tariff="  price: 3\n"), "essai0.yaml:5: tariffs[1].price : un prix est attendu"),
    "a bad price in a list": (
        own(tariff='  price:\n    by: rank\n    prices:\n    - "1,00"\n    - 2\n'),
        "essai0.yaml:9: tariffs[1].price.prices[2] : un prix est attendu",
    ),
    "a bad date": (own(tariff='  price: "1,00"\n  valid_from: demain\n'), "essai0.yaml:6: tariffs[1].valid_from"),
    "a bad name": (own(tariff='  price: "1,00"\n  url: 3\n'), "essai0.yaml:6: tariffs[1].url : du texte"),
    "prices in no list": (f"{HEAD}{BANDS}  prices: 3\n", "essai0.yaml:7: tariffs[1].prices : une liste est attendue"),
    "a price that is no group": (
        f"{HEAD}{BANDS}  prices: [3]\n",
        "essai0.yaml:7: tariffs[1].prices[1] : un groupe de champs est attendu",
    ),
    "a price without what is expected": (own("rank: 2"), "tariffs[1].prices[1].expected : ce champ est obligatoire"),
    "a price expected in numbers": (own("expected: 2"), "tariffs[1].prices[1].expected : un montant entre guillemets"),
    "an unknown field": (
        own('age: 3, expected: "1,00"'),
        "essai0.yaml:8: tariffs[1].prices[1] : champ inconnu « age »",
    ),
    "an unknown field of an ambiguous price": (own("age: 3, expected: ambiguous"), "champ inconnu « age »"),
    "a bad quotient": (own('quotient: 1.5, expected: "1,00"'), "tariffs[1].prices[1].quotient : une borne"),
    "no such package": (
        own('package: mois, expected: "1,00"'),
        "prices[1].package : aucun forfait n’a le code « mois »",
    ),
    "no price of a late pickup": (
        own('late_pickup: 3, expected: "1,00"'),
        "prices[1].late_pickup : ce tarif ne dit rien",
    ),
    "a bad rule": (own('ruled: {more: 3}, expected: "1,00"'), "prices[1].ruled.more : un montant entre guillemets"),
    "a bad YAML": ("tariffs: [\n", "ce n’est pas du YAML valable"),
    "a corpus of another shape": ("communes: 3\n", "essai0.yaml:1: communes : une liste est attendue"),
}


class TestWhatCannotBeRead:
    @pytest.mark.parametrize("name", UNREADABLE)
    def test_is_said_with_its_line_and_its_key(self, check, name):
        text, fault = UNREADABLE[name]

        status, out, err = check(text)

        assert (status, out) == (2, "")
        assert fault in err
        assert err.endswith("marelle : essai0.yaml ne peut pas être lu.\n")

    def test_does_not_keep_the_others_from_being_checked(self, check, capsys):
        status, out, err = check("tariffs: 3\n", own('expected: "9,00"'))

        assert status == 2
        assert out.splitlines()[-1] == FAILED
        assert "essai0.yaml" in err

    def test_is_a_file_that_is_not_there(self, capsys, tmp_path):
        assert main(["tariffs", "check", str(tmp_path / "rien.yaml")]) == 2
        assert "n’existe pas" in capsys.readouterr().err

    def test_is_every_fault_of_a_file_at_once(self, check):
        err = check(own("expected: 2", "rank: 2", 'expected: "2,00"'))[2]

        assert len(err.splitlines()) == 3


def published(tariffs, *cases, services=""):
    """A corpus of one authority with these tariffs; a case is its input and what is expected."""
    lines = "".join(f"  - {{action: price, input: {{{given}}}, expected: {expected}}}\n" for given, expected in cases)
    return f"tariff_only:\n- id: essai\n  tariffs: {tariffs}\n{services}  cases:\n{lines}"


BY_QUOTIENT = "{basis: quotient, bands: [{qf_max: 308, meal: 1.1}, {qf_max: null, meal: 2.2}]}"
COLUMNS = "{bands: [{qf_max: 599, day: 2, half: 1}, {qf_min: 600, day: 4, half: 3}]}"
SERVICE = "  services:\n  - {id: cantine, kind: cantine, %s}\n"
EXPRESSED = {
    "bands": (BY_QUOTIENT, "qf: 308", 1.1),
    "bands at the cent": (BY_QUOTIENT, "qf: 308.01", 2.2),
    "bands of whole numbers": (COLUMNS, "qf: 599.99, unit: day", 2),
    "a column of bands": (COLUMNS, "qf: 600, unit: half", 3),
    "bands that exclude their end": (
        "{bands: [{qf_below: 700, meal: 1}, {qf_min: 700, qf_max: 900, meal: 2}, {qf_above: 900, meal: 3}]}",
        "qf: 700",
        2,
    ),
    "no proof": ("{bands: [{qf_max: 1, meal: 1}, {meal: 2}], no_proof: lowest}", "qf: null", 1),
    "outsiders": ("{bands: [{inside: 1, outside: 2}]}", "qf: 1, outside: true", 2),
    "ranks": ("{bands: [{rank: [3, 2]}]}", "qf: 1, rank: 5", 2),
    "half hours": ("{unit: half_hour, bands: [{price: 0.4}]}", "qf: 1, half_hours: 3", 1.2),
    "a rate": ("{basis: effort_rate, rate_percent: 0.36, floor: 2.6, ceiling: 4.5}", "qf: 1000", 3.6),
    "a flat price": ("{flat: 3.8}", "unit: meal", 3.8),
    "another place": ("{flat: 3.8, out_of_grouping: 4.15}", "outside: true", 4.15),
    "levels": ("{nursery: 1, elementary: 2}", "level: nursery", 1),
    "children together": (
        "{basis: siblings_present_that_day, unit: day_family, one: 2, two_or_more: 3}",
        "children_present_that_day: 3, siblings: 5",
        3,
    ),
    "sessions": ("{day_one: 1, day_both: 2, third_child_both: 1.5}", "sessions: [a, b], child_rank: 4", 1.5),
    "one session": ("{day_one: 1, day_both: 2}", "sessions: [a]", 1),
    "a late pickup": ("{late_pickup_per_15_min: 10}", "late_pickup_minutes: 20", 20),
    "a service": ("{meal: 3.5, bus_extra: 0.75}", "service: meal, bus: true", 4.25),
    "a service unbooked": ("{meal: 3.5, unbooked_meal: 5.49}", "service: meal, unbooked: true", 5.49),
    "a service by quotient": ("{day_by_qf: [{qf_max: 9, day: 1}, {day: 2}]}", "service: day, qf: 10", 2),
    "a card": ("{card: {one_child: 59}, refund_per_meal: 3.85}", "card: true, refunded_meals: 2", 51.3),
    "no card": ("{occasional: {one: 4, two: 3}}", "occasional: true, children: 2, unit: meal", 3),
}
SKIPPED_BY = {
    "unpublished": ("unpublished", "qf: 1", "tarifs non publiés"),
    "a note": ("{note: by income}", "qf: 1", "liste de prix d’une forme inconnue"),
    "an unknown field": ("{flat: 3, weekend: 4}", "unit: meal", "champ inconnu « weekend » du tarif"),
    "an unknown input": ("{flat: 3}", "age: 3", "champ inconnu « age » de « input »"),
    "a price in words": ("{flat: trois}", "unit: meal", "« trois » n’est pas un nombre"),
    "a price that is yes": ("{flat: true}", "unit: meal", "« True » n’est pas un nombre"),
    "a price of half a cent": ("{flat: 3.005}", "unit: meal", "« 3.005 » n’est pas un montant au centime"),
    "a negative price": ("{flat: -3}", "unit: meal", "« -3 » n’est pas un montant au centime"),
    "a price that is infinite": ("{flat: .inf}", "unit: meal", "« inf » n’est pas un nombre"),
    "a column that is not said": (COLUMNS, "qf: 1", "le cas ne dit pas de quelle unité est le prix"),
    "a column that is not there": (COLUMNS, "qf: 1, unit: week", "aucun prix n’est publié par « week »"),
    "a gap between bands": (
        "{bands: [{qf_max: 1, a: 1}, {qf_min: 5, a: 2}]}",
        "qf: 1",
        "une tranche ne commence pas où finit celle d’avant",
    ),
    "a band after the last": (
        "{bands: [{a: 1}, {qf_max: 5, a: 2}]}",
        "qf: 1",
        "une tranche suit celle qui n’a pas de fin",
    ),
    "bands of nothing": ("{day_by_qf: []}", "service: day", "aucune tranche"),
    "no proof, somehow": ("{bands: [{a: 1}], no_proof: maybe}", "qf: 1", "« no_proof » n’est ni highest ni lowest"),
    "two prices in a band": ("{day_by_qf: [{a: 1, b: 2}]}", "service: day", "une tranche n’a pas un seul prix"),
    "another level": ("{nursery: 1, elementary: 2}", "level: lycee", "niveau inconnu « lycee »"),
    "children together, each": (
        "{basis: siblings_present_that_day, one: 2}",
        "children_present_that_day: 1",
        "le prix des enfants présents n’est pas celui de la famille",
    ),
    "children together, none": (
        "{basis: siblings_present_that_day, unit: day_family}",
        "children_present_that_day: 1",
        "aucun prix pour un, deux, trois enfants",
    ),
    "so many sessions": ("{day_one: 1}", "sessions: [a, b, c]", "aucun prix n’est publié pour tant de séances"),
    "no late pickup": ("{flat: 1}", "late_pickup_minutes: 20", "aucun prix de retard par tranche n’est publié"),
    "no service": ("{meal: 3.5}", "service: snack", "aucun prix n’est publié pour « snack »"),
    "no price unbooked": ("{meal: 3}", "service: meal, unbooked: true", "aucun prix sans réservation n’est publié"),
    "no card": ("{flat: 3}", "card: true", "aucune carte n’est publiée"),
    "no occasional price": ("{flat: 3}", "occasional: true", "aucun prix occasionnel n’est publié"),
    "a flag in words": ("{flat: 3}", "outside: maybe", "« outside » du cas n’est ni oui ni non"),
    "a rank in words": ("{flat: 3}", "rank: premier", "« rank » du cas n’est pas un nombre entier"),
    "a unit that is a list": ("{flat: 3}", "unit: [a]", "« unit » du cas n’est pas un mot"),
}


class TestTheListsOfACorpus:
    @pytest.mark.parametrize("name", EXPRESSED)
    def test_are_expressed_where_their_fields_suffice(self, check, name):
        tariffs, given, expected = EXPRESSED[name]

        assert check(published(tariffs, (given, expected))) == (0, f"{PASSED}\n", "")
        assert check(published(tariffs, (given, 99)))[0] == 1

    @pytest.mark.parametrize("name", SKIPPED_BY)
    def test_are_skipped_with_the_reason_where_they_do_not(self, check, name):
        tariffs, given, reason = SKIPPED_BY[name]

        assert check(published(tariffs, (given, 1))) == (
            0,
            f"Ignorés :\n    1 not expressed : {reason}\n\n{SKIPPED}\n",
            "",
        )

    @pytest.mark.parametrize(
        ("rule", "given", "expected", "line"),
        [
            ("no_show: {extra: 0.5}", "no_show: true", 4.3, PASSED),
            ("unbooked_presence: {price: 10}", "unbooked: true", 10, PASSED),
            ("unbooked_presence: double", "unbooked: true", 10, SKIPPED),
            ("no_show: {extra: 0.5, for: some}", "no_show: true", 4.3, SKIPPED),
        ],
    )
    def test_take_what_is_not_an_ordinary_price_from_the_service(self, check, rule, given, expected, line):
        text = f"communes:\n- id: essai\n  tariffs: {{flat: 3.8}}\n{SERVICE % rule}  cases:\n  - {{action: price, "
        text += f"service: cantine, input: {{{given}}}, expected: {expected}}}\n"

        assert check(text)[1].splitlines()[-1] == line
        assert check(text.replace("service: cantine", "service: garderie"))[1].splitlines()[-1] == SKIPPED

    @pytest.mark.parametrize(
        ("case", "kind"),
        [
            ("{action: price, input: {}, expected: ambiguous}", "ambiguous : le texte publié ne tranche pas"),
            ("{action: price, expected: 3}", "not expressed : cas sans « input »"),
            ("{action: price, input: {}, expected: 3, who: x}", "not expressed : champ inconnu « who » du cas"),
            ("{action: price, input: {}, expected: cher}", "not expressed : « cher » n’est pas un nombre"),
        ],
    )
    def test_have_cases_that_are_skipped_too(self, check, case, kind):
        assert kind in check(f"tariff_only:\n- id: essai\n  tariffs: {{flat: 3}}\n  cases:\n  - {case}\n")[1]

    def test_leave_the_other_cases_to_the_check_of_rules(self, check):
        other = "tariff_only:\n- id: essai\n  cases:\n  - {action: book, expected: allowed}\n"

        assert check(other)[1] == "0 passed, 0 failed, 0 skipped\n"


WORDS = [
    "bands",
    "flat",
    "qf",
    "qf_max",
    "qf_min",
    "rank",
    "unit",
    "card",
    "one",
    "meal",
    "service",
    "outside",
    "sessions",
]
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 900) | st.floats() | st.sampled_from(WORDS),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inside, max_size=4),
    max_leaves=12,
)


@pytest.mark.law
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.dictionaries(st.sampled_from(WORDS), anything, max_size=5), st.dictionaries(st.sampled_from(WORDS), anything))
def test_no_list_of_a_corpus_whatever_it_holds_breaks_the_check(tmp_path, tariffs, given):
    from ruamel.yaml import YAML

    path = tmp_path / "essai.yaml"
    case = {"action": "price", "input": given, "expected": 3}
    YAML(typ="safe").dump({"tariff_only": [{"id": "essai", "tariffs": tariffs, "cases": [case]}]}, path)

    (verdict,) = [judge(worked) for worked in read_worked(path)]

    assert verdict.standing in set(Standing)
