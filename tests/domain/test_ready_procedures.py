"""The procedures that ship ready: whole, readable, and able to do what they say."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from marelle.domain.procedures.queries import ready
from marelle.domain.procedures.rules.answers import filled_text, read_answers
from marelle.domain.procedures.rules.clocks import DelayUnit, Silence
from marelle.domain.procedures.rules.definitions import (
    BLANK,
    EFFECTS,
    KIND_WORDS,
    EffectKind,
    FieldKind,
    Writer,
    read_definition,
    written,
)
from marelle.domain.procedures.rules.templates import unknown_blanks

NAMES = {"luca": "Luca", "anais": "Anaïs", "cantine": "Cantine", "regie": "Régie", "facture": "Facture 12", "F7": "F7"}
EXAMPLES = {
    FieldKind.TEXT: {"": ["Elena Sanchez"]},
    FieldKind.LONG_TEXT: {"": ["Une semaine sur deux."]},
    FieldKind.DATE: {"": ["2027-04-09"]},
    FieldKind.CHILD: {"": ["luca"]},
    FieldKind.PERSON: {".name": ["Pauline Sanchez"], ".phone": ["0612345678"], ".relation": ["sœur"]},
    FieldKind.ADDRESS: {".street": ["12 rue des Lilas"], ".postcode": ["77163"], ".city": ["Dammartin"]},
    FieldKind.IBAN: {"": ["FR7630006000011234567890189"]},
    FieldKind.AMOUNT: {"": ["12,50"]},
    FieldKind.YES_NO: {"": ["yes"]},
    FieldKind.ACTIVITY: {"": ["cantine"]},
    FieldKind.INVOICE: {"": ["facture"]},
    FieldKind.REGIE: {"": ["regie"]},
    FieldKind.FAMILY: {"": ["F7"]},
}


def example(definition, *, choice=0):
    """Answer every question, its `choice`-th answer where there is a list (the last when it is shorter)."""
    given = {}
    for one in definition.fields:
        said = EXAMPLES.get(one.kind) or {"": [one.choices[min(choice, len(one.choices) - 1)].code]}
        given.update({one.code + piece: values for piece, values in said.items()})
    return given


class TestTheTwelve:
    def test_the_folder_holds_them_and_nothing_else(self):
        folder = Path(ready.__file__).parent.parent / "ready"
        assert {path.stem for path in folder.iterdir()} == {*ready.CODES, "services", "templates"}
        assert len(ready.CODES) == 12

    def test_none_is_read_under_another_name(self):
        with pytest.raises(KeyError):
            ready.ready_content("../ready/services")

    def test_what_one_reads_may_be_changed_without_changing_it_for_the_next(self):
        ready.ready_content("message")["fields"].clear()
        assert ready.ready_content("message")["fields"]


@pytest.mark.parametrize("code", ready.CODES)
class TestEach:
    def test_it_is_read_and_written_back_the_same(self, code):
        definition = ready.ready_definition(code)
        assert read_definition(written(definition)) == definition
        assert written(definition) == written(read_definition(ready.ready_content(code)))

    def test_it_holds_what_its_effect_needs_and_never_asks_the_family_twice(self, code):
        definition = ready.ready_definition(code)
        shape = EFFECTS[definition.effect]
        kinds = {one.code: one.kind for one in definition.fields}
        assert dict(shape.needs).items() <= kinds.items()
        assert {name: kind for name, kind in kinds.items() if name in shape.may_have}.items() <= shape.may_have.items()
        assert set(kinds.values()) <= set(KIND_WORDS)

    @pytest.mark.parametrize("choice", range(5))
    def test_its_text_says_everything_whatever_is_chosen(self, code, choice):
        definition = ready.ready_definition(code)
        given = example(definition, choice=choice)
        offered = dict.fromkeys([one.code for one in definition.fields], list(NAMES))
        read = read_answers(definition, given, writer=Writer.FAMILY, offered=offered)
        assert not read.faults
        text = filled_text(definition, read.values, NAMES)
        assert text
        assert "…" not in text
        assert not BLANK.search(text)

    def test_the_blanks_of_its_text_are_questions_that_are_always_answered(self, code):
        definition = ready.ready_definition(code)
        for name in BLANK.findall(definition.text):
            one = definition.field_of(name)
            assert one.is_required
            assert one.only_if is None
            assert one.writer is Writer.FAMILY

    def test_a_question_or_a_document_about_health_is_marked(self, code):
        definition = ready.ready_definition(code)
        words = ("allerg", "santé", "médecin", "médical", "vaccin", "pai ", "urgence")
        for one in (*definition.fields, *definition.documents):
            if any(word in f"{one.label.lower()} " for word in words):
                assert one.is_health, one.code

    def test_no_health_word_is_in_the_text_that_may_be_mailed(self, code):
        definition = ready.ready_definition(code)
        about_health = {one.code for one in definition.fields if one.is_health}
        assert not about_health & set(BLANK.findall(definition.text))

    def test_its_service_is_one_that_ships_with_it(self, code):
        assert ready.ready_definition(code).service in {one.code for one in ready.ready_services()}

    def test_a_decision_takes_the_two_months_of_the_law(self, code):
        definition = ready.ready_definition(code)
        if definition.silence is Silence.DECIDES_NOTHING:
            assert definition.effect is EffectKind.NOTHING
            assert (definition.delay.count, definition.delay.unit) == (10, DelayUnit.WORKING_DAYS)
        else:
            assert (definition.delay.count, definition.delay.unit) == (2, DelayUnit.MONTHS)
            assert "deux mois" in definition.remedies
            assert "tribunal administratif" in definition.remedies


class TestSilence:
    """What asks for money, complains, or asks for one of few places is refused by silence (CRPA L231-4, L231-5)."""

    def test_each_has_the_meaning_that_the_law_gives(self):
        told = {code: ready.ready_definition(code).silence for code in ready.CODES}
        refused = {"inscription", "quotient", "prelevement", "contestation", "remboursement", "certificat", "garde"}
        assert {code for code, silence in told.items() if silence is Silence.REFUSES} == refused
        assert {code for code, silence in told.items() if silence is Silence.DECIDES_NOTHING} == {"message"}


class TestThePickup:
    def test_it_says_what_the_flyer_says(self):
        definition = ready.ready_definition("recuperation")
        read = read_answers(definition, example(definition), writer=Writer.FAMILY)
        assert read.values["starts_on"] == date(2027, 4, 9)
        assert filled_text(definition, read.values, NAMES).replace("\N{NO-BREAK SPACE}", " ") == (
            "Je souhaiterais autoriser Pauline Sanchez (sœur, 06 12 34 56 78) à venir récupérer Luca à partir du "
            "vendredi 9 avril 2027."
        )
        assert [one.label for one in definition.documents] == ["Pièce d’identité de la personne autorisée"]


class TestWhatComesWithThem:
    def test_the_templates_have_only_blanks_that_exist(self):
        templates = ready.ready_templates()
        assert {one.purpose for one in templates} == {"message", "changes", "approve", "reject"}
        for one in templates:
            assert unknown_blanks(one.body) == ()
        assert len({one.title for one in templates}) == len(templates)
