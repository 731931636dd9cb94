"""The file of an authority, written from the database: what is loaded comes back, and loading it again is no news."""

from argparse import Namespace
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from marelle.commands import export as command
from marelle.commands.load import DEMONSTRATION, DEMONSTRATION_FILES
from marelle.commands.refusal import Refused
from marelle.domain.accounts.models import Agent, Grant
from marelle.domain.authorities.models import Authority, Facility, Regie, SchoolClass
from marelle.domain.catalog.models import (
    Activity,
    ClosureDay,
    Holiday,
    Product,
    Reglement,
    Service,
    SlotTemplate,
    Tariff,
)
from marelle.domain.news.models import Article
from marelle.domain.onboarding.operations.loading import load
from marelle.domain.onboarding.queries.authority_file import shapes
from marelle.domain.onboarding.queries.authority_file.reading import read_file
from marelle.domain.onboarding.queries.authority_file.writing import LEFT_OUT, written
from marelle.domain.reservations.models import KitchenSettings
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from marelle.foundation.yaml_files import InvalidFile

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def bring(path):
    return load(read_file(path), accept_passwords=False, by=SYSTEM, at=AT)


def without_people(path):
    file = read_file(path)
    agents = [one.model_copy(update={"demonstration_password": None}) for one in file.said.agents]
    return replace(file, said=file.said.model_copy(update={"families": [], "custody": [], "agents": agents}))


@pytest.fixture(params=DEMONSTRATION_FILES)
def town(request, db, in_scope):
    authority = load(without_people(DEMONSTRATION / request.param), accept_passwords=False, by=SYSTEM, at=AT).authority
    in_scope(authority)
    return Authority.objects.get(pk=authority.pk)


@pytest.fixture
def saved(tmp_path):
    def saved(text):
        path = tmp_path / "collectivite.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return saved


def edit_at_the_office(town):
    """What screens leave behind: gaps in the order, days of the calendar of one's own, several lines, an empty part."""
    with permitted("test"):
        Authority.objects.filter(pk=town.pk).update(is_open=False, town_hall_weekdays=[0, 1, 3, 4])
        for row in Service.objects.order_by("position"):
            Service.objects.filter(pk=row.pk).update(position=row.position * 3 + 2, hold_hours=48)
        service, place = Service.objects.order_by("position").first(), Facility.objects.first()
        Service.objects.create(authority=town, code="neuf", name="Neuf : à faire # bientôt", position=40)
        empty = Activity.objects.create(
            authority=town,
            code="vide",
            name="Vide",
            service=service,
            facility=place,
            position=50,
            starts_on=date(2026, 9, 1),
            ends_on=date(2027, 7, 2),
            term_weekdays=[2],
        )
        template = {"starts_at": time(8, 5), "ends_at": time(9, 0), "min_age": 3}
        SlotTemplate.objects.create(authority=town, activity=empty, code="tot", name="Tôt", **template)
        Holiday.objects.filter(kind="public", starts_on=date(2026, 11, 11)).delete()
        Holiday.objects.filter(kind="school", starts_on=date(2026, 12, 19)).update(ends_on=date(2027, 1, 4))
        pont = {"name": "Pont de la mairie", "starts_on": date(2027, 5, 7), "ends_on": date(2027, 5, 7)}
        Holiday.objects.create(authority=town, kind="town_hall", **pont)
        ClosureDay.objects.create(
            authority=town,
            starts_on=date(2027, 6, 1),
            ends_on=date(2027, 6, 2),
            reason="travaux : préau",
            facility=place,
        )
        Regie.objects.create(
            authority=town, code="troisieme", name="« Régie »", how_to_pay="Par chèque\r\nAu guichet", vat_words=""
        )
        Article.objects.create(
            authority=town,
            code="pour-certaines",
            title="Pour la cantine",
            body="Repas froid jeudi.",
            published_on=date(2026, 11, 2),
            is_public=False,
            for_services=[service.code],
            for_facilities=[place.code],
        )
        kitchen = {"emails": ["Cuisine@Traiteur.fr", "chef@traiteur.fr"], "at_time": time(9, 30), "days_before": 1}
        KitchenSettings.objects.create(authority=town, service=service, facility=None)
        KitchenSettings.objects.create(authority=town, service=service, facility=place, attaches_pdf=False, **kitchen)
        agent = Agent.objects.first()
        Grant.objects.create(authority=town, agent=agent, role="see_health", facility=place, service_code="neuf")


