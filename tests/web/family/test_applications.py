"""Mes demandes without scripts: a request is begun, filled in, documented, read again, sent and followed."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.families.models import SupportingDocument
from marelle.domain.procedures.models import Application, ApplicationDocument, Message
from marelle.domain.procedures.operations.publishing import open_procedure
from marelle.domain.procedures.operations.reviewing import decide, request_changes
from marelle.domain.procedures.operations.submitting import submit_application
from marelle.domain.procedures.rules.states import Decision
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT, NOW
from tests.factories.kept_documents import make_document
from tests.factories.procedures import PICKUP, make_draft, make_procedure
from tests.factories.town import make_authority, make_child, make_family, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

# The smallest picture that a browser sends.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082"
)
EVERY_KIND = [
    {"code": "subject", "label": "Sujet", "kind": "text"},
    {"code": "story", "label": "Récit", "kind": "long_text", "is_required": False},
    {"code": "day", "label": "Jour", "kind": "date"},
    {
        "code": "reason",
        "label": "Raison",
        "kind": "choice",
        "choices": [{"code": "moving", "label": "Déménagement"}, {"code": "other", "label": "Autre chose"}],
    },
    {"code": "why", "label": "Laquelle", "kind": "text", "only_if": {"field": "reason", "values": ["other"]}},
    {"code": "child", "label": "Enfant", "kind": "child"},
    {"code": "person", "label": "Personne", "kind": "person"},
    {"code": "address", "label": "Adresse", "kind": "address"},
    {"code": "iban", "label": "IBAN", "kind": "iban"},
    {"code": "amount", "label": "Montant", "kind": "amount"},
    {"code": "agreed", "label": "D’accord", "kind": "yes_no"},
    {"code": "homes", "label": "Foyers", "kind": "family", "is_plural": True},
]


@pytest.fixture
def town(in_scope):
    authority = make_authority("Dammartin-sur-Tigeaux")
    in_scope(authority)
    return authority


@pytest.fixture
def family(family_site, town):
    user = make_user("elena@exemple.fr")
    family_site.force_login(user)
    return make_family(town, "Benali", user=user)


@pytest.fixture
def child(family):
    return make_child(family, "Inès")


@pytest.fixture
def visit(family_site, family, town):
    """Open a page of Mes demandes, or post to it."""

    def go(path="", sent=None, **headers):
        url = f"/{town.slug}/demandes/{path}"
        return family_site.get(url) if sent is None else family_site.post(url, sent, headers=headers or None)

    return go


def text_of(response, status=200):
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def photo(name="carte.png", content=PNG):
    return SimpleUploadedFile(name, content, "image/png")


def answers(child, **more):
    return {
        "do-answers": "1",
        "children": child.public_id,
        "person.name": "Jeanne Martin",
        "person.phone": "0612345678",
        "person.relation": "grand-mère",
        "starts_on": "2026-12-01",
        **more,
    }


def given(child):
    return {name: [value] for name, value in answers(child).items()}


@pytest.fixture
def procedure(town):
    return make_procedure(town)


@pytest.fixture
def draft(family, child, procedure):
    return make_draft(family, procedure, given(child))


@pytest.fixture
def sent(town, family, child):
    procedure = make_procedure(town, "sans-piece", documents=[])
    return send(family, make_draft(family, procedure, given(child)))


def send(family, draft, *, at=NOW):
    return submit_application(draft, by=Actor(ActorKind.FAMILY, family.memberships.get().user_id), at=at)


class TestStarting:
    def test_the_thematiques_say_what_to_prepare_and_when_one_is_answered(self, visit, procedure):
        text = text_of(visit("nouvelle/"))

        for said in (
            "Faire une demande",
            "Thématique",
            "Enfants",
            "Autorisation de récupération d’un enfant",
            "pièce d’identité",
            "Réponse en deux mois au plus.",
            "Sans réponse à cette date, la demande est acceptée.",
        ):
            assert said in text

    def test_one_begins_a_draft_and_a_second_time_opens_it_again(self, visit, procedure):
        for _ in range(2):
            response = visit("nouvelle/", {"procedure": procedure.public_id})
            assert response.status_code == 303
        draft = Application.objects.get()

        assert response["Location"].endswith(f"/demandes/{draft.public_id}/")
        assert draft.guardian is not None
        assert "Reprendre mon brouillon" in text_of(visit("nouvelle/"))

    def test_what_is_not_for_the_family_says_why_and_begins_nothing(self, visit, family, town):
        with permitted("factory"):
            family.is_resident = False
            family.save()
        procedure = make_procedure(town, is_for_residents=True)
        page = text_of(visit("nouvelle/"))

        assert "Réservée aux habitants de la commune." in page
        assert "Commencer" not in page
        assert "n’est pas ouverte à votre famille" in text_of(
            visit("nouvelle/", {"procedure": procedure.public_id}), 409
        )
        assert not Application.objects.exists()

    def test_a_procedure_that_is_shut_is_not_there(self, visit, procedure):
        open_procedure(procedure, is_open=False, by=AGENT, at=NOW)

        assert "Aucune démarche en ligne" in text_of(visit("nouvelle/"))
        assert "n’est plus proposée" in text_of(visit("nouvelle/", {"procedure": procedure.public_id}), 409)

    def test_a_procedure_of_another_town_is_not_found(self, visit):
        elsewhere = make_authority("JolieVille")

        assert visit("nouvelle/", {"procedure": make_procedure(elsewhere).public_id}).status_code == 404


class TestTheForm:
    def test_the_words_of_the_flyer(self, visit, draft):
        text = text_of(visit(f"{draft.public_id}/"))

        for said in (
            "Thématique :",
            "Informations liées à votre demande",
            "Joignez les documents demandés pour finaliser votre demande",
            "Pièce(s) jointe(s) obligatoire(s) : pièce d’identité.",
            "Choisir un fichier",
            "Aucun fichier choisi",
            "<b>Il manque :</b> pièce d’identité.",
            "Jeanne Martin (grand-mère, 06 12 34 56 78)",
            "mardi 1ᵉʳ décembre 2026",
        ):
            assert said in text

    def test_a_draft_keeps_what_is_right_and_what_is_wrong(self, visit, draft):
        response = visit(f"{draft.public_id}/", {"do-answers": "1", "person.phone": "12", "forged": "x"})

        assert response.status_code == 303
        draft.refresh_from_db()
        assert draft.answers == {"person.phone": ["12"]}
        assert "Votre brouillon est enregistré." in text_of(visit(f"{draft.public_id}/"))

    def test_each_fault_is_said_above_and_beside_and_nothing_typed_is_lost(self, visit, draft, child):
        sent = answers(child, **{"person.name": "", "person.phone": "12", "starts_on": "demain", "do-next": "check"})
        page = BeautifulSoup(text_of(visit(f"{draft.public_id}/", sent), 422), "html.parser")

        summary = page.select_one(".notice.red").get_text(" ")
        for words in ("Écrivez le nom", "Indiquez une date", "Joignez ce document."):
            assert words in summary
        links = {link["href"][1:] for link in page.select(".notice.red a")}
        assert links == {"id_person.name", "id_starts_on", "id_file-identity"}
        assert all(page.find(id=name) for name in links)
        assert page.find(id="id_person.phone")["value"] == "12"
        assert page.find(id="id_person.name").has_attr("autofocus")
        assert page.find(id="id_file-identity")["aria-invalid"] == "true"

    def test_every_kind_of_question_has_its_control_and_comes_back(self, visit, town, family, child):
        draft = make_draft(family, make_procedure(town, "tout", fields=EVERY_KIND, text="{subject}", documents=[]))
        typed = {
            "do-answers": "1",
            "subject": "Bonjour",
            "story": "Une\nhistoire",
            "day": "2026-12-01",
            "reason": "other",
            "why": "Parce que",
            "child": child.public_id,
            "person.name": "Jeanne",
            "person.phone": "",
            "person.relation": "tante",
            "address.street": "1 rue Haute",
            "address.postcode": "77163",
            "address.city": "Dammartin",
            "iban": "FR14 2004 1010 0505 0001 3M02 606",
            "amount": "12,50",
            "agreed": "no",
            "homes.1": family.code,
            "homes.2": "",
            "homes.3": "",
        }
        assert visit(f"{draft.public_id}/", {**typed, "do-next": "check"}).status_code == 303
        page = BeautifulSoup(text_of(visit(f"{draft.public_id}/")), "html.parser")
        form = page.select_one("form[data-application]")
        back = {}
        for control in form.select("input, textarea, select"):
            name = control.get("name")
            if control.get("type") in {"radio", "checkbox"} and not control.has_attr("checked"):
                continue
            back[name] = control.text.removeprefix("\n") if control.name == "textarea" else control.get("value", "")
        assert {name: back[name].replace("\r", "") for name in typed} == typed
        assert form.find(id="id_day")["type"] == "date"
        assert form.find(id="id_address.postcode")["autocomplete"] == "section-address postal-code"
        assert len(form.select("fieldset.group")) == 3
        check = text_of(visit(f"{draft.public_id}/verifier/"))
        for said in ("1 rue Haute, 77163 Dammartin", "12,50 €", "Non", "mardi 1ᵉʳ décembre 2026", "Inès", "Parce que"):
            assert said in check

    def test_a_question_that_depends_on_another_says_so_and_is_asked_only_then(self, visit, town, family, child):
        draft = make_draft(family, make_procedure(town, "choix", fields=EVERY_KIND[3:5], text="", documents=[]))
        page = text_of(visit(f"{draft.public_id}/"))

        assert "Seulement si vous répondez « Autre chose » à « Raison »" in page
        assert 'data-depends-on="reason" data-values="other"' in page
        assert (
            visit(f"{draft.public_id}/", {"do-answers": "1", "reason": "moving", "do-next": "check"}).status_code == 303
        )
        refused = text_of(visit(f"{draft.public_id}/", {"do-answers": "1", "reason": "other", "do-next": "check"}), 422)
        assert "Répondez à cette question." in refused

    def test_a_number_of_file_does_not_tell_whose_it_is(self, visit, town, family):
        stranger = make_family(town, "Secrète")
        draft = make_draft(family, make_procedure(town, "garde", fields=EVERY_KIND[-1:], text="{homes}", documents=[]))
        visit(f"{draft.public_id}/", {"do-answers": "1", "homes.1": stranger.code})

        for path in ("", "verifier/"):
            text = text_of(visit(f"{draft.public_id}/{path}"))
            assert "Secrète" not in text
            assert f"dossier {stranger.code}" in text

    def test_a_procedure_that_changed_is_shown_as_it_is_now(self, visit, town, draft):
        fields = [*PICKUP["fields"], {"code": "more", "label": "Une question de plus", "kind": "text"}]
        make_procedure(town, fields=fields)

        text = text_of(visit(f"{draft.public_id}/"))

        assert "Cette démarche a changé depuis votre brouillon" in text
        assert "Une question de plus" in text
        assert "Rien n’a été envoyé" in text_of(visit(f"{draft.public_id}/envoyer/", {}), 409)

    def test_a_draft_is_thrown_away_but_its_documents_stay(self, visit, draft, child):
        visit(f"{draft.public_id}/pieces/identity/", answers(child, **{"file-identity": photo()}))
        assert visit(f"{draft.public_id}/supprimer/", {}).status_code == 303

        assert not Application.objects.exists()
        assert SupportingDocument.objects.count() == 1
        assert "Votre brouillon est supprimé." in text_of(visit())


class TestDocuments:
    def test_a_file_is_added_and_what_is_typed_is_kept(self, visit, draft, child):
        response = visit(
            f"{draft.public_id}/pieces/identity/", answers(child, starts_on="2026-12-08", **{"file-identity": photo()})
        )

        assert response["Location"].endswith(f"/demandes/{draft.public_id}/#piece-identity")
        draft.refresh_from_db()
        assert draft.answers["starts_on"] == ["2026-12-08"]
        document = ApplicationDocument.objects.get().document
        assert (document.kind, document.family, document.pages) == ("identity", draft.family, 1)
        text = text_of(visit(f"{draft.public_id}/"))
        assert document.name in text
        assert "Tout ce qui est obligatoire est joint." in text

    def test_a_file_chosen_but_not_added_goes_with_the_form(self, visit, draft, child):
        response = visit(f"{draft.public_id}/", answers(child, **{"do-next": "check", "file-identity": photo()}))

        assert response["Location"].endswith("/verifier/")
        assert ApplicationDocument.objects.count() == 1

    def test_a_file_that_is_refused_is_said_and_the_answers_are_kept(self, visit, draft, child):
        sent = answers(child, starts_on="2026-12-08", **{"file-identity": photo("virus.png", b"MZ not a picture")})
        text = text_of(visit(f"{draft.public_id}/pieces/identity/", sent), 422)

        assert "Ce fichier n’est ni un PDF, ni une photo" in text
        assert 'value="2026-12-08"' in text
        assert not SupportingDocument.objects.exists()

    @pytest.mark.parametrize(
        ("asked", "words"),
        [
            ({"takes_images": False}, "ne peut pas être une photo"),
            ({"most_files": 1}, "Il y a déjà assez de fichiers"),
        ],
    )
    def test_what_the_procedure_does_not_take_is_refused(self, visit, town, *, family, child, asked, words):
        documents = [{**PICKUP["documents"][0], **asked}]
        draft = make_draft(family, make_procedure(town, documents=documents), given(child))
        if "most_files" in asked:
            visit(f"{draft.public_id}/pieces/identity/", answers(child, **{"file-identity": photo()}))
        before = SupportingDocument.objects.count()

        text = text_of(visit(f"{draft.public_id}/pieces/identity/", answers(child, **{"file-identity": photo()})), 422)

        assert words in text
        assert SupportingDocument.objects.count() == before

    def test_what_weighs_more_than_the_procedure_takes_is_refused_unread(self, visit, town, family, child):
        documents = [{**PICKUP["documents"][0], "most_mb": 1}]
        draft = make_draft(family, make_procedure(town, documents=documents), given(child))
        heavy = photo(content=PNG + b"\0" * 1_100_000)

        assert "plus de 1 Mo" in text_of(
            visit(f"{draft.public_id}/pieces/identity/", answers(child, **{"file-identity": heavy})), 422
        )

    def test_no_file_at_all_is_said(self, visit, draft, child):
        assert "Choisissez un fichier" in text_of(visit(f"{draft.public_id}/pieces/identity/", answers(child)), 422)

    def test_a_document_of_the_file_is_offered_rather_than_asked_again(self, visit, family, draft, child):
        kept = make_document(family, kind="identity", name="carte.pdf", uploaded_at=NOW)
        assert "Utiliser « carte.pdf », reçu le 23 novembre 2026" in text_of(visit(f"{draft.public_id}/"))

        visit(f"{draft.public_id}/", answers(child, **{"reuse-identity": kept.public_id}))

        assert ApplicationDocument.objects.get().document == kept
        assert "Utiliser « carte.pdf »" not in text_of(visit(f"{draft.public_id}/"))

    def test_one_that_has_expired_or_is_another_s_is_not(self, visit, town, family, draft, child):
        late = make_document(family, kind="identity", name="vieux.pdf", valid_until=date(2026, 11, 22))
        other = make_document(make_family(town, "Roy"), kind="identity", name="autre.pdf")
        wrong = make_document(family, kind="insurance", name="assurance.pdf")
        text = text_of(visit(f"{draft.public_id}/"))

        for document in (late, other, wrong):
            assert document.name not in text
            visit(f"{draft.public_id}/", answers(child, **{"reuse-identity": document.public_id}))
        assert not ApplicationDocument.objects.exists()

    def test_a_validity_in_months_and_the_health_of_one_child(self, visit, town, family, child):
        documents = [{**PICKUP["documents"][0], "valid_months": 3, "is_health": True}]
        draft = make_draft(family, make_procedure(town, documents=documents), given(child))
        visit(f"{draft.public_id}/pieces/identity/", answers(child, **{"file-identity": photo()}))

        document = SupportingDocument.objects.get()
        assert (document.valid_until, document.is_health, document.child) == (date(2027, 2, 23), True, child)

    def test_a_file_is_taken_away_and_stays_in_the_family_s_file(self, visit, draft, child):
        visit(f"{draft.public_id}/pieces/identity/", answers(child, **{"file-identity": photo()}))
        document = SupportingDocument.objects.get()
        path = f"{draft.public_id}/pieces/identity/{document.public_id}/retirer/"

        assert visit(path, answers(child)).status_code == 303
        assert not ApplicationDocument.objects.exists()
        assert SupportingDocument.objects.count() == 1
        assert visit(path, answers(child)).status_code == 404

    def test_asked_by_a_script_the_answer_is_the_section_and_no_answer_is_touched(self, visit, draft):
        before = draft.answers
        sent = {"file-identity": photo()}
        page = text_of(visit(f"{draft.public_id}/pieces/identity/", sent, **{"HX-Request": "true"}))

        assert page.lstrip().startswith('<section class="card stack pieces" id="pieces"')
        whole = text_of(visit(f"{draft.public_id}/"))
        assert page.strip() in whole
        draft.refresh_from_db()
        assert draft.answers == before

    def test_a_document_is_saved_and_a_reading_of_health_is_noted(self, visit, town, family, child):
        documents = [{**PICKUP["documents"][0], "is_health": True}]
        draft = make_draft(family, make_procedure(town, documents=documents), given(child))
        visit(f"{draft.public_id}/pieces/identity/", answers(child, **{"file-identity": photo()}))
        document = SupportingDocument.objects.get()

        response = visit(f"{draft.public_id}/fichiers/{document.public_id}/")

        assert response.status_code == 200
        assert response["Content-Disposition"].startswith("attachment")
        assert AuditEntry.objects.filter(verb="read_document", object_key=document.pk).count() == 1
        stranger = make_document(family, kind="identity")
        assert visit(f"{draft.public_id}/fichiers/{stranger.public_id}/").status_code == 404


class TestSending:
    def test_it_is_read_again_then_sent_and_acknowledged(self, visit, draft, child):
        visit(f"{draft.public_id}/", answers(child, **{"do-next": "check", "file-identity": photo()}))
        check = text_of(visit(f"{draft.public_id}/verifier/"))
        for said in (
            "Jeanne Martin (grand-mère, 06 12 34 56 78)",
            "carte.jpg",
            "Envoyer ma demande",
            "accusé de réception",
        ):
            assert said in check

        assert visit(f"{draft.public_id}/envoyer/", {}).status_code == 303
        text = text_of(visit(f"{draft.public_id}/"))

        for said in (
            "Votre demande est envoyée.",
            "Accusé de réception",
            "lundi 23 novembre 2026, 8 h",
            "Service Enfance",
            "Nadia Ferrand, responsable du service",
            "Sans réponse le 23 janvier 2027, votre demande sera acceptée.",
            "samedi 23 janvier 2027",
            "carte.jpg",
        ):
            assert said in text
        assert visit(f"{draft.public_id}/envoyer/", {}).status_code == 303
        assert AuditEntry.objects.filter(verb="submit_application").count() == 1

    def test_what_lacks_is_not_sent(self, visit, draft):
        text = text_of(visit(f"{draft.public_id}/verifier/"))
        assert "Il manque quelque chose pour envoyer" in text
        assert "Envoyer ma demande" not in text

        assert "Joignez ce document." in text_of(visit(f"{draft.public_id}/envoyer/", {}), 422)
        draft.refresh_from_db()
        assert draft.state == "draft"

    def test_what_is_sent_is_no_longer_changed(self, visit, sent, child):
        for path in ("", "pieces/identity/"):
            assert visit(f"{sent.public_id}/{path}", answers(child, starts_on="2027-01-01")).status_code == 303
        assert "Cette demande est déjà envoyée." in text_of(visit(f"{sent.public_id}/"))
        sent.refresh_from_db()
        assert sent.answers["starts_on"] == ["2026-12-01"]
        assert visit(f"{sent.public_id}/verifier/").status_code == 303

    @pytest.mark.parametrize("path", ["pdf/", "accuse/"])
    def test_it_is_drawn(self, visit, sent, path):
        response = visit(f"{sent.public_id}/{path}")

        assert response["Content-Type"] == "application/pdf"
        assert response.content.startswith(b"%PDF")

    def test_nothing_is_attested_that_silence_did_not_accept(self, visit, sent):
        assert visit(f"{sent.public_id}/attestation/").status_code == 303
        assert "Une attestation se délivre" in text_of(visit(f"{sent.public_id}/"))


class TestFollowing:
    def test_words_are_exchanged(self, visit, sent):
        assert visit(f"{sent.public_id}/message/", {"words": "Et si elle vient à vélo ?"}).status_code == 303
        assert "Et si elle vient à vélo ?" in text_of(visit(f"{sent.public_id}/"))
        assert "Écrivez votre message." in text_of(visit(f"{sent.public_id}/message/", {"words": " "}), 422)
        assert "C’est trop long" in text_of(visit(f"{sent.public_id}/message/", {"words": "x" * 4001}), 422)
        assert Message.objects.count() == 1

    def test_a_decision_says_why_and_what_may_be_done(self, visit, town, family, child):
        procedure = make_procedure(town, "refus", documents=[], silence="refuses", remedies="Saisissez le tribunal.")
        sent = send(family, make_draft(family, procedure, given(child)))
        assert "Sans réponse le 23 janvier 2027, votre demande sera refusée." in text_of(visit(f"{sent.public_id}/"))
        decide(sent, Decision.REJECT, reasons="La pièce est illisible.", expected=sent.revision, by=AGENT, at=NOW)

        text = text_of(visit(f"{sent.public_id}/"))

        for said in (
            "Refusée",
            "Votre demande est refusée le 23 novembre 2026.",
            "La pièce est illisible.",
            "Si vous n’êtes pas d’accord",
            "Saisissez le tribunal.",
        ):
            assert said in text
        assert "Retirer ma demande" not in text

    def test_it_is_withdrawn_after_a_page_that_says_what_it_means(self, visit, sent):
        assert "La mairie ne la traitera plus" in text_of(visit(f"{sent.public_id}/retirer/"))
        visit(f"{sent.public_id}/retirer/", {})

        sent.refresh_from_db()
        assert sent.state == "withdrawn"
        assert "Vous avez retiré cette demande" in text_of(visit(f"{sent.public_id}/"))
        assert visit(f"{sent.public_id}/retirer/", {}).status_code == 303

    @pytest.fixture
    def asked(self, draft, family, child, visit):
        visit(f"{draft.public_id}/", answers(child, **{"file-identity": photo()}))
        draft.refresh_from_db()
        sent = send(family, draft)
        ApplicationDocument.objects.get()
        request_changes(
            sent,
            "La photo est floue.",
            codes=["identity", "starts_on"],
            due_on=date(2026, 12, 4),
            expected=sent.revision,
            by=AGENT,
            at=NOW + timedelta(hours=1),
        )
        return sent

    def test_what_the_town_hall_asks_is_all_that_is_asked(self, visit, asked):
        text = text_of(visit(f"{asked.public_id}/completer/"))

        assert "La photo est floue." in text
        assert "<b>La mairie en attend un nouveau :</b> pièce d’identité." in text
        assert "vendredi 4 décembre 2026" in text
        assert 'name="starts_on"' in text
        assert 'name="person.name"' not in text
        assert "Compléter ma demande" in text_of(visit(f"{asked.public_id}/"))
        assert "À compléter avant le vendredi 4 décembre 2026" in text_of(visit())

    def test_a_completion_is_sent_with_its_file_and_its_answer(self, visit, asked):
        path = f"{asked.public_id}/completer/"
        right = {"do-answers": "1", "starts_on": "2026-12-15"}
        with clock.visiting(NOW + timedelta(hours=2)):
            without = text_of(visit(path, right), 422)
            assert "Joignez" in without or "manque" in without
            wrong = {"do-answers": "1", "starts_on": "hier", "file-identity": photo("net.png")}
            assert "Indiquez une date" in text_of(visit(path, wrong), 422)
            assert visit(path, right).status_code == 303

        asked.refresh_from_db()
        assert (asked.state, asked.answers["starts_on"]) == ("submitted", ["2026-12-15"])
        assert asked.answers["person.name"] == ["Jeanne Martin"]
        assert ApplicationDocument.objects.count() == 2
        assert "Votre complément est envoyé" in text_of(visit(f"{asked.public_id}/"))
        assert visit(path, {"do-answers": "1"}).status_code == 303

    def test_a_file_added_to_a_completion_loses_nothing_typed(self, visit, asked):
        sent = {"do-answers": "1", "starts_on": "2026-12-15", "file-identity": photo("net.png")}
        text = text_of(visit(f"{asked.public_id}/pieces/identity/", sent))

        assert 'value="2026-12-15"' in text
        assert "net.jpg" in text
        asked.refresh_from_db()
        assert asked.answers["starts_on"] == ["2026-12-01"]


class TestTheList:
    def test_nothing_yet(self, visit):
        text = text_of(visit())
        assert "Aucune demande." in text
        assert "Faire une demande" in text

    def test_drafts_then_what_is_under_way_then_what_is_answered(self, visit, town, *, family, child, draft, sent):
        other = make_procedure(town, "autre", title="Une autre démarche", documents=[])
        closed = send(family, make_draft(family, other, given(child)))
        decide(closed, Decision.APPROVE, expected=closed.revision, by=AGENT, at=NOW)
        text = text_of(visit())

        places = [text.index(words) for words in ("Pas encore envoyé", "En cours</h2>", "Historique des demandes")]
        assert places == sorted(places)
        for said in (
            "Brouillon, à terminer",
            "En cours d’examen",
            "Acceptée",
            "Réponse au plus tard le 23 janvier 2027. Sans réponse à cette date, la demande est acceptée.",
            "N° 1 · Service Enfance · envoyée le 23 novembre 2026",
            "Réponse le 23 novembre 2026.",
            "Inès",
        ):
            assert said in text

    def test_it_takes_as_many_statements_for_many(self, visit, town, family, child):
        def fill(count, first):
            for number in range(first, first + count):
                procedure = make_procedure(town, f"p{number}", documents=[])
                made = send(family, make_draft(family, procedure, given(child)))
                make_draft(family, procedure, given(child))
                if number % 2:
                    decide(made, Decision.APPROVE, expected=made.revision, by=AGENT, at=NOW)

        fill(2, 0)
        visit()
        with CaptureQueriesContext(connection) as few:
            visit()
        fill(14, 2)
        with CaptureQueriesContext(connection) as many:
            text = text_of(visit())
        assert len(many) == len(few)
        assert text.count('class="card stack asked"') == 16

    def test_the_page_of_one_takes_as_many_statements_for_many_messages(self, visit, sent):
        visit(f"{sent.public_id}/message/", {"words": "0"})
        visit(f"{sent.public_id}/")
        with CaptureQueriesContext(connection) as few:
            visit(f"{sent.public_id}/")
        for number in range(1, 8):
            visit(f"{sent.public_id}/message/", {"words": str(number)})
        visit(f"{sent.public_id}/")
        with CaptureQueriesContext(connection) as many:
            visit(f"{sent.public_id}/")
        assert len(many) == len(few)


class TestWhoSees:
    def test_the_other_parent_sees_what_was_sent_and_no_draft(self, family_site, town, family, draft, sent):
        other = make_user("karim@exemple.fr")
        with permitted("factory"):
            guardian = family.guardians.create(authority=town, first_name="Karim", last_name="Benali")
            family.memberships.create(authority=town, user=other, guardian=guardian, joined_at=NOW)
        family_site.force_login(other)
        at = f"/{town.slug}/demandes/"
        text = text_of(family_site.get(at))

        assert f"demandes/{sent.public_id}/" in text
        assert draft.public_id not in text
        assert family_site.get(f"{at}{sent.public_id}/").status_code == 200
        for path in ("", "verifier/", "pdf/"):
            assert family_site.get(f"{at}{draft.public_id}/{path}").status_code == 404
        for path in ("", "envoyer/", "supprimer/", "pieces/identity/", "message/"):
            assert family_site.post(f"{at}{draft.public_id}/{path}", {"words": "x"}).status_code == 404

    def test_another_family_reaches_nothing(self, family_site, visit, town, *, draft, child, sent):
        visit(f"{draft.public_id}/", answers(child, **{"file-identity": photo()}))
        document = SupportingDocument.objects.get()
        stranger = make_user("autre@exemple.fr")
        make_family(town, "Autre", user=stranger)
        family_site.force_login(stranger)
        at = f"/{town.slug}/demandes/"

        for found in (draft, sent):
            for path in ("", "verifier/", "completer/", "retirer/", "pdf/", "accuse/", "attestation/"):
                assert family_site.get(f"{at}{found.public_id}/{path}").status_code == 404, path
            assert family_site.get(f"{at}{found.public_id}/fichiers/{document.public_id}/").status_code == 404
            for path in ("", "envoyer/", "supprimer/", "message/", "completer/", "retirer/", "pieces/identity/"):
                assert family_site.post(f"{at}{found.public_id}/{path}", {"words": "x"}).status_code == 404, path
        assert "Inès" not in text_of(family_site.get(at))

    def test_a_child_of_another_home_is_not_taken(self, visit, town, draft):
        stranger = make_child(make_family(town, "Roy"), "Zoé")
        sent = answers(stranger, **{"do-next": "check", "file-identity": photo()})

        text = text_of(visit(f"{draft.public_id}/", sent), 422)

        assert "Choisissez une des réponses proposées." in text
        assert "Zoé" not in text
        with tenancy.scope({town.pk}):
            assert not draft.children.exists()

    def test_no_name_of_a_question_is_one_of_ours(self, visit, draft):
        page = BeautifulSoup(text_of(visit(f"{draft.public_id}/")), "html.parser")
        ours = {control["name"] for control in page.select("form[data-application] [name]")} - {"csrfmiddlewaretoken"}
        theirs = {"children", "person.name", "person.phone", "person.relation", "starts_on"}

        assert theirs <= ours
        assert all("-" in name for name in ours - theirs)
        assert not any(re.search("-", name) for name in theirs)
