"""The journal on screen: who, when, before, after; by object, by agent, and nothing to whom it is not for."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

import marelle
from marelle.domain.accounts.models import Grant, SecurityEvent
from marelle.domain.authorities.models import Facility
from marelle.domain.families.models import Guardian
from marelle.domain.families.operations.blocks import put_block
from marelle.domain.families.operations.joining import correct_address
from marelle.domain.reservations.models import SharedCustody
from marelle.foundation import clock
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.models import AuditEntry, RowChange
from marelle.foundation.writes import permitted
from marelle.web.office.journal.described import label_of
from marelle.web.office.journal.wording import UNREAD, VERBS
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


# The same word in French.
SAME = {"agent", "animal", "classes", "code", "document", "logo", "options", "service", "source", "version"}


def test_every_column_that_the_journal_keeps_is_called_something_in_french():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'keep_changes'")
        kept = {name for (name,) in cursor.fetchall()}
    models = [one for one in apps.get_models() if one._meta.db_table in kept]
    unnamed = [
        f"{model.__name__}.{field.name}"
        for model in models
        for field in model._meta.concrete_fields
        if field.column not in {"id", "authority_id", "public_id", *UNREAD} and field.name not in SAME
        if label_of(field) == field.name.replace("_", " ")
    ]

    assert len(models) == len(kept)
    assert unnamed == []


def test_what_the_programme_writes_for_itself_is_no_line_of_the_journal(kept):
    child = town.make_child(kept.family, "Zélie")
    other = town.make_family(kept.authority, "Roy")
    with permitted("a custody"):
        custody = SharedCustody.objects.create(
            authority=kept.authority,
            child=child,
            first_home=kept.family,
            second_home=other,
            starts_on=date(2026, 9, 1),
            origin="agreed",
            settled_at=clock.business_now(),
        )
        SharedCustody.objects.filter(pk=custody.pk).update(written_with="30e48068", written_until=date(2028, 10, 6))
    assert RowChange.objects.filter(object_type="sharedcustody").exists()

    said = words(signed_in(kept.chief).get(kept.at()))
    assert "30e48068" not in said
    assert "Modification sans ligne au journal" not in said
    assert "nouvelle@exemple.fr" in said
