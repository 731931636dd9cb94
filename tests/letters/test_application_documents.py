"""What a family keeps of an application on paper: whole, true, tagged, and the attestation only when there is one."""

from __future__ import annotations

import re
from datetime import date, datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from marelle.domain.procedures.operations.exchanging import write_message, write_note
from marelle.domain.procedures.operations.reviewing import decide, request_changes
from marelle.domain.procedures.operations.submitting import complete_application, submit_application
from marelle.domain.procedures.rules.states import Decision, State
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.french_dates import NO_BREAK
from marelle.jobs import applications as jobs
from marelle.letters.application_documents import (
    NothingToAttestError,
    acknowledgement_pdf,
    application_document,
    application_pdf,
    attestation_document,
    attestation_pdf,
)
from marelle.letters.documents.applications import Chapter
from tests.domain.household import NOW, Household
from tests.factories.procedures import give_again, make_draft, make_procedure
from tests.factories.town import make_agent, make_authority, make_child

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
FIELDS = [
    {"code": "children", "label": "Enfants", "kind": "child", "is_plural": True},
    {"code": "person", "label": "Personne autorisée", "kind": "person"},
    {"code": "starts_on", "label": "À partir du", "kind": "date"},
    {"code": "badge", "label": "Numéro de badge", "kind": "text", "writer": "agent", "is_required": False},
]
PIECE = [{"code": "identity", "label": "Pièce d’identité", "kind": "identity", "is_required": False}]


def complete(sent, home, *, at):
    give_again(sent, at=at)
    return complete_application(sent, {}, by=home.by, at=at)


def paris(*when):
    return datetime(*when, tzinfo=PARIS)


@pytest.fixture
def town():
    authority = make_authority(address="1 place de la Mairie, 77163 Dammartin")
    with tenancy.scope({authority.pk}):
        yield authority


@pytest.fixture
def home(town):
    return Household(town)


@pytest.fixture
def agent(town):
    return Actor(ActorKind.AGENT, make_agent(town, "Nadia Ferrand").user_id)


@pytest.fixture
def sent(town, home):
    child = make_child(home.family, "Luca")
    answers = {
        "children": [child.public_id],
        "person.name": ["Jeanne Martin"],
        "person.phone": ["0612345678"],
        "starts_on": ["01/12/2026"],
    }
    draft = make_draft(home.family, make_procedure(town, fields=FIELDS, documents=PIECE), answers)
    return submit_application(draft, by=home.by, at=NOW)


def read(file):
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in PdfReader(BytesIO(file)).pages))


def flat(text):
    return re.sub(r"\s+", "", text)


def chapters(document):
    return {one.title: one for one in document.chapters}


def lived(sent, home, agent):
    """Ask for a piece, get it, speak, note, and accept a part with a badge."""
    changes = request_changes(
        sent,
        "La photo est floue.",
        codes=["identity"],
        due_on=date(2026, 12, 7),
        expected=sent.revision,
        by=agent,
        at=paris(2026, 11, 30, 10),
    )
    complete(sent, home, at=paris(2026, 12, 2, 18, 30))
    write_message(sent, "Voilà, merci !", by=home.by, at=paris(2026, 12, 2, 18, 31))
    write_message(sent, "Bien reçu.\nÀ bientôt.", by=agent, at=paris(2026, 12, 3, 9))
    write_note(sent, "Note entre nous", by=agent, at=paris(2026, 12, 3, 9))
    changes.application.refresh_from_db()
    return decide(
        sent,
        Decision.APPROVE_PARTLY,
        reasons="À partir du 7 décembre seulement.",
        given={**changes.application.answers, "starts_on": ["07/12/2026"], "badge": ["B-12"]},
        expected=changes.application.revision,
        by=agent,
        at=paris(2026, 12, 4, 12),
    )


