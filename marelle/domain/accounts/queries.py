"""Named reads of accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.aggregates import ArrayAgg

from marelle.domain.accounts.models import Agent

if TYPE_CHECKING:
    from collections.abc import Collection

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
