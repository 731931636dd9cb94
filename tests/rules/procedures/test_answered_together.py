"""Which procedures may be accepted several applications at once, and which are looked at one by one."""

from __future__ import annotations

import pytest

from marelle.domain.procedures.rules.definitions import read_definition
from marelle.domain.procedures.rules.together import OneByOne, against_accepting_together, is_decided

PLAIN = {
    "title": "Demande",
    "category": "Enfants",
    "text": "Je demande.",
    "service": "enfance",
    "silence": "accepts",
    "remedies": "Le tribunal.",
}
WORDS = {"code": "words", "label": "Pourquoi", "kind": "text"}
OF_THE_TOWN = {"code": "place", "label": "Place", "kind": "text", "writer": "agent", "is_required": False}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        pytest.param({"fields": [WORDS]}, None, id="what the family says is enough"),
        pytest.param({"fields": [WORDS, OF_THE_TOWN]}, OneByOne.CHOICE, id="a choice of the agent, even optional"),
        pytest.param({"fields": [{**WORDS, "is_health": True}]}, OneByOne.SECRET, id="an answer about health"),
        pytest.param(
            {
                "effect": "leave_authority",
                "fields": [{"code": "last_day", "label": "Dernier jour", "kind": "date"}],
            },
            OneByOne.EFFECT,
            id="a departure",
        ),
    ],
)
def test_only_what_needs_no_look_is_accepted_together(said, why):
    assert against_accepting_together(read_definition({**PLAIN, "effect": "nothing", **said})) is why


@pytest.mark.parametrize(("silence", "decided"), [("accepts", True), ("refuses", True), ("decides_nothing", False)])
def test_a_free_message_is_answered_and_not_decided(silence, decided):
    definition = read_definition({**PLAIN, "effect": "nothing", "fields": [WORDS], "silence": silence})

    assert is_decided(definition) is decided
