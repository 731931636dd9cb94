"""An application is decided once, whoever presses at the same instant, and each agent is told the truth."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.domain.procedures.models import Application, AppliedEffect
from marelle.domain.procedures.operations.refusals import UnableToWriteError
from marelle.domain.procedures.operations.reviewing import assign, decide
from marelle.domain.procedures.rules.states import Decision
from marelle.foundation import tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.models import AuditEntry
from tests.factories.applications import make_sent, pickup_of
from tests.factories.procedures import make_procedure
from tests.factories.town import make_agent, make_authority, make_child, make_family

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


class Office:
    """An application that was sent, and two agents who both have its page open."""

    def __init__(self):
        self.authority = make_authority()
        self.family = make_family(self.authority)
        child = make_child(self.family, "Inès")
        self.sent = make_sent(self.family, make_procedure(self.authority, documents=[]), pickup_of(child))
        self.agents = [make_agent(self.authority, name) for name in ("Nadia Ferrand", "Léa Roy")]

    def inside(self):
        return tenancy.scope({self.authority.pk})

    def press(self, act):
        """Return what an agent does with the page that she opened before."""

        def pressed():
            with self.inside():
                return act(self.sent)

        return pressed

    def by(self, number):
        return Actor(ActorKind.AGENT, self.agents[number].user_id)

    def decides(self, number, decision):
        return self.press(
            lambda one: (
                decide(one, decision, reasons="Vu.", expected=one.revision, by=self.by(number), at=NOW).decided_by_id
            )
        )

    def takes(self, number):
        return self.press(
            lambda one: assign(one, self.agents[number], expected=one.revision, by=self.by(number), at=NOW)
        )


@pytest.fixture
def office(db):
    return Office()


def letters():
    return ProcrastinateJob.objects.filter(task_name="letters.application_decided").count()


def test_two_agents_who_accept_at_once_accept_once(office, at_once):
    before = letters()

    results = at_once([office.decides(number % 2, Decision.APPROVE) for number in range(8)])

    assert len(set(results)) == 1, "all are told who did it"
    with office.inside():
        assert AppliedEffect.objects.count() == 1
    assert AuditEntry.objects.filter(verb="decide").count() == 1
    assert letters() - before == 1


def test_of_two_decisions_that_differ_one_is_taken_and_the_other_agent_told(office, at_once):
    results = at_once([office.decides(0, Decision.APPROVE), office.decides(1, Decision.REJECT)])

    assert [isinstance(result, UnableToWriteError) for result in results].count(True) == 1
    with office.inside():
        state = Application.objects.get().state
        assert AppliedEffect.objects.count() == (1 if state == "approved" else 0)
    assert AuditEntry.objects.filter(verb="decide").count() == 1


def test_of_two_agents_who_take_it_one_has_it_and_the_other_is_told(office, at_once):
    results = at_once([office.takes(0), office.takes(1)])

    assert sorted(str(type(result).__name__) for result in results) == ["UnableToWriteError", "bool"]
    with office.inside():
        assert Application.objects.get().assigned_to in office.agents