def test_loading_what_was_written_changes_nothing(town, saved):
    edit_at_the_office(town)
    town.refresh_from_db()
    text = written(town, at=AT)

    again = bring(saved(text))

    assert (dict(again.created), dict(again.changed), again.kept) == ({}, {}, [])
    assert written(Authority.objects.get(pk=town.pk), at=AT) == text


def test_an_empty_database_becomes_an_authority_whose_file_is_the_same(town, saved):
    edit_at_the_office(town)
    town.refresh_from_db()
    text, slug = written(town, at=AT), town.slug
    with permitted("test"):
        Authority.objects.filter(pk=town.pk).update(slug="une-autre")

    other = bring(saved(text)).authority

    assert other.pk != town.pk
    assert other.slug == slug
    with tenancy.scope({other.pk}):
        assert written(Authority.objects.get(pk=other.pk), at=AT) == text


def test_neither_families_nor_passwords_are_written(town):
    text = written(town, at=AT)

    assert "password" not in text
    assert "families" not in text
    assert Agent.objects.first().user.email in text


def test_a_suspended_agent_is_not_written(town):
    address = Agent.objects.first().user.email
    with permitted("test"):
        Agent.objects.update(is_active=False)

    assert address not in written(town, at=AT)


def test_a_logo_in_the_file_that_is_none_is_refused_with_its_line(town, saved):
    text = written(town, at=AT)
    start = text.index("  logo: |-")
    spoilt = text[:start] + '  logo: "data:image/png;base64,pas du base 64 !"\n' + text[text.index("\n\n", start) :]

    with pytest.raises(InvalidFile) as refused:
        bring(saved(spoilt))

    assert [fault.in_words("f") for fault in refused.value.faults] == [
        f"f:{text[:start].count(chr(10)) + 1}: authority.logo : le logo écrit dans le fichier ne se lit pas"
    ]


def test_the_command_writes_the_file_or_says_why_not(town, tmp_path, capsys):
    path = tmp_path / "copie.yaml"

    assert command.run(Namespace(authority=town.slug, output=path)) == 0
    assert path.read_text(encoding="utf-8").startswith(f"# La configuration de {town.name},")
    with pytest.raises(Refused, match="aucune collectivité « ailleurs »"):
        command.run(Namespace(authority="ailleurs", output=None))
    with pytest.raises(Refused, match="ne peut pas être écrit"):
        command.run(Namespace(authority=town.slug, output=tmp_path / "absent" / "copie.yaml"))


DESCRIBED = {
    Authority: shapes.AuthorityShape,
    Regie: shapes.RegieShape,
    Facility: shapes.FacilityShape,
    SchoolClass: shapes.ClassShape,
    Service: shapes.ServiceShape,
    Activity: shapes.ActivityShape,
    SlotTemplate: shapes.SlotShape,
    Product: shapes.ProductShape,
    Holiday: shapes.HolidayShape,
    ClosureDay: shapes.ClosureShape,
    Article: shapes.ArticleShape,
    Agent: shapes.AgentShape,
    Grant: shapes.GrantShape,
    KitchenSettings: shapes.KitchenShape,
    Reglement: shapes.ReglementShape,
    Tariff: shapes.TariffShape,
}
# Said by the place in the file, under another word, or as the text itself.
SAID_ELSEWHERE = {"id", "authority", "position", "activity", "product", "user", "agent", "rules", "service_code"}
INSIDE = {SchoolClass: {"facility"}, Activity: {"service"}}


@pytest.mark.parametrize("model", DESCRIBED, ids=lambda model: model.__name__)
def test_every_column_that_an_agent_decides_is_in_the_file_or_said_not_to_be(model):
    columns = {field.name for field in model._meta.concrete_fields} - SAID_ELSEWHERE - INSIDE.get(model, set())

    assert columns - set(DESCRIBED[model].model_fields) == set(LEFT_OUT.get(model, {}))
