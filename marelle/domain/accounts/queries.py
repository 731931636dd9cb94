"""Named reads of accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q
from django.utils.crypto import constant_time_compare, salted_hmac

from marelle.domain.accounts.models import Agent, EmailChange, SecurityEvent, Session, User

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


def sessions_of(user: int, *, at: datetime) -> QuerySet[Session]:
    """Will return the sessions of an account (key) that are not over at `at` (machine time), the last seen first."""
    return Session.objects.filter(user_id=user, expire_date__gt=at).defer("session_data").order_by("-seen_at")


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


def _signature(public_id: str, side: str) -> str:
    return salted_hmac("marelle.accounts.email_change", f"{public_id}:{side}", algorithm="sha256").hexdigest()[:40]
