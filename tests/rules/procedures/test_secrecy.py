"""What in an application is read by a right to know, whatever the authority wrote of its questions."""

from __future__ import annotations

import pytest

from marelle.domain.procedures.queries.ready import ready_content
from marelle.domain.procedures.rules.definitions import read_definition
from marelle.domain.procedures.rules.secrecy import does_secretly, right_to_read_document, secret_fields

PLAIN = {"title": "Demande", "category": "Enfants", "text": "Je demande.", "service": "enfance", "silence": "accepts"}


def definition(effect, fields):
    return read_definition({**PLAIN, "effect": effect, "fields": fields})


CHILD = {"code": "child", "label": "Enfant", "kind": "child"}
ALLERGIES = {"code": "allergies", "label": "Allergies", "kind": "long_text"}


def test_a_question_of_health_is_read_by_that_right():
    asked = definition("nothing", [CHILD, {**ALLERGIES, "is_health": True}])

    assert secret_fields(asked) == {"allergies": "see_health"}


def test_what_an_effect_writes_in_the_file_of_health_is_too_though_nobody_said_so():
    assert secret_fields(definition("record_health", [CHILD, ALLERGIES])) == {"allergies": "see_health"}
    assert secret_fields(definition("nothing", [CHILD, ALLERGIES])) == {}


def test_a_quotient_and_what_was_done_with_it_are_read_by_another():
    asked = read_definition(ready_content("quotient"))

    assert secret_fields(asked) == {"quotient": "see_quotient"}
    assert does_secretly(asked) == "see_quotient"
    assert does_secretly(definition("record_health", [CHILD, ALLERGIES])) == ""


@pytest.mark.parametrize(
    ("kind", "is_health", "right"),
    [
        ("quotient", False, "see_quotient"),
        ("tax_notice", False, "see_quotient"),
        ("quotient", True, "see_health"),
        ("identity", False, ""),
    ],
)
def test_a_document_is_read_by_the_right_of_what_it_proves(kind, is_health, right):
    assert right_to_read_document(kind, is_health=is_health) == right
