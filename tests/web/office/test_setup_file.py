"""The configuration handed over as a file, and a year copied into the next, by whoever administers the whole town."""

import pytest

from marelle.domain.accounts.models import Grant
from marelle.domain.onboarding.queries.authority_file.reading import read_file
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted

pytestmark = pytest.mark.urls("marelle.config.urls_office")


@pytest.fixture
def administrator(office):
    """The office, whose agent administers the whole town."""
    with permitted("test"), tenancy.scope({office.authority.pk}):
        Grant.objects.get_or_create(authority=office.authority, agent=office.agent, role=Grant.Role.ADMINISTER)
    return office


class TestTheFile:
    def test_it_is_a_file_that_can_be_loaded(self, administrator, tmp_path):
        answer = administrator.client.get(administrator.at("reglages/fichier/configuration/"))

        path = tmp_path / "reprise.yaml"
        path.write_bytes(answer.content)
        assert read_file(path).said.authority.slug == administrator.authority.slug
        assert answer["Content-Disposition"].startswith(f'attachment; filename="{administrator.authority.slug}-2026-')
        assert answer["Cache-Control"] == "private, no-store"

    def test_who_administers_one_place_does_not_take_the_file_of_all(self, administrator):
        with permitted("test"), tenancy.scope({administrator.authority.pk}):
            Grant.objects.filter(role=Grant.Role.ADMINISTER).update(service_code="cantine")

        assert administrator.client.get(administrator.at("reglages/fichier/configuration/")).status_code == 403
