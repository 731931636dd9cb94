"""Two administrators end each other's post at the same instant, and somebody still administers."""

from __future__ import annotations

import pytest

from marelle.domain.accounts.models import Agent
from marelle.domain.accounts.operations.posts import (
    AlreadyAgentError,
    LastAdministratorError,
    appoint_agent,
    end_post,
    suspend_agent,
)
from marelle.domain.accounts.rules.roles import Right
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from tests.factories.town import make_agent, make_authority

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


def inside(authority, function):
    def run():
        with tenancy.scope({authority.pk}):
            return function(by=SYSTEM, at=clock.machine_now())

    return run


@pytest.mark.parametrize("leave", [end_post, suspend_agent])
def test_one_of_all_who_leave_at_once_stays(at_once, leave):
    authority = make_authority()
    agents = [make_agent(authority, f"Agent {number}", "administer") for number in range(5)]

    outcomes = at_once(
        [inside(authority, lambda agent=agent, **how: leave(agent, **how)) for agent in agents], connections_at_most=5
    )

    assert sum(isinstance(one, LastAdministratorError) for one in outcomes) == 1
    assert outcomes.count(True) == 4
    with tenancy.scope({authority.pk}):
        assert Agent.objects.filter(is_active=True).count() == 1


def test_one_address_appointed_by_many_at_once_is_one_agent(at_once):
    authority = make_authority()

    def appoint(**how):
        return appoint_agent(authority, email="lise@exemple.fr", name="Lise", rights={Right("publish")}, **how)

    outcomes = at_once([inside(authority, appoint)] * 5, connections_at_most=5)

    assert sum(isinstance(one, Agent) for one in outcomes) == 1
    assert sum(isinstance(one, AlreadyAgentError) for one in outcomes) == 4
