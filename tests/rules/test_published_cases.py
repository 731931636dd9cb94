"""What real authorities publish, read in our own forms: each settled case must come out as their text says.

The cases are kept apart from the project, in a file that MARELLE_CORPUS names, or beside the project as below; nothing
of it is copied here. A shape or a condition that our règlements do not express yet is listed, not guessed.
"""

import os
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from marelle.domain.catalog.rules.cutoffs import Unit
from marelle.domain.catalog.rules.reglements import read_cutoff
from marelle.foundation.school_days import Calendar, NamedDays

PARIS = ZoneInfo("Europe/Paris")
PROJECT = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("MARELLE_CORPUS") or PROJECT.parent / "shared" / "rules" / "communes.yaml")
OUR_UNITS = {unit.value for unit in Unit}
# The fields of each shape that we express; notes about the text are not conditions.
EXPRESSED = {
    "weekday_table": {"table", "boundary"},
    "week_cutoff": {"cutoff", "weeks", "boundary"},
    "offset": {"n", "unit", "time", "boundary"},
    "same_day": {"time", "boundary"},
    "month_cutoff": {"day", "months", "boundary"},
    "never": set(),
}
NOTES = {"shape", "reference"}
TOO_LATE = {"refused", "surcharge"}


def read_cases():
    """Yield (id, cutoff or None, day, moment, expected) for each settled case of booking or cancelling."""
    for commune in PUBLISHED["communes"]:
        services = {service["id"]: service for service in commune["services"]}
        for case in commune.get("cases", ()):
            if case["action"] not in {"book", "cancel"} or case["expected"] == "ambiguous":
                continue
            service = services[case["service"]]
            rule = service.get(case["action"])
            rule = service["book"] if rule == "same" else rule
            label = f"{commune['id']}/{case['service']}: {case['action']} {case['date']} at {case['at']}"
            yield label, ours(rule), date.fromisoformat(case["date"]), case["at"], case["expected"]


def ours(rule):
    """Return the rule in our form, None when it says more than we express."""
    if not isinstance(rule, dict) or set(rule) - EXPRESSED.get(rule["shape"], set()) - NOTES:
        return None
    if rule["shape"] not in EXPRESSED or rule.get("unit", "day") not in OUR_UNITS:
        return None
    fields = {name: value for name, value in rule.items() if name not in NOTES - {"shape"}}
    if "n" in fields:
        fields["count"] = fields.pop("n")
    if rule["shape"] == "month_cutoff":
        # The shape means « until the end of that day »; « avant le 20 » leaves the 20th itself unsettled.
        fields.pop("boundary", None)
    return read_cutoff(fields, "corpus")


def their_calendar():
    days = [date.fromisoformat(text) for text in PUBLISHED["meta"]["calendar"]["public_holidays"]]
    return Calendar(public_holidays=tuple(NamedDays("férié", day, day) for day in days))


PUBLISHED = YAML(typ="safe").load(CORPUS) if CORPUS.is_file() else {"communes": []}
CASES = list(read_cases())


@pytest.mark.skipif(
    not CORPUS.is_file(),
    reason=f"NOT PROVEN HERE: the published rules are not at {CORPUS}; name their file in MARELLE_CORPUS",
)
class TestPublished:
    def test_most_settled_cases_are_within_our_forms(self):
        expressed = [case for case in CASES if case[1] is not None]

        assert len(expressed) >= 100
        assert len(expressed) > 0.8 * len(CASES)

    @pytest.mark.parametrize(
        ("cutoff", "day", "at", "expected"),
        [case[1:] for case in CASES if case[1] is not None],
        ids=[case[0] for case in CASES if case[1] is not None],
    )
    def test_is_decided_as_their_text_says(self, cutoff, day, at, expected):
        moment = datetime.fromisoformat(at).replace(tzinfo=PARIS)

        limit = cutoff.deadline(day, their_calendar(), PARIS)

        assert (limit is None or limit.is_past(moment)) == (expected in TOO_LATE)
