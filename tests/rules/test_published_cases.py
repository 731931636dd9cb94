"""What real authorities publish, read in our own forms: each settled case must come out as their text says.

The cases are kept apart from the project, in a file that MARELLE_CORPUS names, or beside the project as below; nothing
of it is copied here. They are read, expressed and decided by what `marelle rules check` uses.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from marelle.commands.published_rules.cases import Standing, judge
from marelle.commands.published_rules.checking import check, rules_by_service
from marelle.commands.published_rules.reading import ON_A_DAY, read_corpus

PROJECT = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("MARELLE_CORPUS") or PROJECT.parent / "shared" / "rules" / "communes.yaml")
FLOORS = {"book": 88, "cancel": 45, "absence": 21}
OTHER = {
    "allowed": ("refused", "surcharge"),
    "refused": ("allowed", "surcharge"),
    "surcharge": ("allowed", "refused"),
    "billed": ("not_billed",),
    "not_billed": ("billed",),
}

PUBLISHED = read_corpus(CORPUS) if CORPUS.is_file() else None
VERDICTS = check(PUBLISHED) if PUBLISHED else []
SETTLED = [verdict for verdict in VERDICTS if verdict.case.expected in OTHER]


def label(verdict):
    case = verdict.case
    return f"{verdict.entry.id}/{case.service}: {case.action} {case.day} at {case.at}"


@pytest.mark.skipif(
    PUBLISHED is None,
    reason=f"NOT PROVEN HERE: the published rules are not at {CORPUS}; name their file in MARELLE_CORPUS",
)
class TestPublished:
    def test_there_are_as_many_as_ever(self):
        evaluated = [verdict.case.action for verdict in VERDICTS if verdict.standing is Standing.PASSED]

        assert {action: evaluated.count(action) >= floor for action, floor in FLOORS.items()} == dict.fromkeys(
            ON_A_DAY, True
        )

    def test_only_prices_and_ambiguous_cases_are_skipped(self):
        kinds = {verdict.kind.partition(" :")[0] for verdict in VERDICTS if verdict.standing is Standing.SKIPPED}

        assert kinds == {"price", "ambiguous"}

    @pytest.mark.parametrize("verdict", SETTLED, ids=label)
    def test_is_decided_as_their_text_says(self, verdict):
        assert (verdict.standing, verdict.kind) == (Standing.PASSED, "")

    @pytest.mark.parametrize("verdict", SETTLED, ids=label)
    def test_would_not_be_found_right_had_their_text_said_otherwise(self, verdict):
        rules = rules_by_service(PUBLISHED, [verdict.entry])[verdict.entry.where, verdict.case.service]

        for word in OTHER[verdict.case.expected]:
            lie = replace(verdict.case, expected=word)
            assert judge(verdict.entry, rules, lie, PUBLISHED.calendar).standing is Standing.FAILED