def test_the_whole_says_what_was_asked_joined_told_written_decided(sent, home, agent, town):
    lived(sent, home, agent)
    sent.refresh_from_db()

    document = application_document(sent, town, at=paris(2026, 12, 5, 8))
    found = chapters(document)

    assert document.answers == (
        ("Où elle en est", "Acceptée en partie"),
        ("Décidée le", f"4{NO_BREAK}décembre{NO_BREAK}2026"),
    )
    assert list(found) == [
        "Ce que vous demandez",
        "Pièces jointes",
        "Accusé de réception",
        "Compléments demandés",
        "Messages",
        "Décision",
    ]
    assert "Jeanne Martin" in found["Ce que vous demandez"].words[0]
    assert found["Ce que vous demandez"].rows[0] == ("Enfants", "Luca")
    assert found["Accusé de réception"].words == tuple(sent.acknowledged.splitlines())
    ((asked, came),) = found["Compléments demandés"].rows
    assert flat(asked) == flat("Le lundi 30 novembre 2026, 10 h")
    assert flat(came) == flat(
        "Pièce d’identité La photo est floue. À envoyer jusqu’au lundi 7 décembre 2026. Reçu le mercredi 2 décembre"
        " 2026, 18 h 30."
    )
    assert [words for _who, words in found["Messages"].rows] == ["Voilà, merci !", "Bien reçu.\nÀ bientôt."]
    assert [flat(who).partition(",")[0] for who, _words in found["Messages"].rows] == ["Vous", flat(town.name)]
    assert flat("".join(found["Décision"].words)) == flat(
        "Acceptée en partie le vendredi 4 décembre 2026. Décision de Nadia Ferrand. À partir du 7 décembre seulement."
    )
    assert [(name, flat(value)) for name, value in found["Décision"].rows] == [
        ("À partir du", flat("lundi 7 décembre 2026")),
        ("Numéro de badge", "B-12"),
    ]


def test_notes_between_agents_stay_between_them_and_a_waiting_piece_says_so(sent, home, agent, town):
    write_note(sent, "Note entre nous", by=agent, at=NOW)
    request_changes(
        sent,
        "Recto et verso",
        codes=[],
        due_on=date(2026, 12, 7),
        expected=sent.revision,
        by=agent,
        at=paris(2026, 11, 30, 10),
    )
    sent.refresh_from_db()

    document = application_document(sent, town, at=paris(2026, 12, 5, 8))

    assert "Note entre nous" not in str(document)
    assert "Pas encore reçu" in chapters(document)["Compléments demandés"].rows[0][1]
    assert document.answers == (("Où elle en est", "À compléter"),)


def test_each_document_is_drawn_tagged_and_the_same_each_time(sent, home, agent, town):
    lived(sent, home, agent)
    sent.refresh_from_db()
    at = paris(2026, 12, 5, 8)

    whole, told = application_pdf(sent, town, at), acknowledgement_pdf(sent, town, at)

    assert whole == application_pdf(sent, town, at)
    for file in (whole, told):
        root = PdfReader(BytesIO(file)).trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"]
        assert "<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data().decode()
    for said in ("Jeanne Martin", "Bien reçu.", "À bientôt.", "À partir du 7 décembre seulement.", "B-12"):
        assert flat(said) in read(whole)
    for said in (*sent.acknowledged.splitlines(), "Accusé de réception n° 1", "Service Enfance"):
        assert flat(said) in read(told)


def test_an_attestation_says_what_silence_accepted_and_since_when(sent, town):
    with clock.visiting(paris(2027, 1, 24, 0, 7)):
        jobs.decide_every_silence(0)
    sent.refresh_from_db()
    assert sent.state == State.IMPLICITLY_APPROVED

    file = read(attestation_pdf(sent, town, paris(2027, 2, 1, 9)))

    for said in (
        "Attestation d’acceptation",
        "atteste que la demande n° 1, « Autorisation de récupération d’un enfant »",
        "reçue le lundi 23 novembre 2026, est acceptée depuis le samedi 23 janvier 2027.",
        "article L. 232-3",
        "le 1ᵉʳ février 2027",
        "Nadia Ferrand, responsable du service",
    ):
        assert flat(said) in file, said


def test_nothing_else_is_attested(sent, agent, town):
    for _before_and_after in range(2):
        with pytest.raises(NothingToAttestError):
            attestation_document(sent, town, on=date(2026, 12, 5))
        if sent.state == State.SUBMITTED:
            sent = decide(sent, Decision.APPROVE, expected=sent.revision, by=agent, at=NOW)


def test_a_draft_is_no_document(town, home):
    draft = make_draft(home.family, make_procedure(town, "autre"))

    for draw in (application_pdf, acknowledgement_pdf):
        with pytest.raises(ValueError, match="draft"):
            draw(draft, town, NOW)


def test_a_chapter_says_something():
    with pytest.raises(ValueError, match="« Messages » ne dit rien"):
        Chapter("Messages")
