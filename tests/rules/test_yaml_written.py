"""YAML written for people: whatever the values, they are read back the same."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from marelle.foundation.yaml_files import parsed
from marelle.foundation.yaml_writing import written_yaml

TEXTS = some.text(some.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30) | some.sampled_from(
    ["oui: non", "# dièse", "true", "Non", "no", "2026-09-01", "3,10", "a\n\n b", "a\n", "\na", " a", "a ", "- a", "é:"]
)
NUMBERS = some.integers(-(10**9), 10**9) | some.floats(allow_nan=False, allow_infinity=False, width=32)
VALUES = some.recursive(
    TEXTS | NUMBERS | some.booleans() | some.none(),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def plain(node):
    if isinstance(node, dict):
        return {str(name): plain(each) for name, each in node.items()}
    if isinstance(node, list):
        return [plain(each) for each in node]
    if isinstance(node, bool) or node is None:
        return node
    return next(kind(node) for kind in (str, int, float) if isinstance(node, kind))


@pytest.mark.law
@given(some.dictionaries(TEXTS, VALUES, min_size=1, max_size=5))
def test_what_is_written_is_read_back_the_same(values):
    assert plain(parsed(written_yaml(values))) == values


def test_it_is_written_as_somebody_would():
    values = {
        "name": "JolieVille",
        "department": "37",
        "opens": date(2026, 9, 1),
        "how_to_pay": "Par chèque.\n\nEn espèces.",
        "days": ["mon", "tue"],
        "nothing": [],
        "classes": [{"code": "cp", "name": "CP"}, {"code": "ce1", "starts_at": time(7, 30), "capacity": 40}],
        "services": [{"code": "a", "activities": [{"code": "b", "takes": ["midi"]}]}],
    }

    assert (
        written_yaml(values)
        == """\
name: JolieVille
department: "37"
opens: 2026-09-01
how_to_pay: |-
  Par chèque.

  En espèces.
days: [mon, tue]
nothing: []
classes:
  - {code: cp, name: CP}
  - {code: ce1, starts_at: "07:30", capacity: 40}
services:
  - code: a
    activities:
      - {code: b, takes: [midi]}
"""
    )
