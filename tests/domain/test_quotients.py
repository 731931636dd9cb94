"""A family's quotients: noted with their proof, replaced and withdrawn without being lost, read on any day."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from marelle.domain.families.models import FamilyQuotient, SupportingDocument
from marelle.domain.families.operations.documents import attach_document, forget_document
from marelle.domain.families.operations.quotients import UnableToRecordQuotientError, record_quotient, withdraw_quotient
from marelle.domain.families.queries import documents_of, quotient_history, quotients_of
from marelle.domain.families.receiving import UnableToKeepDocumentError
from marelle.domain.families.rules.documents import DocumentFault
from marelle.domain.families.rules.quotients import Doubt, quotient_on
from marelle.foundation import files
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT, NOW
from tests.factories.papers import clean_document
from tests.factories.town import make_authority, make_family

pytestmark = pytest.mark.django_db
SEPTEMBER, MID_NOVEMBER = date(2026, 9, 1), date(2026, 11, 16)
SECRET = b"%PDF-1.7 le revenu de la famille Quenneville"
PROOF = clean_document("attestation Quenneville.pdf", SECRET)


@pytest.fixture
def family(in_scope):
    authority = make_authority()
    in_scope(authority)
    return make_family(authority, "Quenneville")


def note(family, cents=742_00, valid_from=SEPTEMBER, **more):
    return record_quotient(
        family, **{"value_cents": cents, "valid_from": valid_from, "source": "declared", "by": AGENT, "at": NOW} | more
    )


@pytest.fixture
def in_the_queue():
    """What the outbox has queued of a task, in the present transaction."""

    def facts(task):
        with connection.cursor() as cursor:
            cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = %s ORDER BY id", [task])
            return [args if isinstance(args, dict) else json.loads(args) for (args,) in cursor.fetchall()]

    return facts


def lines():
    return list(AuditEntry.objects.order_by("pk").values_list("verb", "details"))


def test_a_quotient_is_noted_with_its_source_and_its_moment(family):
    quotient = note(family, source="api", provider="CNAF", period="2026-11")

    kept = FamilyQuotient.objects.get()
    assert kept == quotient
    assert (kept.value_cents, kept.valid_from, kept.source, kept.provider, kept.period, kept.recorded_at) == (
        742_00,
        SEPTEMBER,
        "api",
        "CNAF",
        "2026-11",
        NOW,
    )


def test_the_journal_says_who_and_of_whom_and_never_how_much(family):
    withdraw_quotient(note(family, 731_19, document=PROOF), by=AGENT, at=NOW)

    assert [verb for verb, _details in lines()] == ["attach_document", "record_quotient", "withdraw_quotient"]
    assert "73119" not in str(lines())
    assert "Quenneville" not in str(lines())
    assert {details["family"] for _verb, details in lines()} == {family.pk}


def test_the_same_again_writes_nothing(family):
    first, second = note(family), note(family)

    assert first == second
    assert len(lines()) == 1


def test_another_of_the_same_day_asks_before_it_replaces(family):
    first = note(family)
    with pytest.raises(UnableToRecordQuotientError) as no:
        note(family, 600_00)
    second = note(family, 600_00, is_confirmed=True)

    assert no.value.doubts == (Doubt.REPLACES,)
    assert [(one.pk, one.withdrawn_at) for one in quotient_history(family.pk)] == [(second.pk, None), (first.pk, NOW)]


def test_an_unusual_value_is_taken_once_confirmed_and_an_absurd_one_never(family):
    for cents, is_confirmed in ((8_000_00, False), (30_000_00, True), (-1, True)):
        with pytest.raises(UnableToRecordQuotientError):
            note(family, cents, is_confirmed=is_confirmed)

    assert note(family, 8_000_00, is_confirmed=True).value_cents == 8_000_00
    assert len(lines()) == 1


def test_the_database_holds_the_same_bounds(family):
    note(family)
    for values in ({"value_cents": 20_000_01, "valid_from": MID_NOVEMBER}, {"value_cents": 1, "valid_from": SEPTEMBER}):
        with pytest.raises(IntegrityError), transaction.atomic(), permitted("test"):
            FamilyQuotient.objects.create(
                authority_id=family.authority_id, family=family, source="declared", recorded_at=NOW, **values
            )


def test_a_withdrawn_one_counts_no_more_but_is_still_read(family):
    wrong = note(family, 90_00, MID_NOVEMBER)
    note(family)

    assert withdraw_quotient(wrong, by=AGENT, at=NOW) is True
    assert withdraw_quotient(wrong, by=AGENT, at=NOW) is False

    active = quotients_of([family.pk])[family.pk]
    assert quotient_on(date(2026, 12, 1), active).value_cents == 742_00
    assert [one.value_cents for one in quotient_history(family.pk)] == [90_00, 742_00]


def test_the_quotients_of_many_families_are_one_question(family, django_assert_num_queries):
    other, without = (make_family(family.authority, name) for name in ("Autre", "Sans quotient"))
    note(family)
    note(family, 512_50, MID_NOVEMBER)
    note(other, 0)

    with django_assert_num_queries(1):
        found = quotients_of([family.pk, other.pk, without.pk])

    assert {key: [one.value_cents for one in each] for key, each in found.items()} == {
        family.pk: [742_00, 512_50],
        other.pk: [0],
        without.pk: [],
    }


class TestDocuments:
    @pytest.fixture(autouse=True)
    def _own_folder(self, settings, tmp_path):
        settings.FILES_DIR = tmp_path / "files"

    def test_neither_the_table_nor_the_disk_holds_a_word_of_it(self, family, settings):
        quotient = note(family, document=PROOF)
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM families_supportingdocument")
            (row,) = cursor.fetchall()
        (kept,) = (path for path in settings.FILES_DIR.rglob("*") if path.is_file())

        assert "Quenneville" not in str(row)
        assert b"revenu" not in kept.read_bytes()
        document = SupportingDocument.objects.get()
        assert (document.content, document.size, document.pages) == (SECRET, len(SECRET), 1)
        assert FamilyQuotient.objects.get().document == quotient.document

    def test_a_listing_reads_no_file(self, family, settings):
        note(family, document=PROOF)
        settings.FILES_DIR = settings.FILES_DIR / "elsewhere"

        (listed,) = documents_of(family.pk)
        (quotient,) = quotient_history(family.pk)

        assert quotient.document == listed
        assert quotient.document.name == "attestation Quenneville.pdf"
        with pytest.raises(files.NoSuchFileError):
            _ = listed.content

    def test_only_a_cleaned_document_is_kept(self, family):
        for raw in (SECRET, ("attestation.pdf", SECRET), None):
            with pytest.raises(TypeError, match="cleaned"):
                attach_document(family, raw, kind="quotient", by=AGENT, at=NOW)

        assert lines() == []

    def test_where_nothing_can_be_kept_the_quotient_is_not_noted_either(self, family, settings, tmp_path):
        (tmp_path / "full").write_text("a file where a folder should be")
        settings.FILES_DIR = tmp_path / "full"

        with pytest.raises(UnableToKeepDocumentError) as no:
            note(family, document=PROOF)

        assert no.value.fault is DocumentFault.NOT_NOW
        assert not FamilyQuotient.objects.exists()
        assert lines() == []

    def test_a_document_can_be_given_alone(self, family):
        document = attach_document(
            family, PROOF, kind="insurance", valid_until=date(2027, 8, 31), is_health=True, by=AGENT, at=NOW
        )

        assert (document.kind, document.valid_until, document.is_health) == ("insurance", date(2027, 8, 31), True)

    def test_a_forgotten_document_takes_its_file_along_once_and_for_all(self, family, in_the_queue):
        document = note(family, document=PROOF).document

        assert forget_document(document, by=AGENT, at=NOW) is True
        assert forget_document(document, by=AGENT, at=NOW) is False

        assert in_the_queue("files.forget") == [{"name": document.stored_as}]
        assert FamilyQuotient.objects.get().document is None
        assert lines()[-1][0] == "forget_document"
        for _twice in range(2):
            files.forget(document.stored_as)
        with pytest.raises(files.NoSuchFileError):
            files.read(document.stored_as)
