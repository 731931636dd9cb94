"""The screens of agents: who may name whom, what each post opens, what is said when something is wrong."""

from __future__ import annotations

import pytest

from marelle.domain.accounts.models import Agent, Grant
from marelle.domain.accounts.queries import rights_by_agent
from marelle.domain.accounts.rules.roles import Right
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.factories import town
from tests.web.account.people import text_of
from tests.web.office.conftest import signed_in

pytestmark = pytest.mark.urls("marelle.config.urls_office")


@pytest.fixture
def team(office, in_scope):
    in_scope(office.authority)
    office.url = office.at("reglages/agents/")
    office.ana = town.make_agent(office.authority, "Ana Roy", "view_day")
    office.anas = f"{office.url}{office.ana.user.public_id}/"
    return office


def form(**typed):
    return {"name": "Ana Roy", "how": "replace", "post": "choisis", "roles": ["view_day"], **typed}


def rights(agent):
    return rights_by_agent([agent.pk])[agent.pk]


class TestNaming:
    def test_a_post_for_one_place_gives_its_rights_there_alone(self, team):
        typed = {"email": "Lise.Morel@exemple.fr", "name": "Lise Morel", "post": "facility_lead"}
        answer = team.client.post(f"{team.url}nommer/", {**typed, "facilities": [team.school.code]}, follow=True)

        said = text_of(answer)
        assert "Un courriel part à lise.morel@exemple.fr" in said.lower().replace("un courriel", "Un courriel")
        assert "Responsable de site" in said
        agent = Agent.objects.get(name="Lise Morel")
        roles = {"view_day", "record_attendance", "read_families", "see_health"}
        assert rights(agent) == {Right(role, team.school.pk) for role in roles}
        assert signed_in(agent).get(team.at("journee/")).status_code == 200
        assert signed_in(agent).get(team.at("annulations/")).status_code == 403

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"email": "lise"}, "Vérifiez cette adresse"),
            ({"name": ""}, "Donnez le prénom et le nom"),
            ({"post": ""}, "Choisissez un poste"),
            ({"post": "maire"}, "Choisissez un poste"),
            ({"post": "choisis"}, "Cochez au moins un droit"),
            ({"post": "choisis", "roles": ["tout"]}, "Choisissez dans la liste"),
            ({"facilities": ["ailleurs"]}, "Choisissez dans la liste"),
        ],
    )
    def test_what_is_wrong_is_said_and_what_was_typed_kept(self, team, typed, said):
        whole = {"email": "lise@exemple.fr", "name": "Lise Morel", "post": "reader", **typed}
        answer = team.client.post(f"{team.url}nommer/", whole)

        assert answer.status_code == 422
        assert said in text_of(answer)
        assert f'value="{whole["email"]}"' in text_of(answer)
        assert Agent.objects.count() == 2

    def test_an_agent_is_not_named_twice(self, team):
        typed = {"email": team.ana.user.email, "name": "Ana", "post": "reader"}
        answer = team.client.post(f"{team.url}nommer/", typed)

        assert answer.status_code == 409
        assert "déjà celle d’un agent" in text_of(answer)


class TestOne:
    def test_rights_are_replaced_or_added_to(self, team):
        team.client.post(team.anas, form(how="add", roles=["record_attendance"], facilities=[team.school.code]))
        assert rights(team.ana) == {Right("view_day"), Right("record_attendance", team.school.pk)}
        mixed = text_of(team.client.get(team.anas))
        assert "Ses droits diffèrent selon les lieux" in mixed
        assert "École des Tilleuls" in mixed

        team.client.post(team.anas, form(post="secretariat"))
        assert {one.role for one in rights(team.ana)} == {
            "view_day",
            "manage_reservations",
            "see_quotient",
            "publish",
        }
        assert "Secrétariat" in text_of(team.client.get(team.url))

    @pytest.mark.parametrize("act", ["suspendre/", "terminer/"])
    def test_her_access_ends_at_her_next_request(self, team, act):
        hers = signed_in(team.ana)
        assert hers.get(team.at("journee/")).status_code == 200

        assert team.client.post(f"{team.anas}{act}").status_code == 303
        assert hers.get(team.at("journee/")).status_code == 404

    def test_a_suspended_one_comes_back_and_an_ended_one_does_not(self, team):
        team.client.post(f"{team.anas}suspendre/")
        assert "Suspension" in text_of(team.client.get(team.url))
        team.client.post(f"{team.anas}retablir/")
        assert signed_in(team.ana).get(team.at("journee/")).status_code == 200

        team.client.post(f"{team.anas}terminer/")
        assert team.client.post(f"{team.anas}retablir/").status_code == 409
        assert team.client.post(f"{team.anas}inviter/").status_code == 409
        assert "Postes terminés (1)" in text_of(team.client.get(team.url))

    @pytest.mark.parametrize("act", ["", "suspendre/", "terminer/"])
    def test_the_only_administrator_stays(self, team, act):
        answer = team.client.post(f"{team.url}{team.agent.user.public_id}/{act}", form())

        assert answer.status_code == 409
        assert "Plus personne n’administrerait" in text_of(answer)
        assert Right("administer") in rights(team.agent)

    def test_who_leaves_her_own_post_is_led_home(self, team):
        town.make_agent(team.authority, "Autre", "administer")
        answer = team.client.post(f"{team.url}{team.agent.user.public_id}/", form())

        assert answer["Location"] == "/"
        assert team.client.get(team.url).status_code == 403


def test_who_administers_one_place_names_nobody(team):
    limited = town.make_agent(team.authority, "Paul", "administer")
    with permitted("test"), tenancy.scope({team.authority.pk}):
        Grant.objects.filter(agent=limited).update(facility=team.school)

    assert signed_in(limited).get(team.url).status_code == 403
    assert signed_in(limited).post(f"{team.url}nommer/", {}).status_code == 403


def test_the_list_asks_as_few_questions_for_many_agents(team, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    team.client.get(team.url)
    with CaptureQueriesContext(connection) as few:
        team.client.get(team.url)
    for number in range(8):
        town.make_agent(team.authority, f"Agent {number}", "view_day", "publish")
    with django_assert_num_queries(len(few)):
        team.client.get(team.url)
