"""What a procedure says: read or refused by place, written back the same."""

from __future__ import annotations

from copy import deepcopy

import pytest

from marelle.domain.procedures.rules.clocks import Delay, DelayUnit, Silence
from marelle.domain.procedures.rules.definitions import (
    EFFECTS,
    LONGEST_TITLE,
    MOST_DOCUMENTS,
    MOST_FIELDS,
    Choice,
    Condition,
    EffectKind,
    FieldKind,
    Writer,
    WrongDefinitionError,
    read_definition,
    written,
)

LEAST = {"title": "Écrire à la mairie", "category": "Une question", "service": "enfance", "silence": "decides_nothing"}
WHOLE = {
    "title": "Changement de garde",
    "category": "Mon dossier",
    "summary": "Un jugement ou un accord.",
    "text": "La garde de {children} change, d’après {basis}.",
    "fields": [
        {"code": "children", "label": "Enfants", "kind": "child", "is_plural": True},
        {
            "code": "basis",
            "label": "D’après quoi ?",
            "kind": "choice",
            "choices": [{"code": "judgment", "label": "un jugement"}, {"code": "agreement", "label": "un accord"}],
        },
        {"code": "sure", "label": "Signé ?", "kind": "yes_no", "is_required": False, "is_health": True},
        {
            "code": "said",
            "label": "Dites-le",
            "kind": "long_text",
            "help": "En deux mots.",
            "only_if": {"field": "sure", "values": ["yes"]},
        },
        {"code": "starts_on", "label": "À partir du", "kind": "date"},
        {"code": "homes", "label": "Foyers", "kind": "family", "is_plural": True, "writer": "agent"},
    ],
    "documents": [
        {
            "code": "judgment",
            "label": "Jugement",
            "kind": "judgment",
            "only_if": {"field": "basis", "values": ["judgment"]},
        },
        {
            "code": "photo",
            "label": "Photo",
            "kind": "photo",
            "is_required": False,
            "takes_pdf": False,
            "most_mb": 5,
            "most_files": 1,
            "valid_months": 3,
            "is_health": True,
            "help": "À plat.",
        },
    ],
    "service": "enfance",
    "delay": {"count": 10, "unit": "working_days"},
    "silence": "refuses",
    "remedies": "Écrivez-nous.",
    "effect": "change_custody",
    "open_to": ["agents"],
    "is_for_residents": True,
}


def changed(path, value, *, of=WHOLE):
    """Return the data with another value at a place: « fields.1.label »."""
    data = deepcopy(of)
    *way, last = [int(step) if step.isdecimal() else step for step in path.split(".")]
    into = data
    for step in way:
        into = into[step]
    into[last] = value
    return data


def faults_of(data):
    """Return what is wrong with the data; it must be refused."""
    with pytest.raises(WrongDefinitionError) as caught:
        read_definition(data)
    return caught.value.faults


