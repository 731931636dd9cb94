"""A family's quotients: noted with their proof, replaced and withdrawn without being lost, read on any day."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from marelle.domain.families.models import FamilyQuotient, SupportingDocument
from marelle.domain.families.operations.documents import NewDocument, UnableToKeepDocumentError, attach_document
from marelle.domain.families.operations.quotients import UnableToRecordQuotientError, record_quotient, withdraw_quotient
from marelle.domain.families.queries import documents_of, quotient_history, quotients_of
from marelle.domain.families.rules.documents import DocumentFault
from marelle.domain.families.rules.quotients import Doubt, quotient_on
from marelle.foundation.encryption import decrypt_bytes
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT, NOW
from tests.factories.town import make_authority, make_family

pytestmark = pytest.mark.django_db
SEPTEMBER, MID_NOVEMBER = date(2026, 9, 1), date(2026, 11, 16)
SECRET = b"%PDF-1.7 le revenu de la famille Quenneville"
PROOF = NewDocument("attestation Quenneville.pdf", SECRET)


@pytest.fixture
def family(in_scope):
    authority = make_authority()
    in_scope(authority)
    return make_family(authority, "Quenneville")


def note(family, cents=742_00, valid_from=SEPTEMBER, **more):
    return record_quotient(
        family, **{"value_cents": cents, "valid_from": valid_from, "source": "declared", "by": AGENT, "at": NOW} | more
    )


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
    def test_the_table_holds_only_ciphertext(self, family):
        quotient = note(family, document=PROOF)
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, content, size, content_type FROM families_supportingdocument")
            ((name, content, size, content_type),) = cursor.fetchall()

        assert "Quenneville" not in name
        assert b"revenu" not in bytes(content)
        assert decrypt_bytes(bytes(content)) == SECRET
        assert (size, content_type) == (len(SECRET), "application/pdf")
        assert SupportingDocument.objects.get().content == SECRET
        assert FamilyQuotient.objects.get().document == quotient.document

    def test_listings_leave_the_contents_where_they_are(self, family):
        note(family, document=PROOF)

        (listed,) = documents_of(family.pk)
        (quotient,) = quotient_history(family.pk)

        assert listed.get_deferred_fields() == {"content"}
        assert quotient.document.get_deferred_fields() == {"content"}
        assert quotient.document.name == "attestation Quenneville.pdf"

    def test_no_content_can_be_compared(self, family):
        with pytest.raises(TypeError, match="cannot be looked up"):
            SupportingDocument.objects.filter(content=SECRET).exists()

    def test_a_file_that_is_not_taken_leaves_no_quotient_either(self, family):
        with pytest.raises(UnableToKeepDocumentError) as no:
            note(family, document=NewDocument("attestation.pdf", b"<script>alert(1)</script>"))

        assert no.value.fault is DocumentFault.UNKNOWN_KIND
        assert not FamilyQuotient.objects.exists()
        assert lines() == []

    def test_a_document_can_be_given_alone(self, family):
        document = attach_document(family, PROOF, kind="insurance", valid_until=date(2027, 8, 31), by=AGENT, at=NOW)

        assert (document.kind, document.valid_until) == ("insurance", date(2027, 8, 31))
