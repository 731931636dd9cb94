"""Who works for an authority, and what she may do there: appointed, changed, suspended, ended by an administrator."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from marelle.domain.accounts.models import Agent, Grant, User
from marelle.domain.accounts.operations.people import open_accounts
from marelle.domain.accounts.queries import rights_by_agent
from marelle.domain.accounts.rules.roles import Right, would_lock_out
from marelle.domain.authorities.models import Authority
from marelle.foundation import audit, outbox
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


class AlreadyAgentError(Exception):
    """The address already works for the authority: its rights are changed, not given twice. Nothing was written."""


class LastAdministratorError(Exception):
    """Nobody would administer the authority any more. Nothing was written."""


class NoRightsError(Exception):
    """An agent who may do nothing is not an agent: her post is ended instead. Nothing was written."""


class EndedPostError(Exception):
    """The post was ended: its holder is appointed anew, with her rights. Nothing was written."""


@operation
def appoint_agent(
    authority: Authority, *, email: str, name: str, rights: Collection[Right], by: Actor, at: datetime
) -> Agent:
    """Will make the reader of an address an agent with these rights, and have a letter tell her how to come in.

    Her account is opened if she has none: the letter leads her to choose its password. Whoever was an agent until her
    post was ended is appointed again. Raises AlreadyAgentError, NoRightsError.
    """
    _lock(authority)
    given = _given(rights)
    address = email.strip().lower()
    user = open_accounts({address: None}, by=by, at=at)[address]
    agent = Agent.objects.filter(authority=authority, user=user).first()
    if agent is not None and (agent.is_active or rights_by_agent([agent.pk])[agent.pk]):
        raise AlreadyAgentError
    if agent is None:
        agent = Agent.objects.create(authority=authority, user=user, name=name)
    else:
        agent.name, agent.is_active = name, True
        agent.save(update_fields=["name", "is_active"])
    _grant(agent, given)
    _record("appoint_agent", agent, by=by, at=at, after=_spelled(given))
    outbox.post("letters.agent_appointed", authority=authority.pk, agent=agent.pk)
    return agent


@operation
def invite_agent_again(agent: Agent, *, by: Actor, at: datetime) -> None:
    """Will have the letter that says how to come in written once more, to an agent whose post is open."""
    _record("invite_agent_again", agent, by=by, at=at)
    outbox.post("letters.agent_appointed", authority=agent.authority_id, agent=agent.pk)


@operation
def change_rights(agent: Agent, *, name: str, rights: Collection[Right], by: Actor, at: datetime) -> bool:
    """Will give an agent these rights instead of hers, and this name; tells whether anything changed.

    Raises NoRightsError, LastAdministratorError.
    """
    _lock(agent.authority)
    given = _given(rights)
    agent.refresh_from_db()
    before = rights_by_agent([agent.pk])[agent.pk]
    if agent.name == name and before == given:
        return False
    if agent.is_active:
        _require_administrator(agent, after=given)
    agent.name = name
    agent.save(update_fields=["name"])
    _grant(agent, given)
    _record("change_rights", agent, by=by, at=at, before=_spelled(before), after=_spelled(given))
    return True


@operation
def suspend_agent(agent: Agent, *, by: Actor, at: datetime) -> bool:
    """Will shut an agent out from her next request on, her rights kept for her return; tells whether she was in.

    Raises LastAdministratorError.
    """
    _lock(agent.authority)
    agent.refresh_from_db()
    if not agent.is_active:
        return False
    _require_administrator(agent, after=())
    agent.is_active = False
    agent.save(update_fields=["is_active"])
    _record("suspend_agent", agent, by=by, at=at)
    return True


@operation
def restore_agent(agent: Agent, *, by: Actor, at: datetime) -> bool:
    """Will let a suspended agent in again, with the rights that she had; tells whether she was out.

    Raises EndedPostError for one who has none left.
    """
    _lock(agent.authority)
    agent.refresh_from_db()
    if agent.is_active:
        return False
    if not rights_by_agent([agent.pk])[agent.pk]:
        raise EndedPostError
    agent.is_active = True
    agent.save(update_fields=["is_active"])
    _record("restore_agent", agent, by=by, at=at)
    return True


@operation
def end_post(agent: Agent, *, by: Actor, at: datetime) -> bool:
    """Will shut an agent out for good, her rights taken away; what she did keeps her name. Tells whether she had any.

    Raises LastAdministratorError.
    """
    _lock(agent.authority)
    agent.refresh_from_db()
    before = rights_by_agent([agent.pk])[agent.pk]
    if not agent.is_active and not before:
        return False
    if agent.is_active:
        _require_administrator(agent, after=())
    agent.is_active = False
    agent.save(update_fields=["is_active"])
    _grant(agent, frozenset())
    _record("end_post", agent, by=by, at=at, before=_spelled(before))
    return True


def _lock(authority: Authority) -> None:
    """Will have whoever changes the agents of an authority wait here: two administrators never remove each other."""
    Authority.objects.select_for_update(no_key=True).only("pk").get(pk=authority.pk)


def _given(rights: Collection[Right]) -> frozenset[Right]:
    given = frozenset(rights)
    if not given:
        raise NoRightsError
    return given


def _require_administrator(agent: Agent, *, after: Collection[Right]) -> None:
    coming_in = Agent.objects.filter(
        authority_id=agent.authority_id, is_active=True, user__in=User.objects.filter(is_active=True)
    )
    rights = rights_by_agent(list(coming_in.values_list("pk", flat=True)))
    if would_lock_out(rights, agent=agent.pk, after=after):
        raise LastAdministratorError


def _grant(agent: Agent, rights: frozenset[Right]) -> None:
    """Will leave the agent exactly these rights."""
    kept = set()
    for row in Grant.objects.filter(agent=agent).order_by("pk"):
        right = Right(row.role, row.facility_id or 0, row.service_code)
        if right in rights:
            kept.add(right)
        else:
            row.delete()
    Grant.objects.bulk_create(
        [
            Grant(
                authority_id=agent.authority_id,
                agent=agent,
                role=one.role,
                facility_id=one.facility or None,
                service_code=one.service,
            )
            for one in sorted(rights - kept)
        ]
    )


def _spelled(rights: Collection[Right]) -> list[list[str | int]]:
    """Will write rights for the journal: roles, keys of facilities and codes of services, which name nobody."""
    return [[one.role, one.facility, one.service] for one in sorted(rights)]


def _record(verb: str, agent: Agent, *, by: Actor, at: datetime, **details: list[list[str | int]]) -> None:
    audit.record(verb, authority=agent.authority_id, of="agent", key=agent.pk, by=by, at=at, **details)