class TestReading:
    def test_the_least_one_can_say_is_a_procedure_with_the_law_s_delay(self):
        definition = read_definition(LEAST)

        assert definition.delay == Delay(2, DelayUnit.MONTHS)
        assert definition.effect is EffectKind.NOTHING
        assert definition.fields == definition.documents == definition.open_to == ()
        assert definition.is_for_residents is False

    @pytest.mark.parametrize(
        ("said", "is_resident", "categories", "is_for"),
        [
            ({}, False, [], True),
            ({"is_for_residents": True}, False, [], False),
            ({"is_for_residents": True}, True, [], True),
            ({"open_to": ["agents"]}, True, ["actifs"], False),
            ({"open_to": ["agents"]}, True, ["actifs", "agents"], True),
        ],
    )
    def test_it_is_for_any_family_or_for_those_that_it_names(self, said, is_resident, categories, is_for):
        definition = read_definition(LEAST | said)

        assert definition.is_for(is_resident=is_resident, categories=categories) is is_for

    def test_a_whole_one_is_read_as_values(self):
        definition = read_definition(WHOLE)

        assert definition.silence is Silence.REFUSES
        assert definition.delay == Delay(10, DelayUnit.WORKING_DAYS)
        assert definition.open_to == ("agents",)
        assert definition.is_for_residents
        assert [one.code for one in definition.fields_for(Writer.AGENT)] == ["homes"]
        assert [one.code for one in definition.fields_for(Writer.FAMILY)] == [
            "children",
            "basis",
            "sure",
            "said",
            "starts_on",
        ]
        basis, said = definition.field_of("basis"), definition.field_of("said")
        assert basis.choices == (Choice("judgment", "un jugement"), Choice("agreement", "un accord"))
        assert (said.only_if, said.help, said.kind) == (
            Condition("sure", ("yes",)),
            "En deux mots.",
            FieldKind.LONG_TEXT,
        )
        assert definition.field_of("nothing") is None
        photo = definition.document_of("photo")
        assert (photo.is_required, photo.takes_images, photo.takes_pdf, photo.is_health) == (False, True, False, True)
        assert (photo.most_mb, photo.most_files, photo.valid_months) == (5, 1, 3)
        assert definition.document_of("nothing") is None

    @pytest.mark.parametrize("data", [LEAST, WHOLE], ids=["least", "whole"])
    def test_it_is_written_back_the_same(self, data):
        definition = read_definition(data)

        assert read_definition(written(definition)) == definition
        assert written(read_definition(written(definition))) == written(definition)

    def test_what_is_as_usual_is_not_written(self):
        assert written(read_definition(WHOLE))["fields"][4] == {
            "code": "starts_on",
            "label": "À partir du",
            "kind": "date",
        }
        assert set(written(read_definition(LEAST))) & {"open_to", "is_for_residents"} == set()

    def test_data_of_another_shape_is_refused_and_breaks_nothing(self):
        wrong = {"title": 3, "fields": ["a"], "documents": "b", "delay": "two", "silence": [], "open_to": 4}

        assert {"title", "category", "service", "fields.0.code", "fields.0.label", "silence"} <= set(faults_of(wrong))

    def test_only_words_are_categories_of_families(self):
        assert read_definition(LEAST | {"open_to": ["agents", 3]}).open_to == ("agents",)


FAULTY = {
    "no title": ("title", " ", "title"),
    "long title": ("title", "a" * (LONGEST_TITLE + 1), "title"),
    "code in capitals": ("fields.0.code", "Enfants", "fields.0.code"),
    "no code": ("fields.0.code", None, "fields.0.code"),
    "kind unknown": ("fields.0.kind", "colour", "fields.0.kind"),
    "writer unknown": ("fields.0.writer", "mayor", "fields.0.writer"),
    "choice without a label": ("fields.1.choices.0.label", "", "fields.1.choices.0.label"),
    "one choice": ("fields.1.choices", [{"code": "judgment", "label": "un jugement"}], "fields.1.choices"),
    "several dates": ("fields.4.is_plural", True, "fields.4.is_plural"),
    "no month": ("delay.count", 0, "delay.count"),
    "a month too many": ("delay.count", 367, "delay.count"),
    "months in words": ("delay.count", "deux", "delay.count"),
    "months that are true": ("delay.count", True, "delay.count"),
    "unit unknown": ("delay.unit", "weeks", "delay.unit"),
    "a file too big": ("documents.1.most_mb", 21, "documents.1.most_mb"),
    "valid no month": ("documents.1.valid_months", 0, "documents.1.valid_months"),
    "neither photo nor PDF": ("documents.1.takes_images", False, "documents.1.takes_pdf"),
    "field twice": ("fields.4.code", "basis", "fields.4.code"),
    "document twice": ("documents.1.code", "judgment", "documents.1.code"),
    "blank of nothing": ("text", "À {nobody}.", "text"),
    "blank of an agent": ("text", "Chez {homes}.", "text"),
    "effect unknown": ("effect", "paint", "effect"),
    "silence unknown": ("silence", "shouts", "silence"),
    "refused without remedies": ("remedies", "", "remedies"),
    "condition that is no group": ("fields.3.only_if", "sure", "fields.3.only_if"),
    "condition without answers": ("fields.3.only_if", {"field": "sure", "values": []}, "fields.3.only_if"),
    "condition with a word for answers": ("fields.3.only_if", {"field": "sure", "values": "yes"}, "fields.3.only_if"),
    "condition with numbers": ("fields.3.only_if", {"field": "sure", "values": [1]}, "fields.3.only_if"),
    "condition without a field": ("fields.3.only_if", {"values": ["yes"]}, "fields.3.only_if"),
    "condition on what follows": ("fields.0.only_if", {"field": "sure", "values": ["yes"]}, "fields.0.only_if"),
    "condition on itself": ("fields.3.only_if", {"field": "said", "values": ["yes"]}, "fields.3.only_if"),
    "condition on children": ("fields.3.only_if", {"field": "children", "values": ["x"]}, "fields.3.only_if"),
    "condition never answered": ("fields.3.only_if", {"field": "sure", "values": ["maybe"]}, "fields.3.only_if"),
    "document on nothing": ("documents.0.only_if", {"field": "who", "values": ["yes"]}, "documents.0.only_if"),
    "document never asked": ("documents.0.only_if", {"field": "basis", "values": ["yes"]}, "documents.0.only_if"),
}


