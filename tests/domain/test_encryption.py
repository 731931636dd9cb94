"""What must be known of a child's health is read by the application and by nobody who holds the table."""

from __future__ import annotations

from io import StringIO

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Q

from marelle.domain.families.models import HealthRecord, SupportingDocument
from marelle.domain.families.operations.documents import attach_document
from marelle.domain.reservations.queries.days import health_of
from marelle.foundation.encryption import decrypt, encrypt
from marelle.foundation.management.commands import rotate_encryption
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT, NOW
from tests.factories.papers import clean_document
from tests.factories.town import make_authority, make_child, make_family

pytestmark = pytest.mark.django_db
SECRET = "allergie à l’arachide, trousse d’urgence"


def in_the_table():
    with connection.cursor() as cursor:
        cursor.execute("SELECT diet, allergies, care_plan FROM families_healthrecord ORDER BY id")
        return cursor.fetchall()


@pytest.fixture
def child(in_scope):
    authority = make_authority()
    in_scope(authority)
    return make_child(make_family(authority), allergies=SECRET)


def test_the_table_holds_only_ciphertext(child):
    ((diet, allergies, care_plan),) = in_the_table()

    assert (diet, care_plan) == ("", "")
    assert "arachide" not in allergies
    assert decrypt(allergies) == SECRET
    assert HealthRecord.objects.get().allergies == SECRET


def test_the_same_words_are_never_the_same_token(child):
    other = make_child(child.custodies.get().family, "Sofia", allergies=SECRET)
    tokens = {allergies for _diet, allergies, _plan in in_the_table()}

    assert len(tokens) == 2
    assert HealthRecord.objects.get(child=other).allergies == SECRET


def test_no_column_can_be_compared(child):
    for lookup in ({"allergies": SECRET}, {"allergies__contains": "arachide"}, {"diet__gt": ""}):
        with pytest.raises(TypeError, match="cannot be looked up"):
            HealthRecord.objects.filter(Q(**lookup)).exists()

    assert HealthRecord.objects.filter(allergies__isnull=False).exists()


def test_values_bulk_and_update_go_through_the_same_door(child):
    with permitted("test"):
        HealthRecord.objects.filter(child=child).update(diet="sans porc")
        record = HealthRecord.objects.get(child=child)
        record.care_plan = "PAI signé"
        HealthRecord.objects.bulk_update([record], ["care_plan"])

    ((diet, _allergies, care_plan),) = in_the_table()
    assert "porc" not in diet
    assert "PAI" not in care_plan
    assert tuple(health_of([child.pk])[child.pk]) == ("sans porc", SECRET, "PAI signé")
    assert list(HealthRecord.objects.values_list("diet", flat=True)) == ["sans porc"]


class TestRotation:
    @pytest.fixture
    def keys(self, settings, tmp_path):
        settings.FILES_DIR = tmp_path
        old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
        settings.ENCRYPTION_KEYS = [old]

        def turn_to(*names):
            settings.ENCRYPTION_KEYS = [{"old": old, "new": new}[name] for name in names]

        return turn_to

    @pytest.fixture
    def health(self, keys, in_scope):
        """Five records, in batches of two, one of them empty."""
        authority = make_authority()
        in_scope(authority)
        family = make_family(authority)
        for n in range(4):
            make_child(family, f"Enfant {n}", diet=f"régime {n}", allergies="" if n else "noix")
        with permitted("test"):
            HealthRecord.objects.create(authority=authority, child=make_child(family, "Enfant 4"))
        return [f"régime {n}" for n in range(4)] + [""]

    def test_a_new_key_put_first_still_reads_what_the_old_one_wrote(self, keys, health):
        keys("new", "old")

        assert list(HealthRecord.objects.order_by("pk").values_list("diet", flat=True)) == health

    def test_after_the_command_the_old_key_may_go(self, keys, health, monkeypatch):
        monkeypatch.setattr(rotate_encryption, "BATCH", 2)
        keys("new", "old")
        said = StringIO()
        call_command("rotate_encryption", stdout=said)

        keys("new")
        assert list(HealthRecord.objects.order_by("pk").values_list("diet", flat=True)) == health
        keys("old")
        with pytest.raises(InvalidToken):
            HealthRecord.objects.first()
        assert "fiche sanitaire : 5 lignes" in said.getvalue().splitlines()

    def test_files_change_their_key_too(self, keys, in_scope):
        authority = make_authority()
        in_scope(authority)
        family = make_family(authority)
        files = [f"%PDF-1.7 {n}".encode() for n in range(3)]
        for content in files:
            attach_document(family, clean_document(content=content), kind="quotient", by=AGENT, at=NOW)
        keys("new", "old")
        said = StringIO()
        call_command("rotate_encryption", stdout=said)

        assert "fichier : 3 lignes" in said.getvalue().splitlines()
        keys("new")
        kept = SupportingDocument.objects.order_by("pk")
        assert [(one.name, one.content) for one in kept] == [("attestation.pdf", content) for content in files]

    def test_a_file_that_no_key_opens_stops_the_command_and_stays_as_it_is(self, keys, in_scope):
        authority = make_authority()
        in_scope(authority)
        document = attach_document(make_family(authority), clean_document(), kind="quotient", by=AGENT, at=NOW)
        with permitted("test"):
            SupportingDocument.objects.update(name="")
        keys("new")

        with pytest.raises(CommandError, match="aucune clé"):
            call_command("rotate_encryption", stdout=StringIO())

        keys("old")
        assert document.content == clean_document().content

    def test_empty_stays_empty(self, keys, health):
        keys("new", "old")
        call_command("rotate_encryption", stdout=StringIO())

        assert in_the_table()[-1] == ("", "", "")

    def test_the_journal_says_how_many_and_nothing_else(self, keys, health):
        keys("new", "old")
        call_command("rotate_encryption", stdout=StringIO())

        line = AuditEntry.objects.get(object_type="healthrecord")
        assert (line.verb, line.object_type, line.details) == ("rotate_encryption", "healthrecord", {"rotated": 5})

    def test_without_the_key_that_wrote_it_nothing_is_changed(self, keys, health):
        before = in_the_table()
        keys("new")

        with pytest.raises(CommandError, match="aucune clé"):
            call_command("rotate_encryption", stdout=StringIO())

        assert in_the_table() == before


def test_a_token_that_was_tampered_with_is_an_error(settings):
    token = encrypt(SECRET)

    with pytest.raises(InvalidToken):
        decrypt(token[:-4] + "AAA=")
