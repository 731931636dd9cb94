"""Named reads of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from allauth.idp.oidc.models import Client
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Max, Q
from django.db.models.functions import JSONObject
from django.utils.crypto import constant_time_compare, salted_hmac

from marelle.domain.accounts.models import (
    Agent,
    EmailChange,
    Grant,
    Identity,
    SecurityEvent,
    Session,
    Site,
    SiteConsent,
    User,
)
from marelle.domain.accounts.rules.clients import is_own
from marelle.domain.accounts.rules.roles import Right
from marelle.foundation.derived_secrets import digest_of_token, token_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet


def agents_of(user: int) -> QuerySet[Agent]:
    """Will return the agent's posts of an account (key), with authority, `roles` and `grants_read`, in a stable order.

    `granted_to` finds there what the agent was granted, without asking again.
    """
    grant = JSONObject(role="grants__role", facility="grants__facility", service="grants__service_code")
    return (
        Agent.objects.filter(user_id=user, is_active=True)
        .select_related("authority")
        .defer("authority__logo", "authority__palette_css")
        .annotate(
            roles=ArrayAgg("grants__role", distinct=True, default=[]),
            grants_read=ArrayAgg(grant, filter=Q(grants__isnull=False), default=[]),
        )
        .order_by("authority__name", "pk")
    )


def granted_to(agent: Agent) -> frozenset[Right]:
    """Will return what an agent was granted: as her door read it, at the beginning of the request, else as it is."""
    read: list[dict[str, Any]] | None = agent.__dict__.get("grants_read")
    if read is None:
        return rights_by_agent([agent.pk])[agent.pk]
    return frozenset(Right(one["role"], one["facility"] or 0, one["service"]) for one in read)


def rights_by_agent(agents: Collection[int]) -> dict[int, frozenset[Right]]:
    """Will return what each of these agents (keys) was granted, an agent without anything included. One statement."""
    found: dict[int, set[Right]] = {key: set() for key in agents}
    rows = Grant.objects.filter(agent__in=list(agents)).values_list("agent", "role", "facility", "service_code")
    for agent, role, facility, service in rows:
        found[agent].add(Right(role, facility or 0, service))
    return {key: frozenset(rights) for key, rights in found.items()}


@dataclass(frozen=True, slots=True)
class Employed:
    """An agent of an authority as its list shows her; `seen_at` is when she was last at work here, as far as is kept.

    `has_come` is false for an account that nobody has ever signed in to: its owner was written to, no more.
    """

    agent: Agent
    rights: frozenset[Right]
    seen_at: datetime | None
    has_come: bool

    @property
    def is_ended(self) -> bool:
        """Will tell whether nothing is left of the post but the name."""
        return not self.agent.is_active and not self.rights


def employed_at(authority: int) -> list[Employed]:
    """Will return all the agents that an authority (key) has or had: at work, suspended, ended; each by name."""
    agents = list(Agent.objects.filter(authority=authority).select_related("user").order_by("name", "pk"))
    rights = rights_by_agent([agent.pk for agent in agents])
    at_work = Session.objects.filter(user__in=[agent.user_id for agent in agents], site=Site.OFFICE)
    seen = dict(at_work.values("user").annotate(last=Max("seen_at")).order_by().values_list("user", "last"))
    found = [
        Employed(agent, rights[agent.pk], seen.get(agent.user_id), agent.user.last_login is not None)
        for agent in agents
    ]
    return sorted(found, key=lambda one: (one.is_ended, not one.agent.is_active))


def agent_names(users: Collection[int]) -> dict[int, str]:
    """Will return the names of those of these accounts (keys) that are or were agents of the authority in scope.

    What an account did before it was merged into another is still hers: its post went to the other one.
    """
    rows = Agent.objects.filter(Q(user_id__in=users) | Q(user__merged_from__in=users)).order_by("-pk")
    names: dict[int, str] = {}
    former_names: dict[int, str] = {}
    for user, former, name in rows.values_list("user_id", "user__merged_from", "name"):
        names[user] = name
        former_names[former] = name
    return {key: name for key in users if (name := names.get(key) or former_names.get(key))}


def accounts_now(users: Collection[int]) -> dict[int, int]:
    """Will return, for each of these accounts (keys), the one that stands for it now: itself, unless it was merged."""
    rows = User.objects.filter(pk__in=users, merged_into__isnull=False).values_list("pk", "merged_into")
    return {key: key for key in users} | {key: into or key for key, into in rows}


def accounts_of(user: int) -> list[int]:
    """Will return the key of an account and those of the accounts that were merged into it: all of one person."""
    return [user, *User.objects.filter(merged_into=user).order_by("pk").values_list("pk", flat=True)]


@dataclass(frozen=True, slots=True)
class Device:
    """A browser where an account is signed in: the session of the account site, and what it opened elsewhere.

    `sites` are those other sites; `seen_at` is when it was seen last on any of them.
    """

    session: Session
    sites: tuple[str, ...]
    seen_at: datetime


def devices_of(user: int, *, at: datetime) -> list[Device]:
    """Will return where an account (key) is signed in at `at` (machine time), the last seen first. One statement."""
    rows = list(Session.objects.filter(user_id=user, expire_date__gt=at).defer("session_data"))
    found = []
    for one in rows:
        if one.site != Site.ACCOUNT:
            continue
        opened = [other for other in rows if other.site != Site.ACCOUNT and other.sid and other.sid == one.sid]
        sites = tuple(site for site in Site.values if any(other.site == site for other in opened))
        found.append(Device(one, sites, max((one.seen_at, *(other.seen_at for other in opened)))))
    return sorted(found, key=lambda device: device.seen_at, reverse=True)


def recent_events(user: int) -> QuerySet[SecurityEvent]:
    """Will return the last ten things that happened to the security of an account (key)."""
    return SecurityEvent.objects.filter(user_id=user).order_by("-happened_at", "-pk")[:10]


def email_change_waiting(user: int, *, at: datetime) -> EmailChange | None:
    """Will return the change of address that an account (key) waits for at `at` (machine time)."""
    return EmailChange.objects.filter(user_id=user, done_at=None, expires_at__gt=at).first()


def identities_of(user: int) -> QuerySet[Identity]:
    """Will return what opens an account (key) besides its password and passkeys, in a stable order."""
    return Identity.objects.filter(user_id=user).order_by("provider", "pk")


def accounts_tied_to(provider: str, users: Collection[int]) -> set[int]:
    """Will return which of these accounts (keys) are tied to a provider."""
    return set(Identity.objects.filter(provider=provider, user_id__in=users).values_list("user_id", flat=True))


def identity_of(issuer: str, subject: str) -> Identity | None:
    """Will return the identity that an issuer has proved, with its account, None when no account is tied to it."""
    return Identity.objects.select_related("user").filter(issuer=issuer, subject=subject).first()


def agents_at(siret: str, *, user: int | None = None, email: str | None = None) -> QuerySet[Agent]:
    """Will return the active agents of the authorities of this SIRET, of one account (key) or one address of account.

    An empty SIRET or address is nobody's: an authority that has not declared its own lets nobody in that way.
    """
    found = Agent.objects.filter(is_active=True, user__is_active=True, authority__siret=siret).exclude(
        authority__siret=""
    )
    if user is not None:
        found = found.filter(user_id=user)
    if email is not None:
        found = found.filter(user__email=email.strip().lower())
    return found.order_by("pk")


def is_address_taken(email: str, *, but: int) -> bool:
    """Will tell whether another account than `but` (key) has this address."""
    return User.objects.filter(email=email).exclude(pk=but).exists()


def email_change_token(change: EmailChange, side: str) -> str:
    """Will return what stands in the link that `side` of a change receives: who has it has read that address."""
    return f"{change.public_id}-{side}-{_signature(change.public_id, side)}"


def email_change_of(token: str) -> tuple[EmailChange, str] | None:
    """Will return the change and the side that a link names, None for a link that we did not sign or a change gone."""
    public_id, _dash, rest = token.partition("-")
    side, _dash, signature = rest.partition("-")
    if not constant_time_compare(signature, _signature(public_id, side)):
        return None
    change = EmailChange.objects.select_related("user").filter(public_id=public_id).first()
    return (change, side) if change else None


def clients_of_others() -> list[Client]:
    """Will return the sites of others that people may sign in to, by name."""
    return [client for client in Client.objects.order_by("name", "pk") if not is_own(client.pk)]


def own_client_secret(client: str) -> str:
    """Will return the secret of one of our own sites (its id): nobody keeps it, it is drawn from our key."""
    return token_of("oidc.client", client)


def digest_of_secret(secret: str) -> str:
    """Will return what is kept of the secret of a site: 256 random bits, which no slow digest needs to protect."""
    return f"sha256${digest_of_token(secret)}"


def is_secret_of(client: Client, secret: str) -> bool:
    """Will tell whether a site proves itself by its secret."""
    return constant_time_compare(client.secret, digest_of_secret(secret))


def consents_of(user: int) -> list[tuple[SiteConsent, str]]:
    """Will return what an account (key) lets sites of others know, each with the name of the site, by name."""
    consents = {one.client: one for one in SiteConsent.objects.filter(user_id=user)}
    return [(consents[client.pk], client.name) for client in Client.objects.filter(pk__in=consents).order_by("name")]


def scopes_allowed(user: int, client: str) -> frozenset[str]:
    """Will return what an account (key) lets a site (its id) know; empty when it was not asked."""
    given = SiteConsent.objects.filter(user_id=user, client=client).values_list("scopes", flat=True).first()
    return frozenset((given or "").split())


def is_open_under(user: int, sid: str, *, at: datetime) -> bool:
    """Will tell whether a session of the account site (`sid`) of an account (key) is open at `at` (machine time)."""
    return bool(sid) and Session.objects.filter(user_id=user, sid=sid, site=Site.ACCOUNT, expire_date__gt=at).exists()


def _signature(public_id: str, side: str) -> str:
    return salted_hmac("marelle.accounts.email_change", f"{public_id}:{side}", algorithm="sha256").hexdigest()[:40]
