"""Documents that were kept in the database go where files are kept, and come back, without losing a byte."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from marelle.domain.families.models import SupportingDocument
from marelle.domain.families.operations.documents import attach_document
from marelle.foundation import files, tenancy
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT, NOW
from tests.factories.papers import clean_document
from tests.factories.town import make_authority, make_family

BEFORE, AFTER = ("families", "0006_profile"), ("families", "0007_files_apart")


def migrate(*to):
    """Migrate as the command does: who types it works on the tables themselves."""
    with permitted("migrate"):
        MigrationExecutor(connection).migrate(list(to))


@pytest.fixture
def whole_again(transactional_db):
    """Leave every table as the other tests know it: those of the rooms above went too, and come back."""
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield
    migrate(*leaves)


@pytest.mark.torture
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("whole_again")
def test_the_migration_there_and_back(settings, tmp_path):
    settings.FILES_DIR = tmp_path
    authority = make_authority()
    contents = [bytes([n]) * 1000 for n in range(20)]
    with tenancy.scope({authority.pk}):
        family = make_family(authority)
        for content in contents:
            attach_document(family, clean_document(content=content), kind="quotient", by=AGENT, at=NOW)

    migrate(BEFORE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(content) FROM families_supportingdocument")
        assert cursor.fetchone() == (20,)
    for path in [one for one in tmp_path.rglob("*") if one.is_file()]:
        files.forget(path.name)

    migrate(AFTER)
    with tenancy.scope({authority.pk}):
        kept = SupportingDocument.objects.order_by("pk")
        assert [(one.content, one.pages, one.is_health) for one in kept] == [(each, 0, False) for each in contents]
