"""The configuration handed over as a file, and a year copied into the next, by whoever administers the whole town."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.accounts.models import Grant
from marelle.domain.catalog.models import Activity, Holiday
from marelle.domain.catalog.operations.calendar import seed_calendar
from marelle.domain.onboarding.queries.authority_file.reading import read_file
from marelle.domain.reservations.models import Enrollment
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from tests.conftest import MONDAY_MORNING
from tests.factories import town
from tests.web.office.test_day import body

pytestmark = pytest.mark.urls("marelle.config.urls_office")


@pytest.fixture
def administrator(office):
    """The office, whose agent administers the whole town."""
    with permitted("test"), tenancy.scope({office.authority.pk}):
        Grant.objects.get_or_create(authority=office.authority, agent=office.agent, role=Grant.Role.ADMINISTER)
    return office


class TestTheFile:
    def test_it_is_a_file_that_can_be_loaded(self, administrator, tmp_path):
        answer = administrator.client.get(administrator.at("reglages/fichier/"))

        path = tmp_path / "reprise.yaml"
        path.write_bytes(answer.content)
        assert read_file(path).said.authority.slug == administrator.authority.slug
        assert answer["Content-Disposition"].startswith(f'attachment; filename="{administrator.authority.slug}-2026-')
        assert answer["Cache-Control"] == "private, no-store"

    def test_who_administers_one_place_does_not_take_the_file_of_all(self, administrator):
        with permitted("test"), tenancy.scope({administrator.authority.pk}):
            Grant.objects.filter(role=Grant.Role.ADMINISTER).update(service_code="cantine")

        assert administrator.client.get(administrator.at("reglages/fichier/")).status_code == 403


NEXT_YEAR = "reglages/annee-suivante/"


class TestTheNextYear:
    @pytest.fixture(autouse=True)
    def calendar(self, office):
        """The published calendar of the town, and an activity that ends with the year."""
        with permitted("test"), tenancy.scope({office.authority.pk}):
            Holiday.objects.all().delete()
            seed_calendar(office.authority, by=SYSTEM, at=MONDAY_MORNING)
            Activity.objects.update(name="Cantine", ends_on=date(2027, 7, 2))

    def sent(self, office, **changes):
        key = office.meal.activity.public_id
        said = {"chosen": "on", "first": "2027-09-01", "last": "2028-07-03", f"price_{office.meal.public_id}": ""}
        said |= {name: value for name, value in changes.items() if name in said}
        return {"annee": "2026", "resolution": "", **{f"{key}-{name}": value for name, value in said.items() if value}}

    def activities(self, office):
        with tenancy.scope({office.authority.pk}):
            return list(Activity.objects.order_by("starts_on"))

    def test_it_proposes_the_days_of_the_next_calendar_and_copies_them_once(self, administrator):
        page = administrator.client.get(administrator.at(NEXT_YEAR))
        assert 'value="2027-09-01"' in page.text
        assert "Du mardi 1ᵉʳ septembre 2026 au vendredi 2 juillet 2027." in body(page)

        for _ in range(2):
            done = administrator.client.post(administrator.at(NEXT_YEAR), self.sent(administrator))
            assert done["Location"] == administrator.at(f"{NEXT_YEAR}?annee=2026")

        after = administrator.client.get(done["Location"]).text
        assert "Tout était déjà copié" in after
        assert "Défaire la copie" in after
        assert [one.starts_on for one in self.activities(administrator)] == [date(2026, 9, 1), date(2027, 9, 1)]

    def test_it_is_undone_while_nobody_is_enrolled(self, administrator):
        administrator.client.post(administrator.at(NEXT_YEAR), self.sent(administrator))
        done = administrator.client.post(administrator.at(f"{NEXT_YEAR}defaire/"), {"annee": "2026"})
        assert "L’activité copiée est retirée." in administrator.client.get(done["Location"]).text

        administrator.client.post(administrator.at(NEXT_YEAR), self.sent(administrator))
        copy = self.activities(administrator)[1]
        child = town.make_child(administrator.family)
        with permitted("test"), tenancy.scope({administrator.authority.pk}):
            Enrollment.objects.create(
                authority=administrator.authority,
                child=child,
                activity=copy,
                starts_on=date(2027, 9, 1),
                ends_on=date(2028, 7, 3),
            )
        refused = administrator.client.post(administrator.at(f"{NEXT_YEAR}defaire/"), {"annee": "2026"})

        assert refused.status_code == 409
        assert "la copie ne se défait plus" in refused.text
        assert len(self.activities(administrator)) == 2

    @pytest.mark.parametrize(
        ("changes", "status", "reason"),
        [
            ({"chosen": ""}, 422, "Cochez au moins une activité"),
            ({"first": "bientôt"}, 422, "Indiquez un jour"),
            ({"last": "2027-08-31"}, 409, "Le dernier jour est avant le premier."),
            ({"first": "2027-07-01"}, 409, "n’est pas encore finie"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_is_copied(self, administrator, changes, status, reason):
        answer = administrator.client.post(administrator.at(NEXT_YEAR), self.sent(administrator, **changes))

        assert answer.status_code == status
        assert reason in answer.text
        assert len(self.activities(administrator)) == 1

    def test_a_page_asks_as_few_questions_for_many_activities_as_for_one(self, administrator):
        def questions():
            with CaptureQueriesContext(connection) as asked:
                administrator.client.get(administrator.at(NEXT_YEAR))
            return len(asked)

        questions()
        few = questions()
        for _ in range(4):
            town.make_product(
                administrator.authority,
                service=administrator.canteen,
                facility=administrator.school,
                period=(date(2026, 9, 1), date(2027, 7, 2)),
                slot_days=None,
            )

        questions()
        assert questions() == few
