"""What a note about health makes of what is known."""

from datetime import date

import pytest

from marelle.domain.families.rules.health import HealthFault, HealthNote, HealthSaid, is_lapsed, noted

SUMMER, NEXT = date(2026, 8, 31), date(2027, 8, 31)
KNOWN = HealthSaid("sans porc", "arachide", "Trousse au bureau.", SUMMER)


@pytest.mark.parametrize(
    ("note", "said"),
    [
        pytest.param(HealthNote(), KNOWN, id="nothing said leaves all"),
        pytest.param(
            HealthNote(allergies="  œuf \n\n lait "),
            HealthSaid("sans porc", "œuf\nlait", "Trousse au bureau.", SUMMER),
            id="tidied",
        ),
        pytest.param(HealthNote(diet=""), HealthSaid("", "arachide", "Trousse au bureau.", SUMMER), id="no diet now"),
        pytest.param(
            HealthNote(care_plan_until=NEXT),
            HealthSaid("sans porc", "arachide", "Trousse au bureau.", NEXT),
            id="renewed",
        ),
        pytest.param(HealthNote(care_plan=" "), HealthSaid("sans porc", "arachide"), id="the day goes with the plan"),
    ],
)
def test_a_note_writes_what_it_says_and_leaves_the_rest(note, said):
    assert noted(KNOWN, note) == said


@pytest.mark.parametrize(
    ("said", "note", "faults"),
    [
        (KNOWN, HealthNote(diet="x" * 201), {"diet": HealthFault.TOO_LONG}),
        (KNOWN, HealthNote(allergies="x" * 401), {"allergies": HealthFault.TOO_LONG}),
        (KNOWN, HealthNote(care_plan="x" * 2001), {"care_plan": HealthFault.TOO_LONG}),
        (HealthSaid(), HealthNote(care_plan_until=NEXT), {"care_plan_until": HealthFault.NO_CARE_PLAN}),
        (KNOWN, HealthNote(care_plan="", care_plan_until=NEXT), {"care_plan_until": HealthFault.NO_CARE_PLAN}),
    ],
)
def test_what_is_not_taken_says_why_by_its_field(said, note, faults):
    assert noted(said, note) == faults


@pytest.mark.parametrize(
    ("until", "on", "lapsed"), [(None, NEXT, False), (SUMMER, SUMMER, False), (SUMMER, date(2026, 9, 1), True)]
)
def test_a_plan_holds_until_the_end_of_its_last_day(until, on, lapsed):
    assert is_lapsed(until, on=on) is lapsed
