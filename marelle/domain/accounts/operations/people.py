"""The few writes of accounts: who may sign in, and as an agent of whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password

from marelle.domain.accounts.models import (
    Agent,
    EmailChange,
    Grant,
    Identity,
    SecurityEvent,
    Session,
    SiteConsent,
    User,
)
from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations import Outcome, Said, save_rows
from marelle.foundation import audit, outbox
from marelle.foundation.actors import Actor
from marelle.foundation.encryption import encrypt
from marelle.foundation.writes import operation

# An address of a domain that cannot exist (RFC 2606): nothing is ever sent there, and it names nobody.
ERASED_ADDRESS = "compte-efface-{public_id}@marelle.invalid"


class AccountExistsError(Exception):
    """An account has this address already: it is its owner's to sign in. Nothing was written."""


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
def open_account(email: str, password: str, *, by: Actor, at: datetime) -> User:
    """Will open the account of an address that its owner has just proved to read. Raises AccountExistsError.

    Of two that open the same one at once, the second waits, and finds it.
    """
    address = email.strip().lower()
    wanted = User(email=address, password=make_password(password), created_at=at)
    User.objects.bulk_create([wanted], ignore_conflicts=True)
    found = User.objects.get(email=address)
    if found.public_id != wanted.public_id:
        raise AccountExistsError
    audit.record("open_account", authority=None, of="user", key=found.pk, by=by, at=at)
    return found


@operation
def ask_for_account(email: str, *, by: Actor, at: datetime) -> None:
    """Will have a letter written to an address: how to open its account, or that it has one. Says nothing here.

    What is done now is the same whatever the address: who asks learns nothing from the answer nor from its time. The
    queue holds the address encrypted, and only until the letter has left.
    """
    outbox.post("letters.account_asked", address=encrypt(email.strip().lower()))


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


@operation
def close_account(user: User, *, into: int | None = None, by: Actor, at: datetime) -> bool:
    """Will close an account for good: no address, no password, no key, no session; tells whether it was open.

    The row stays, since receipts, invoices and the journal point to it, and says nothing of anybody. Sessions, events,
    identities, changes of address and what other sites may know go, with what libraries keep of the account (second
    factors). `into` is the key of the account that takes over, for this one and for those that it had taken over
    itself.
    """
    locked = User.objects.select_for_update().get(pk=user.pk)
    if not locked.is_active:
        return False
    for relation in User._meta.related_objects:
        if not relation.related_model.__module__.startswith("marelle."):
            manager = relation.related_model._default_manager  # noqa: SLF001  what Django calls any model's manager
            manager.filter(**{relation.field.name: locked}).delete()
    for own in (Session, SecurityEvent, EmailChange, Identity, SiteConsent):
        own.objects.filter(user=locked).delete()
    locked.email = ERASED_ADDRESS.format(public_id=locked.public_id)
    locked.set_unusable_password()
    locked.is_active, locked.last_login, locked.merged_into_id = False, None, into
    locked.save(update_fields=["email", "password", "is_active", "last_login", "merged_into"])
    told = {}
    if into is not None:
        User.objects.filter(merged_into=locked).update(merged_into=into)
        told = {"into": into}
    audit.record("close_account", authority=None, of="user", key=locked.pk, by=by, at=at, **told)
    return True
