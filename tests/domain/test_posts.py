"""Agents appointed, changed, shut out, brought back: what each may do then, who is told, what the journal says."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.core import mail
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.domain.accounts.models import Agent, Grant, User
from marelle.domain.accounts.operations.posts import (
    AlreadyAgentError,
    EndedPostError,
    LastAdministratorError,
    NoRightsError,
    appoint_agent,
    change_rights,
    end_post,
    invite_agent_again,
    restore_agent,
    suspend_agent,
)
from marelle.domain.accounts.queries import employed_at, rights_by_agent
from marelle.domain.accounts.rules.roles import Right, rights_of
from marelle.foundation import tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.jobs import posts
from tests.domain.household import NOW
from tests.factories.town import make_agent, make_authority, make_facility
from tests.web.account.people import make_person

pytestmark = pytest.mark.django_db
BY = {"by": Actor(ActorKind.AGENT, 1), "at": NOW}
ADMINISTERS = frozenset({Right("administer")})


@pytest.fixture
def town(in_scope):
    authority = make_authority()
    in_scope(authority)
    return authority


def rights(agent):
    return rights_by_agent([agent.pk])[agent.pk]


def appoint(town, email="Lise.Morel@exemple.fr", given=ADMINISTERS, name="Lise Morel"):
    return appoint_agent(town, email=email, name=name, rights=given, **BY)


def letters():
    """Do what the queue holds about agents, and return the letters that left."""
    mail.outbox.clear()
    waiting = ProcrastinateJob.objects.filter(task_name="letters.agent_appointed", status="todo")
    for args in [job.args for job in waiting.order_by("pk")]:
        posts.agent_appointed(**args)
    with permitted("the worker"):
        waiting._raw_delete("default")
    return list(mail.outbox)


def last_line():
    return AuditEntry.objects.order_by("-pk").first()


class TestAppointing:
    def test_a_newcomer_receives_a_link_that_chooses_her_password(self, town):
        agent = appoint(town, given=rights_of({"view_day", "see_health"}))

        assert (agent.user.email, agent.user.has_usable_password()) == ("lise.morel@exemple.fr", False)
        assert rights(agent) == {Right("view_day"), Right("see_health")}
        (letter,) = letters()
        assert letter.to == ["lise.morel@exemple.fr"]
        path = re.search(r"http://compte\.localhost[^/]*(/\S*mot-de-passe/\S+)", letter.body)[1]
        page = Client(headers={"host": "compte.localhost"}).get(path, follow=True)
        assert page.status_code == 200
        assert "Nouveau mot de passe" in page.content.decode()

    def test_one_who_has_an_account_keeps_it_and_is_led_to_the_site(self, town):
        person = make_person("lise.morel@exemple.fr")

        agent = appoint(town)

        assert agent.user == person
        assert User.objects.get(pk=person.pk).password == person.password
        assert "mot-de-passe" not in letters()[0].body

    def test_nobody_is_appointed_twice_nor_for_nothing(self, town):
        agent = appoint(town)
        with pytest.raises(AlreadyAgentError):
            appoint(town, given=frozenset({Right("publish")}))
        with pytest.raises(NoRightsError):
            appoint(town, email="autre@exemple.fr", given=frozenset())

        assert rights(agent) == ADMINISTERS
        assert Agent.objects.count() == 1

    def test_the_journal_says_rights_and_no_name(self, town):
        agent = appoint(town, given=frozenset({Right("view_day"), Right("see_health", 0, "loisirs")}))

        line = last_line()
        assert (line.verb, line.object_type, line.object_key) == ("appoint_agent", "agent", agent.pk)
        assert line.details == {"after": [["see_health", 0, "loisirs"], ["view_day", 0, ""]]}

    def test_she_is_written_to_again_but_not_once_she_is_shut_out(self, town):
        make_agent(town, "Autre", "administer")
        agent = appoint(town)
        assert len(letters()) == 1

        invite_agent_again(agent, **BY)
        assert len(letters()) == 1
        invite_agent_again(agent, **BY)
        suspend_agent(agent, **BY)
        assert letters() == []


class TestChanging:
    def test_rights_are_replaced_and_the_journal_keeps_both(self, town):
        school = make_facility(town, "École")
        agent = make_agent(town, "Ana", "view_day", "publish")

        assert change_rights(agent, name="Ana Roy", rights=rights_of({"view_day"}, [school.pk]), **BY)

        assert Agent.objects.get(pk=agent.pk).name == "Ana Roy"
        assert rights(agent) == {Right("view_day", school.pk)}
        assert last_line().details == {
            "before": [["publish", 0, ""], ["view_day", 0, ""]],
            "after": [["view_day", school.pk, ""]],
        }

    def test_what_is_the_same_writes_nothing(self, town):
        agent = make_agent(town, "Ana", "view_day")
        before = AuditEntry.objects.count()

        assert not change_rights(agent, name="Ana", rights=rights_of({"view_day"}), **BY)
        assert AuditEntry.objects.count() == before

    @pytest.mark.parametrize(
        "leave",
        [
            lambda agent: change_rights(agent, name="Ana", rights=rights_of({"view_day"}), **BY),
            lambda agent: suspend_agent(agent, **BY),
            lambda agent: end_post(agent, **BY),
        ],
        ids=["rights", "suspended", "ended"],
    )
    def test_the_last_administrator_stays_one(self, town, leave):
        agent = make_agent(town, "Ana", "administer")
        shut_out = make_agent(town, "Partie", "administer")
        make_agent(make_authority(), "Ailleurs", "administer")
        with permitted("test"):
            Agent.objects.filter(pk=shut_out.pk).update(is_active=False)

        with pytest.raises(LastAdministratorError):
            leave(agent)

        assert rights(agent) == ADMINISTERS
        assert Agent.objects.get(pk=agent.pk).is_active

    def test_one_of_two_may_leave(self, town):
        agent = make_agent(town, "Ana", "administer")
        make_agent(town, "Lise", "administer")

        assert end_post(agent, **BY)


class TestLeaving:
    @pytest.fixture
    def agent(self, town):
        make_agent(town, "Lise", "administer")
        return make_agent(town, "Ana", "view_day", "see_health")

    def test_a_suspended_agent_comes_back_with_her_rights(self, agent):
        assert suspend_agent(agent, **BY)
        assert not suspend_agent(agent, **BY)
        assert rights(agent) == rights_of({"view_day", "see_health"})

        assert restore_agent(agent, **BY)
        assert not restore_agent(agent, **BY)
        assert Agent.objects.get(pk=agent.pk).is_active

    def test_an_ended_one_keeps_her_name_alone_and_is_appointed_anew(self, town, agent):
        assert end_post(agent, **BY)
        assert not end_post(agent, **BY)

        with pytest.raises(EndedPostError):
            restore_agent(agent, **BY)
        again = appoint(town, email=agent.user.email, given=rights_of({"publish"}), name="Ana Roy")
        assert (again.pk, rights(again)) == (agent.pk, rights_of({"publish"}))

    def test_the_list_shows_those_at_work_then_the_suspended_then_the_ended(self, town, agent):
        ended, suspended = make_agent(town, "Abel", "publish"), make_agent(town, "Bea", "publish")
        end_post(ended, **BY)
        suspend_agent(suspended, **BY)

        found = employed_at(town.pk)

        assert [one.agent.name for one in found] == ["Ana", "Lise", "Bea", "Abel"]
        assert [one.is_ended for one in found] == [False, False, False, True]


class TestTheMigration:
    """Health and the quotient became rights of their own: those who saw them still do, the others still do not."""

    @pytest.mark.parametrize(
        ("role", "gained"),
        [
            ("view_day", {"see_health"}),
            ("record_attendance", {"see_health"}),
            ("manage_reservations", {"see_health", "see_quotient"}),
            ("manage_billing", {"see_quotient"}),
            ("administer", {"see_health", "see_quotient"}),
            ("publish", set()),
        ],
    )
    def test_whoever_saw_keeps_seeing_as_far_as_she_reached(self, town, role, gained):
        from importlib import import_module

        migration = import_module("marelle.domain.accounts.migrations.0009_rights_to_know")
        school = make_facility(town, "École")
        agent = make_agent(town, "Ana", role)
        with permitted("test"):
            Grant.objects.filter(agent=agent).update(facility=school)

        with tenancy.every_authority():
            migration.keep_knowing(apps, None)
            migration.keep_knowing(apps, None)

        assert rights(agent) == {Right(each, school.pk) for each in {role, *gained}}
        with tenancy.every_authority():
            migration.forget(apps, None)
        assert rights(agent) == {Right(role, school.pk)}
