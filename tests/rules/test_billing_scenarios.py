"""The scenarios that accountants can read: what was lived, and the invoice that must come of it."""

import pytest

from tests.rules.billing_scenarios import (
    FOLDER,
    ScenarioError,
    expected_in_words,
    found_in_words,
    played,
    scenarios_of,
)

FILES = sorted(FOLDER.glob("*.yaml"))
SCENARIOS = [scenario for path in FILES for scenario in scenarios_of(path)]
PURE = [scenario for scenario in SCENARIOS if scenario.is_pure]


def test_there_are_at_least_forty_and_each_has_its_own_name():
    titles = [scenario.title for scenario in SCENARIOS]

    assert len(titles) >= 40
    assert len(set(titles)) == len(titles)
    assert sum(scenario.in_database for scenario in SCENARIOS) >= 8


@pytest.mark.parametrize("scenario", PURE, ids=lambda scenario: scenario.title)
def test_comes_out_as_written(scenario):
    for step, draft, noted in played(scenario):
        found = found_in_words(scenario, draft, noted, step.expected)

        assert found == expected_in_words(step.expected), f"{scenario.where}, facturation de la ligne {step.line}"


@pytest.mark.parametrize("scenario", PURE, ids=lambda scenario: scenario.title)
def test_sums_are_exact(scenario):
    for _step, draft, _noted in played(scenario):
        if draft is None:
            continue
        assert draft.total == sum(line.total for line in draft.lines)
        assert all(sum(share.cents for share in line.shares) == line.total for line in draft.lines)
        assert all(sum(step.cents for step in line.steps) == line.charge.cents for line in draft.lines)
        assert draft.total == sum(draft.revenue.values()) - sum(draft.third_parties.values())


GOOD = """\
tarifs: {repas: {price: "3,00"}}
scénarios:
- titre: Un essai
  foyer: {enfants: {Léa: {}}}
  prestations: {cantine: {tarif: repas}}
  faits:
  - {enfant: Léa, réservés: 2}
  attendu: {total: "3,00"}
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("enfant: Léa,", "enfant: Zoé,", "essai.yaml:7"),
        ("réservés: 2", "réservés: 31", "essai.yaml:7"),
        ("réservés: 2", "réserves: 2", "essai.yaml:7"),
        ("réservés: 2", "réservés: 2, hors délai: beaucoup", "essai.yaml:7"),
        ("tarif: repas", "tarif: autre", "essai.yaml:5"),
        ('price: "3,00"', 'price: "trois"', "essai.yaml:1"),
        ("total:", "totaux:", "essai.yaml:8"),
        ("titre: Un essai", "titre: Un essai\n  moi: 2026-11", "essai.yaml:3"),
        ("foyer: {enfants", "foyer: {enfant", "essai.yaml:4"),
        ("scénarios:", "scénarios: [", "essai.yaml"),
    ],
)
def test_a_fault_is_said_with_its_line(tmp_path, old, new, said):
    path = tmp_path / "essai.yaml"
    path.write_text(GOOD)
    assert len(scenarios_of(path)) == 1

    path.write_text(GOOD.replace(old, new, 1))

    with pytest.raises(ScenarioError, match=said):
        scenarios_of(path)


def test_a_wrong_expectation_is_seen(tmp_path):
    path = tmp_path / "essai.yaml"
    path.write_text(GOOD.replace('total: "3,00"', 'total: "3,01"'))
    (scenario,) = scenarios_of(path)
    ((step, draft, noted),) = played(scenario)

    assert found_in_words(scenario, draft, noted, step.expected) != expected_in_words(step.expected)


def test_the_example_of_the_documentation_comes_out_as_written(tmp_path):
    page = (FOLDER.parents[2] / "docs" / "formats.md").read_text()
    path = tmp_path / "exemple.yaml"
    path.write_text("tarifs:  #" + page.partition("```yaml\ntarifs:  ")[2].partition("```")[0])
    (scenario,) = scenarios_of(path)

    for step, draft, noted in played(scenario):
        assert found_in_words(scenario, draft, noted, step.expected) == expected_in_words(step.expected)
