"""What is kept of people is said field by field, in words that a town hall can read."""

from pathlib import Path

import pytest
from django.apps import apps
from django.core.checks import run_checks

from marelle.config.retention import (
    QUESTIONS,
    UnreadableRegisterError,
    accessible,
    classified,
    read_register,
)
from marelle.domain.families.models import Child, HealthRecord
from marelle.foundation.encryption import encrypted_fields
from marelle.foundation.files import StoredFileField
from marelle.foundation.models import AuditEntry

WHOLE = {
    "categories": {"technique": dict.fromkeys(QUESTIONS, "un mot"), "sante": dict.fromkeys(QUESTIONS, "un mot")},
    "tables": {
        "families.HealthRecord": {
            "technique": ["id", "authority", "child"],
            "sante": ["diet", "allergies", "care_plan", "care_plan_until"],
        }
    },
}


def changed(**tables):
    return {**WHOLE, "tables": {**WHOLE["tables"], **tables}}


FAULTS = {
    "nothing is wrong": (WHOLE, []),
    "a field forgotten": (
        changed(
            **{
                "families.HealthRecord": {
                    "technique": ["id", "authority", "child"],
                    "sante": ["diet", "allergies", "care_plan_until"],
                }
            }
        ),
        ["families.HealthRecord.care_plan is not classified"],
    ),
    "a field twice": (
        changed(
            **{
                "families.HealthRecord": {
                    "technique": ["id", "authority", "child", "diet"],
                    "sante": ["diet", "allergies", "care_plan", "care_plan_until"],
                }
            }
        ),
        ["families.HealthRecord.diet is classified 2 times"],
    ),
    "a field that is gone": (
        changed(
            **{
                "families.HealthRecord": {
                    "technique": ["id", "authority", "child"],
                    "sante": ["diet", "allergies", "care_plan", "care_plan_until", "blood"],
                }
            }
        ),
        ["families.HealthRecord.blood does not exist"],
    ),
    "a table that is gone": (changed(**{"families.Parent": {}}), ["the table families.Parent does not exist"]),
    "a category that does not exist": (
        changed(
            **{
                "families.HealthRecord": {
                    "technique": ["id", "authority", "child"],
                    "sante": ["diet", "allergies", "care_plan_until"],
                    "santé": ["care_plan"],
                }
            }
        ),
        ["families.HealthRecord: the category santé does not exist"],
    ),
    "a question without an answer": (
        {
            **WHOLE,
            "categories": {**WHOLE["categories"], "sante": {"concerne": "Les enfants", "pourquoi": "x", "duree": " "}},
        },
        ["the category sante does not answer « duree »", "the category sante does not answer « ensuite »"],
    ),
    "a category that serves nothing": (
        {**WHOLE, "categories": {**WHOLE["categories"], "bancaire": dict.fromkeys(QUESTIONS, "un mot")}},
        ["the category bancaire serves no field"],
    ),
}


@pytest.mark.parametrize(("register", "faults"), FAULTS.values(), ids=FAULTS.keys())
def test_the_check_finds(register, faults):
    assert classified(register, [HealthRecord]) == faults


def test_a_table_that_nobody_classified_is_found_with_all_its_fields():
    faults = classified(WHOLE, [HealthRecord, Child])

    assert len(faults) == len(Child._meta.local_fields)


@pytest.mark.parametrize("text", ["", "[]", "categories: {}", "a: {b: 1, b: 2}", "a: ["], ids=repr)
def test_a_broken_file_is_an_error_not_a_crash(tmp_path: Path, text):
    broken = tmp_path / "broken.yaml"
    broken.write_text(text)

    with pytest.raises(UnreadableRegisterError):
        read_register(broken)


def test_every_field_of_every_table_is_classified():
    assert classified(read_register(), apps.get_models(include_auto_created=True)) == []
    assert [fault for fault in run_checks() if fault.id == "marelle.E001"] == []


def test_who_may_download_each_table_is_said():
    models = apps.get_models(include_auto_created=True)
    said = read_register()

    assert accessible(said, models) == []
    del said["acces"]["famille"]["families.Family"]
    said["acces"]["famille"]["families.Block"] = "nobody"
    said["acces"]["enfant"]["families.Parent"] = "child"
    said["acces"]["aucun"].append("families.Guardian")
    assert sorted(accessible(said, models)) == [
        "families.Block has no path nobody",
        "families.Family: nobody said who may download it",
        "families.Guardian: said 2 times who may download it",
        "the table families.Parent does not exist",
    ]


def test_a_field_that_nobody_classified_is_an_error_of_the_checks(monkeypatch):
    forgotten = read_register()
    forgotten["tables"]["families.Child"]["identite_de_l_enfant"].remove("birth_date")
    monkeypatch.setattr("marelle.config.retention.read_register", lambda: forgotten)

    faults = [fault for fault in run_checks() if fault.id == "marelle.E001"]

    assert [(fault.msg, fault.is_serious()) for fault in faults] == [
        ("families.Child.birth_date is not classified", True)
    ]


def test_health_bank_secrets_own_words_and_files_are_encrypted_and_nothing_else_is():
    tables = read_register()["tables"]
    kinds = (
        "sante",
        "mots_libres",
        "contenu_des_justificatifs",
        "contenu_des_photos",
        "regimes_comptes",
        "secrets_des_prestataires",
        "coordonnees_bancaires",
        "fichiers_du_tresor",
        "valeurs_demandees",
        "documents_importes",
        "documents_publies",
        "fichiers_apportes",
        "contenu_des_demandes",
    )
    health = {(label, field) for label, said in tables.items() for kind in kinds for field in said.get(kind, ())}
    encrypted = {(model._meta.label, field.name) for model in apps.get_models() for field in encrypted_fields(model)}
    # The name of a file that is kept encrypted elsewhere.
    encrypted |= {
        (model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, StoredFileField)
    }

    assert health == encrypted
    assert AuditEntry._meta.label not in {label for label, _field in health}