class TestFaults:
    @pytest.mark.parametrize(("path", "value", "place"), FAULTY.values(), ids=FAULTY)
    def test_a_mistake_is_told_where_it_is(self, path, value, place):
        faults = faults_of(changed(path, value))

        assert place in faults
        assert all(words.endswith(".") for words in faults.values())

    def test_what_a_family_answers_never_waits_for_an_agent(self):
        asked = {"code": "late", "label": "Après", "only_if": {"field": "agreed", "values": ["yes"]}}
        agreed = {"code": "agreed", "label": "Accord", "kind": "yes_no", "writer": "agent"}

        assert "fields.1.only_if" in faults_of(LEAST | {"fields": [agreed, asked]})
        assert read_definition(LEAST | {"fields": [agreed, asked | {"writer": "agent"}]})
        assert "documents.0.only_if" in faults_of(
            LEAST | {"fields": [agreed], "documents": [asked | {"kind": "other"}]}
        )

    def test_a_form_has_an_end(self):
        fields = [{"code": f"f{rank}", "label": "Quoi ?"} for rank in range(MOST_FIELDS + 1)]
        documents = [{"code": f"d{rank}", "label": "Quoi ?", "kind": "other"} for rank in range(MOST_DOCUMENTS + 1)]

        assert set(faults_of(LEAST | {"fields": fields, "documents": documents})) == {"fields", "documents"}
        assert read_definition(LEAST | {"fields": fields[1:], "documents": documents[1:]})

    def test_every_mistake_is_told_at_once(self):
        assert {"title", "fields.4.kind"} <= set(faults_of(changed("title", "", of=changed("fields.4.kind", "x"))))


class TestEffects:
    @pytest.mark.parametrize("kind", EffectKind)
    def test_each_effect_accepts_the_fields_it_names(self, kind):
        shape = EFFECTS[kind]
        fields = [
            {"code": code, "label": code, "kind": kind_of.value}
            for code, kind_of in (*shape.needs.items(), *shape.may_have.items())
        ]

        assert read_definition(LEAST | {"fields": fields, "effect": kind.value}).effect is kind

    @pytest.mark.parametrize(
        "change",
        [
            {"code": "other"},
            {"kind": "text"},
            {"is_required": False},
            {"only_if": {"field": "sure", "values": ["yes"]}},
            {"is_plural": True},
        ],
        ids=["missing", "of another kind", "not required", "not always asked", "several"],
    )
    def test_an_effect_that_could_not_be_done_is_refused(self, change):
        sure = {"code": "sure", "label": "Sûr ?", "kind": "yes_no"}
        child = {"code": "child", "label": "Enfant", "kind": "child"}
        allergies = {"code": "allergies", "label": "Allergies", "kind": "long_text"}

        assert read_definition(LEAST | {"fields": [sure, child, allergies], "effect": "record_health"})
        faults = faults_of(LEAST | {"fields": [sure, child | change, allergies], "effect": "record_health"})
        assert "child" in faults["effect"]

    def test_a_field_it_may_have_is_of_its_kind_or_is_not_there(self):
        fields = [
            {"code": "invoice", "label": "Facture", "kind": "invoice"},
            {"code": "credit", "label": "Montant", "kind": "text"},
        ]

        assert "credit" in faults_of(LEAST | {"fields": fields, "effect": "correct_invoice"})["effect"]
        assert read_definition(LEAST | {"fields": fields[:1], "effect": "correct_invoice"})
