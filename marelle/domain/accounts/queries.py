"""Named reads of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from allauth.idp.oidc.models import Client
from django.contrib.postgres.aggregates import ArrayAgg
from django.utils.crypto import constant_time_compare, salted_hmac

from marelle.domain.accounts.models import Agent, EmailChange, SecurityEvent, Session, Site, SiteConsent, User
from marelle.domain.accounts.rules.clients import is_own
from marelle.foundation.derived_secrets import digest_of_token, token_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet


def agents_of(user: int) -> QuerySet[Agent]:
    """Will return the agent's posts of an account (key), with authority and `roles`, in a stable order."""
    return (
        Agent.objects.filter(user_id=user, is_active=True)
        .select_related("authority")
        .defer("authority__logo", "authority__palette_css")
        .annotate(roles=ArrayAgg("grants__role", distinct=True, default=[]))
        .order_by("authority__name", "pk")
    )


def agent_names(users: Collection[int]) -> dict[int, str]:
    """Will return the names of those of these accounts (keys) that are or were agents of the authority in scope."""
    return dict(Agent.objects.filter(user_id__in=users).order_by("-pk").values_list("user_id", "name"))


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
