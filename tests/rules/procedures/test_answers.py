"""What is written in the fields of a procedure: read, refused in words, written back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from marelle.domain.procedures.rules.answers import (
    Address,
    AnswerFault,
    Person,
    as_given,
    documents_asked,
    filled_text,
    in_words,
    names_given,
    read_answers,
)
from marelle.domain.procedures.rules.definitions import Field, FieldKind, Writer, read_definition

DEFINITION = read_definition(
    {
        "title": "Tout",
        "category": "Essai",
        "service": "enfance",
        "silence": "accepts",
        "text": "Pour {children}, {person} dès le {day}.",
        "fields": [
            {"code": "children", "label": "Enfants", "kind": "child", "is_plural": True},
            {"code": "person", "label": "Personne", "kind": "person"},
            {"code": "day", "label": "Jour", "kind": "date"},
            {
                "code": "way",
                "label": "Comment ?",
                "kind": "choice",
                "choices": [{"code": "alone", "label": "Seul"}, {"code": "with", "label": "Avec quelqu’un"}],
            },
            {"code": "sure", "label": "Sûr ?", "kind": "yes_no", "only_if": {"field": "way", "values": ["alone"]}},
            {"code": "why", "label": "Pourquoi ?", "only_if": {"field": "sure", "values": ["no"]}},
            {"code": "address", "label": "Adresse", "kind": "address", "is_required": False},
            {"code": "story", "label": "Récit", "kind": "long_text", "is_required": False},
            {"code": "iban", "label": "IBAN", "kind": "iban", "is_required": False},
            {"code": "amount", "label": "Montant", "kind": "amount", "is_required": False},
            {"code": "regie", "label": "Régie", "kind": "regie", "is_required": False},
            {"code": "decided_on", "label": "Décidé le", "kind": "date", "writer": "agent"},
        ],
        "documents": [
            {"code": "identity", "label": "Pièce", "kind": "identity"},
            {"code": "letter", "label": "Lettre", "kind": "other", "only_if": {"field": "sure", "values": ["no"]}},
        ],
    }
)
GIVEN = {
    "children": ["luca", "anais", "luca"],
    "person.name": ["  Pauline   Sanchez "],
    "person.phone": ["+33 6 12 34 56 78"],
    "person.relation": ["tante"],
    "day": ["9/4/2027"],
    "way": ["with"],
}
OFFERED = {"children": ("luca", "anais"), "regie": ("cantine",)}


def read(given=(), writer=Writer.FAMILY, offered=OFFERED, **instead):
    """Read what is given, GIVEN with some answers instead; an underscore twice is a point."""
    said = GIVEN | {name.replace("__", "."): value for name, value in instead.items()} | dict(given)
    return read_answers(DEFINITION, said, writer=writer, offered=offered)


class TestReading:
    def test_what_a_form_sends_becomes_values(self):
        answers = read()

        assert answers.faults == {}
        assert answers.values == {
            "children": ("luca", "anais"),
            "person": Person("Pauline Sanchez", "06 12 34 56 78", "tante"),
            "day": date(2027, 4, 9),
            "way": "with",
        }
        assert "sure" not in answers.asked
        assert "decided_on" not in answers.asked

    def test_nothing_given_is_asked_for_where_it_must_be(self):
        answers = read_answers(DEFINITION, {}, writer=Writer.FAMILY)

        missing = {"children", "person", "day", "way"}
        assert answers.faults == dict.fromkeys(missing, AnswerFault.MISSING)
        assert answers.values == {}

    def test_each_side_fills_in_its_own(self):
        answers = read(writer=Writer.AGENT, decided_on=["2027-04-10"])

        assert answers.values == {"decided_on": date(2027, 4, 10)}
        assert answers.asked == ("decided_on",)

    def test_what_was_accepted_is_read_whatever_is_offered_now(self):
        assert read(offered=None, regie=["gone"]).values["regie"] == "gone"
        assert read(regie=["gone"]).faults == {"regie": AnswerFault.NOT_OFFERED}
        assert read(offered={}).faults == {"children": AnswerFault.NOT_OFFERED}

    def test_a_text_keeps_its_lines_and_loses_its_spaces(self):
        assert read(story=["  un   jour\r\n\r\n deux "]).values["story"] == "un jour\n\ndeux"
        assert read(way=["alone"], sure=["no"], why=[" parce \n que "]).values["why"] == "parce que"


WRONG = {
    "a long piece": ({"person.relation": ["t" * 121]}, "person", AnswerFault.TOO_LONG),
    "a person without a name": ({"person.name": [" "]}, "person", AnswerFault.NO_NAME),
    "a phone too short": ({"person.phone": ["06 12"]}, "person", AnswerFault.BAD_PHONE),
    "half an address": ({"address.street": ["12 rue des Lilas"]}, "address", AnswerFault.HALF_AN_ADDRESS),
    "a postcode of four": (
        {"address.street": ["12 rue"], "address.postcode": ["7716"], "address.city": ["Dammartin"]},
        "address",
        AnswerFault.BAD_POSTCODE,
    ),
    "a day that does not exist": ({"day": ["31/02/2027"]}, "day", AnswerFault.NOT_A_DAY),
    "no day": ({"day": ["demain"]}, "day", AnswerFault.NOT_A_DAY),
    "a day of long ago": ({"day": ["1989-12-31"]}, "day", AnswerFault.NOT_A_DAY),
    "a day too far": ({"day": ["2101-01-01"]}, "day", AnswerFault.NOT_A_DAY),
    "two choices": ({"way": ["alone", "with"], "sure": ["yes"]}, "way", AnswerFault.ONE_ONLY),
    "a choice that is none": ({"way": ["flying"]}, "way", AnswerFault.NOT_OFFERED),
    "neither yes nor no": ({"way": ["alone"], "sure": ["oui"]}, "sure", AnswerFault.NOT_OFFERED),
    "a false IBAN": ({"iban": ["FR7630006000011234567890188"]}, "iban", AnswerFault.BAD_IBAN),
    "an amount in words": ({"amount": ["douze"]}, "amount", AnswerFault.NOT_AN_AMOUNT),
    "an amount too great": ({"amount": ["100000,01"]}, "amount", AnswerFault.TOO_MUCH),
    "a text too long": ({"way": ["alone"], "sure": ["no"], "why": ["a" * 201]}, "why", AnswerFault.TOO_LONG),
    "a story too long": ({"story": ["a" * 4001]}, "story", AnswerFault.TOO_LONG),
}


class TestFaults:
    @pytest.mark.parametrize(("given", "code", "fault"), WRONG.values(), ids=WRONG)
    def test_a_wrong_answer_says_why(self, given, code, fault):
        answers = read(given)

        assert answers.faults == {code: fault}
        assert code not in answers.values


class TestConditions:
    def test_a_question_is_asked_after_the_answer_that_calls_it(self):
        assert read(way=["alone"]).faults == {"sure": AnswerFault.MISSING}
        assert read(way=["alone"], sure=["yes"]).values["sure"] is True
        assert read(way=["alone"], sure=["no"]).faults == {"why": AnswerFault.MISSING}

    def test_an_answer_left_to_a_question_that_is_gone_asks_for_nothing(self):
        answers = read(way=["with"], sure=["no"], why=["reste"])

        assert answers.faults == {}
        assert {"sure", "why"} & {*answers.values, *answers.asked} == set()
        assert [one.code for one in documents_asked(DEFINITION, GIVEN | {"sure": ["no"]})] == ["identity"]

    def test_a_document_is_asked_for_after_an_answer(self):
        asked = documents_asked(DEFINITION, GIVEN | {"way": ["alone"], "sure": ["no"]})

        assert [one.code for one in asked] == ["identity", "letter"]


class TestNames:
    def test_what_belongs_to_no_question_is_dropped(self):
        given = {"csrfmiddlewaretoken": ["x"], "person.name": ["P"], "person": ["y"], "day": ("2027-04-09",)}

        assert names_given(DEFINITION, given) == {"person.name": ["P"], "day": ["2027-04-09"]}


IN_WORDS = {
    "a person": (FieldKind.PERSON, Person("Pauline", "06 12 34 56 78", "tante"), "Pauline (tante, 06 12 34 56 78)"),
    "a person alone": (FieldKind.PERSON, Person("Pauline", "", ""), "Pauline"),
    "an address": (FieldKind.ADDRESS, Address("12 rue", "77163", "Dammartin"), "12 rue, 77163 Dammartin"),
    "yes": (FieldKind.YES_NO, True, "Oui"),
    "no": (FieldKind.YES_NO, False, "Non"),
    "an amount": (FieldKind.AMOUNT, 1250, "12,50 €"),
    "a day": (FieldKind.DATE, date(2027, 4, 9), "vendredi 9 avril 2027"),
    "children": (FieldKind.CHILD, ("luca", "gone"), "Luca et gone"),
    "a till": (FieldKind.REGIE, "cantine", "Régie de la cantine"),
    "a text that looks like a name": (FieldKind.TEXT, "cantine", "cantine"),
}


class TestInWords:
    @pytest.mark.parametrize(("kind", "value", "words"), IN_WORDS.values(), ids=IN_WORDS)
    def test_a_value_is_written_as_people_read_it(self, kind, value, words):
        names = {"luca": "Luca", "cantine": "Régie de la cantine"}
        said = in_words(Field("x", "X", kind), value, names)

        assert said.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ") == words

    def test_a_choice_is_said_by_its_label(self):
        assert in_words(DEFINITION.field_of("way"), "alone", {"alone": "no"}) == "Seul"

    def test_the_text_is_filled_and_shows_what_is_not_known(self):
        values = {"children": ("luca", "anais"), "day": date(2027, 4, 9)}
        text = filled_text(DEFINITION, values, {"luca": "Luca", "anais": "Anaïs"})

        assert text.replace("\N{NO-BREAK SPACE}", " ") == "Pour Luca et Anaïs, … dès le vendredi 9 avril 2027."

    @pytest.mark.parametrize(
        ("said", "text"),
        [
            ("l’étude", "Je vous écris au sujet de : l’étude."),
            ("À quelle heure ?", "Je vous écris au sujet de : À quelle heure ?"),
            ("L’étude.", "Je vous écris au sujet de : L’étude."),
            (None, "Je vous écris au sujet de : …"),
        ],
    )
    def test_an_answer_that_ends_with_its_own_mark_takes_no_second_one(self, said, text):
        letter = replace(DEFINITION, text="Je vous écris au sujet de : {why}.")

        assert filled_text(letter, {} if said is None else {"why": said}, {}) == text


class TestBack:
    def test_a_value_is_written_as_a_form_would_send_it(self):
        given = GIVEN | {
            "way": ["alone"],
            "sure": ["no"],
            "why": ["pour voir"],
            "address.street": ["12 rue des Lilas"],
            "address.postcode": ["77163"],
            "address.city": ["Dammartin"],
            "iban": ["fr76 3000 6000 0112 3456 7890 189"],
            "amount": ["1234,50"],
            "regie": ["cantine"],
        }
        answers = read(given)
        back = {}
        for code, value in answers.values.items():
            back |= as_given(DEFINITION.field_of(code), value)

        assert answers.faults == {}
        assert back["amount"][0].endswith("234,50")
        assert back["day"] == ["2027-04-09"]
        assert back["sure"] == ["no"]
        assert read_answers(DEFINITION, back, writer=Writer.FAMILY, offered=OFFERED).values == answers.values
