"""What happened to an application, line by line, and who did it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marelle.domain.accounts.models import Agent
from marelle.domain.accounts.queries import agent_names
from marelle.domain.families.models import Membership
from marelle.domain.procedures.models import ServiceInCharge
from marelle.foundation.actors import ActorKind
from marelle.foundation.models import AuditEntry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from marelle.domain.procedures.models import Application


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the journal: `who` is a name, empty for the clock or somebody gone; `to` an agent or a service."""

    key: int
    verb: str
    kind: ActorKind
    who: str
    to: str
    at: datetime
    details: Mapping[str, Any]


def story_of(application: Application, *, after: int = 0) -> list[Event]:
    """Will return what happened to an application, the first thing first; after the line of that key, if asked."""
    lines = list(
        AuditEntry.objects.filter(
            authority_key=application.authority_id,
            object_type="application",
            object_key=application.pk,
            pk__gt=after,
        ).order_by("pk")
    )
    kinds = {kind: {one.actor_key for one in lines if one.actor_kind == kind and one.actor_key} for kind in ActorKind}
    agents = agent_names(kinds[ActorKind.AGENT]) if kinds[ActorKind.AGENT] else {}
    people = people_named(application, kinds[ActorKind.FAMILY])
    given = {one.details["agent"] for one in lines if one.details.get("agent")}
    posts = dict(Agent.objects.filter(pk__in=given).values_list("pk", "name")) if given else {}
    moved = {one.details["service"] for one in lines if one.details.get("service")}
    services = dict(ServiceInCharge.objects.filter(pk__in=moved).values_list("pk", "name")) if moved else {}
    return [
        Event(
            key=one.pk,
            verb=one.verb,
            kind=ActorKind(one.actor_kind),
            who=(agents if one.actor_kind == ActorKind.AGENT else people).get(one.actor_key or 0, ""),
            to=posts.get(one.details.get("agent"), "") or services.get(one.details.get("service"), ""),
            at=one.business_at,
            details=one.details,
        )
        for one in lines
    ]


def people_named(application: Application, users: set[int]) -> dict[int, str]:
    """Will return the names of those of these accounts (keys) that belong to the family of an application."""
    if not users:
        return {}
    rows = Membership.objects.filter(family=application.family_id, user__in=users).select_related("guardian")
    return {one.user_id: f"{one.guardian.first_name} {one.guardian.last_name}" for one in rows}
