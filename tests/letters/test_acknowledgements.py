"""The acknowledgement of each ready procedure, word for word: on its page, in its e-mail, and when a piece is missing.

What is expected is in `acknowledgements/`, a file a procedure. When a procedure changes, so does its acknowledgement:
`MARELLE_WRITE_EXPECTED=1` writes the files anew, to be read before they are kept.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from marelle.domain.procedures.models import Application, ChangesAsked, ServiceInCharge
from marelle.domain.procedures.models.applications import as_json
from marelle.domain.procedures.queries.acknowledging import acknowledgement_of
from marelle.domain.procedures.queries.ready import CODES, ready_content, ready_services
from marelle.domain.procedures.rules.acknowledgements import lacking, sentences_of
from marelle.domain.procedures.rules.states import State
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from marelle.letters import about_applications
from tests.domain.household import NOW, Household
from tests.factories.procedures import make_procedure, make_service_in_charge
from tests.factories.town import make_authority

pytestmark = pytest.mark.django_db
EXPECTED = Path(__file__).parent / "acknowledgements"
LATER = NOW.replace(month=12, day=1)


@pytest.fixture
def town():
    authority = make_authority(address="1 place de la Mairie, 77163 Dammartin")
    with tenancy.scope({authority.pk}):
        for one in ready_services():
            make_service_in_charge(authority, one.code, name=one.name)
        yield authority


@pytest.fixture
def home(town):
    return Household(town)


def received(authority, family, code) -> Application:
    """An application as it is once it is sent; what it answers is of no matter here."""
    version = make_procedure(authority, code, **ready_content(code)).versions.get()
    with permitted("factory"):
        return Application.objects.create(
            authority=authority,
            version=version,
            family=family,
            number=12,
            state=State.SUBMITTED,
            given=as_json({}),
            created_at=NOW,
            updated_at=NOW,
            submitted_at=NOW,
            in_charge=ServiceInCharge.objects.get(code=version.definition.service),
        )


def missing_a_piece(application) -> None:
    documents = application.version.definition.documents
    with permitted("factory"):
        ChangesAsked.objects.create(
            authority_id=application.authority_id,
            application=application,
            asked_at=LATER,
            due_on=date(2026, 12, 15),
            words="Merci de la renvoyer.",
            codes=[one.code for one in documents[:1]],
        )


@pytest.mark.parametrize("code", CODES)
def test_the_acknowledgement_of_each_ready_procedure(town, home, code):
    application = received(town, home.family, code)
    told = acknowledgement_of(application, town, at=NOW)
    letter = about_applications.acknowledged(application, told, town)
    missing_a_piece(application)
    incomplete = acknowledgement_of(application, town, at=LATER)

    pieces = {
        "À l’écran et sur papier": "\n".join(sentences_of(told)),
        "Courriel": f"{letter.subject}\n\n{letter.text}".replace(application.public_id, "…"),
        "Une pièce manque": "\n".join(sentences_of(incomplete)),
    }
    found = "\n\n".join(f"## {title}\n\n{text.strip()}" for title, text in pieces.items()) + "\n"
    found = found.replace(town.slug, "commune")

    file = EXPECTED / f"{code}.txt"
    if os.environ.get("MARELLE_WRITE_EXPECTED"):
        file.write_text(found)
    assert found == file.read_text()
    assert lacking(told) == ()


def test_nothing_is_expected_of_a_procedure_that_is_gone():
    assert {file.stem for file in EXPECTED.glob("*.txt")} == set(CODES)


def test_an_e_mail_about_health_names_nothing(town, home):
    application = received(town, home.family, "sante")

    letter = about_applications.acknowledged(application, acknowledgement_of(application, town, at=NOW), town)

    assert about_applications.is_about_health(application)
    assert application.version.title not in letter.subject + letter.text
