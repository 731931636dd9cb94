"""The journal on screen: who, when, before, after; by object, by agent, and nothing to whom it is not for."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext

import marelle
from marelle.domain.accounts.models import Grant, SecurityEvent
from marelle.domain.authorities.models import Facility
from marelle.domain.families.models import Guardian
from marelle.domain.families.operations.blocks import put_block
from marelle.domain.families.operations.joining import correct_address
from marelle.foundation import clock
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.web.office.journal.wording import VERBS
from tests.factories import town
from tests.web.office.conftest import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls("marelle.config.urls_office")]


@pytest.fixture
def kept(office, in_scope):
    """A town where an agent has corrected an address; what the factories wrote is forgotten."""
    in_scope(office.authority)
    office.chief = town.make_agent(office.authority, "Claire Vasseur", Grant.Role.ADMINISTER)
    office.guardian = Guardian.objects.get(family=office.family)
    with permitted("a clean sheet"):
        AuditEntry.objects.all().delete()
    office.by = Actor(ActorKind.AGENT, office.chief.user_id)
    correct_address(office.guardian, email="nouvelle@exemple.fr", by=office.by, at=clock.business_now())
    office.at = lambda path="": f"/{office.authority.slug}/journal/{path}"
    return office


def words(response, status=200):
    assert response.status_code == status
    main = BeautifulSoup(response.content, "html.parser").find("main")
    return " ".join(main.get_text(" ", strip=True).split())


def test_a_family_s_history_says_who_changed_what_from_what_to_what(kept):
    text = words(signed_in(kept.chief).get(kept.at(f"familles/{kept.family.public_id}/")))
    assert "Adresse e-mail d’un responsable corrigée" in text
    assert kept.chief.name in text
    assert "après : nouvelle@exemple.fr" in text


def test_an_agent_has_a_page_of_what_she_did(kept):
    other = town.make_agent(kept.authority, "Zoé Lamy", Grant.Role.MANAGE_RESERVATIONS)
    client = signed_in(kept.chief)
    assert "corrigée" in words(client.get(kept.at(f"agents/{kept.chief.user.public_id}/")))
    assert "Aucune ligne" in words(client.get(kept.at(f"agents/{other.user.public_id}/")))


def test_a_thing_that_was_offered_has_a_history(kept):
    with permitted("by hand"):
        Facility.objects.filter(pk=kept.school.pk).update(name="École du Moulin neuf")
    text = words(signed_in(kept.chief).get(kept.at(f"etablissements/{kept.school.code}/")))
    assert "après : École du Moulin neuf" in text


def test_the_journal_is_read_by_subject_day_and_agent(kept):
    client = signed_in(kept.chief)
    assert "corrigée" in words(client.get(kept.at(), {"sujet": "familles", "agent": kept.chief.user.public_id}))
    assert "Aucune ligne" in words(client.get(kept.at(), {"sujet": "factures"}))
    assert "Aucune ligne" in words(client.get(kept.at(), {"jusqu_au": "2001-01-01"}))
    assert client.get(kept.at(), {"jusqu_au": "hier"}).status_code == 400
    assert client.get(kept.at(), {"avant": "hier"}).status_code == 404
    assert client.get(kept.at("couleurs/bleu/")).status_code == 404


def test_who_opens_families_reads_their_history_alone(kept):
    reader = town.make_agent(kept.authority, "Léo Blin", Grant.Role.READ_FAMILIES)
    client = signed_in(reader)
    assert "corrigée" in words(client.get(kept.at(f"familles/{kept.family.public_id}/")))
    assert client.get(kept.at()).status_code == 403
    assert client.get(kept.at(f"agents/{kept.chief.user.public_id}/")).status_code == 403


def test_older_lines_are_on_the_next_page_and_many_ask_no_more_than_few(kept):
    client = signed_in(kept.chief)

    def questions():
        with CaptureQueriesContext(connection) as asked:
            page = words(client.get(kept.at()))
        return len(asked), page

    few, page = questions()
    assert "Plus anciennes" not in page
    for number in range(1, 56):
        put_block(kept.family, kind="missing_document", document=f"pièce {number}", by=kept.by, at=clock.business_now())
    many, page = questions()
    assert "Plus anciennes" in page
    assert many <= few + 1, "one more kind of row to name"
    older = BeautifulSoup(client.get(kept.at()).content, "html.parser").find("a", string="Plus anciennes")["href"]
    text = words(client.get(kept.at() + older))
    assert "corrigée" in text
    assert text.count("Blocage posé") == 55 - 50


# What writes the line for several operations of a module: the verb is among what it is given.
WRITERS = {"audit.record", "audit.record_all", "_tell", "_note", "_settle"}


def _writes(path):
    return bool({"operations", "letters", "commands"} & {*path.parts, path.stem})


def verbs_written():
    """Yield what every operation writes as its verb, choices and named constants included."""
    for path in filter(_writes, Path(marelle.__file__).parent.rglob("*.py")):
        tree = ast.parse(path.read_text())
        named = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.AnnAssign | ast.Assign) and isinstance(node.value, ast.Constant)
            for target in ([node.target] if isinstance(node, ast.AnnAssign) else node.targets)
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) not in WRITERS:
                continue
            for part in (one for argument in node.args for one in ast.walk(argument)):
                verb = named.get(part.id) if isinstance(part, ast.Name) else getattr(part, "value", None)
                if isinstance(verb, str):
                    yield verb


def test_every_verb_of_the_journal_has_its_words_and_no_words_are_idle():
    written = {*verbs_written(), *SecurityEvent.Kind.values}
    assert written - set(VERBS) == set()
    assert set(VERBS) - written == set()
