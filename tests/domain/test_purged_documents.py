"""Documents are erased in the night when nothing asks to keep them: by their validity, and sooner for health."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from marelle.domain.families.models import SupportingDocument
from marelle.domain.procedures.models import Application, ApplicationDocument, ServiceInCharge
from marelle.domain.procedures.operations.purging import purge_documents
from marelle.foundation.actors import SYSTEM
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.writes import permitted
from tests.domain.household import Household
from tests.factories.procedures import make_draft, make_procedure
from tests.factories.town import make_authority

pytestmark = pytest.mark.django_db
TONIGHT = date(2026, 11, 23)
NIGHT = datetime(2026, 11, 23, 4, tzinfo=UTC)


@pytest.fixture
def home(in_scope):
    authority = make_authority()
    in_scope(authority)
    return Household(authority)


def document(home, *, days_ago, valid_until=None, is_health=False):
    with permitted("factory"):
        return SupportingDocument.objects.create(
            authority=home.authority,
            family=home.family,
            kind="proof",
            name="document.pdf",
            content_type="application/pdf",
            stored_as=new_public_id(),
            size=10,
            uploaded_at=NIGHT - timedelta(days=days_ago),
            valid_until=valid_until,
            is_health=is_health,
        )


def purge(home):
    return purge_documents(home.authority, on=TONIGHT, by=SYSTEM, at=NIGHT)


@pytest.mark.parametrize(("is_health", "last_kept"), [(False, 366), (True, 60)])
def test_a_document_is_kept_to_its_last_night_and_not_one_more(home, is_health, last_kept):
    kept = document(home, days_ago=last_kept, is_health=is_health)
    document(home, days_ago=last_kept + 1, is_health=is_health)

    assert purge(home) == 1
    assert list(SupportingDocument.objects.all()) == [kept]
    assert home.posted() == ["files.forget"]


def test_what_is_still_valid_is_kept_however_old(home):
    document(home, days_ago=2000, valid_until=TONIGHT - timedelta(days=366))
    document(home, days_ago=2000, valid_until=TONIGHT - timedelta(days=367))

    assert purge(home) == 1
    assert purge(home) == 0


@pytest.mark.parametrize(("state", "is_kept"), [("draft", True), ("rejected", False)])
def test_a_document_of_an_application_that_waits_is_kept_until_it_is_closed(home, state, is_kept):
    old = document(home, days_ago=900)
    draft = make_draft(home.family, make_procedure(home.authority))
    with permitted("factory"):
        ApplicationDocument.objects.create(
            authority=home.authority, application=draft, document=old, code="identity", added_at=NIGHT
        )
        if state != "draft":
            Application.objects.filter(pk=draft.pk).update(
                state=state,
                number=1,
                submitted_at=NIGHT,
                decided_at=NIGHT,
                in_charge=ServiceInCharge.objects.get(),
            )

    purge(home)

    assert SupportingDocument.objects.filter(pk=old.pk).exists() is is_kept
