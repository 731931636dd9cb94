"""The few writes of accounts: who may sign in, and as an agent of whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password

from marelle.domain.accounts.models import Agent, Grant, User
from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations import Outcome, Said, save_rows
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@operation
def open_accounts(people: Mapping[str, str | None], *, by: Actor, at: datetime) -> dict[str, User]:
    """Will return the account of each address (lower case), opening those that are missing with the given password.

    An account belongs to its person: an existing one is never changed, and None opens one that cannot sign in by
    password. The addresses that are given one and the same password, as demonstrations do, are hashed together.
    """
    accounts = {user.email: user for user in User.objects.filter(email__in=list(people))}
    hashes: dict[str | None, str] = {}
    missing = [email for email in people if email not in accounts]
    for email in missing:
        password = people[email]
        if password is None or password not in hashes:
            hashes[password] = make_password(password)
        accounts[email] = User(email=email, password=hashes[password], created_at=at)
    User.objects.bulk_create([accounts[email] for email in missing], batch_size=1000)
    if missing:
        audit.record("open_accounts", authority=None, of="user", key=None, by=by, at=at, created=len(missing))
    return accounts


@operation
def save_agents(
    authority: Authority, said: Collection[Said], *, force: bool = False, by: Actor, at: datetime
) -> Outcome[Any]:
    """Will create or update agents as a file says them, named by `user_id`; see `authorities.save_rows`."""
    return save_rows(authority, Agent, ("user_id",), said, force=force, by=by, at=at)


@operation
def save_grants(
    authority: Authority, said: Collection[Said], *, force: bool = False, by: Actor, at: datetime
) -> Outcome[Any]:
    """Will give the roles that a file says, named by agent, role, facility and service; a role taken away stays so."""
    named_by = ("agent_id", "role", "facility_id", "service_code")
    return save_rows(authority, Grant, named_by, said, force=force, by=by, at=at)
