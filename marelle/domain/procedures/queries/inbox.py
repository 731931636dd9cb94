"""What agents have to answer, as they look for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from marelle.domain.accounts.models import Agent, Grant
from marelle.domain.families.models import Guardian
from marelle.domain.procedures.models import (
    Application,
    ApplicationChild,
    AppliedEffect,
    ChangesAsked,
    Message,
    ProcedureVersion,
    ServiceInCharge,
)
from marelle.domain.procedures.queries.applications import applications_within
from marelle.domain.procedures.rules.states import CLOSED, State
from marelle.domain.reservations.queries.french_names import folded_column, words_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

ADMINISTER: Final = Grant.Role.ADMINISTER.value
# Silence accepted, and what it should have done is still to be done by an agent.
_LEFT_TO_DO: Final = Q(state=State.IMPLICITLY_APPROVED, effect__isnull=True)


class Show(StrEnum):
    """Which applications are looked at; the values stand in addresses."""

    TO_HANDLE = "a-traiter"
    INCOMPLETE = "a-completer"
    DECIDED = "decidees"
    ALL = "toutes"


class Whose(StrEnum):
    """To whom they are given; the values stand in addresses."""

    ANYBODY = ""
    MINE = "moi"
    NOBODY = "personne"


@dataclass(frozen=True, slots=True)
class Wish:
    """What an agent looks for. `service` and `procedure` are codes; `words` are of names, or a number."""

    show: Show = Show.TO_HANDLE
    service: str = ""
    procedure: str = ""
    whose: Whose = Whose.ANYBODY
    words: str = ""


def waiting_by_service(roles: frozenset[str]) -> list[int]:
    """Will return, for each service that these roles answer for, how many applications wait for an agent.

    One statement, on indexes of what is open alone; empty when the roles answer for no service.
    """
    own = Application.objects.filter(in_charge=OuterRef("pk")).order_by()

    def count(condition: Q) -> Any:
        rows = own.filter(condition).values("in_charge").annotate(found=Count("pk")).values("found")
        return Coalesce(Subquery(rows, output_field=IntegerField()), 0)

    waiting = count(Q(state=State.SUBMITTED)) + count(_LEFT_TO_DO)
    return list(services_within(roles).order_by().annotate(waiting=waiting).values_list("waiting", flat=True))


def waiting_applications(roles: frozenset[str]) -> QuerySet[Application]:
    """Will return what waits for an agent among what was sent to the services that these roles answer for."""
    return applications_within(roles).filter(Q(state=State.SUBMITTED) | _LEFT_TO_DO)


def services_within(roles: frozenset[str]) -> QuerySet[ServiceInCharge]:
    """Will return the services that these roles answer for, by name."""
    found = ServiceInCharge.objects.order_by("name", "pk")
    return found if ADMINISTER in roles else found.filter(role__in=roles)


def procedures_within(roles: frozenset[str]) -> QuerySet[ProcedureVersion]:
    """Will return the procedures of which something was sent to these services, in their version in force, by rank."""
    sent = applications_within(roles).filter(version__procedure=OuterRef("procedure")).order_by()
    return (
        ProcedureVersion.objects.filter(Exists(sent), number=F("procedure__current_number"))
        .select_related("procedure")
        .defer("content")
        .order_by("procedure__position", "procedure__pk")
    )


def inbox(roles: frozenset[str], wish: Wish, *, agent: Agent) -> QuerySet[Application]:
    """Will return what an agent looks for among what was sent to her services.

    Soonest decided by silence first, then the first received; what is closed, the latest first. Each row says what its
    list shows: `last_side`, who wrote last; `completed_at`, when the family sent what was missing; `due_on`, until when
    it is awaited; `is_left_to_do`, an acceptance of silence whose effect is not done.
    """
    messages = Message.objects.filter(application=OuterRef("pk")).order_by("-written_at", "-pk")
    changes = ChangesAsked.objects.filter(application=OuterRef("pk")).order_by("-asked_at", "-pk")
    effects = AppliedEffect.objects.filter(application=OuterRef("pk"))
    found = (
        _named(_chosen(applications_within(roles), wish, agent), wish.words)
        .annotate(
            last_side=Subquery(messages.values("side")[:1]),
            completed_at=Subquery(changes.filter(ended_at__isnull=False).values("ended_at")[:1]),
            due_on=Subquery(changes.filter(ended_at__isnull=True).values("due_on")[:1]),
            is_left_to_do=Q(state=State.IMPLICITLY_APPROVED) & ~Exists(effects),
        )
        .prefetch_related("children__child")
    )
    if wish.show in {Show.DECIDED, Show.ALL}:
        return found.order_by("-submitted_at", "-pk")
    return found.order_by("-is_left_to_do", F("silent_on").asc(nulls_last=True), "submitted_at", "pk")


def _chosen(found: QuerySet[Application], wish: Wish, agent: Agent) -> QuerySet[Application]:
    if wish.show is Show.TO_HANDLE:
        found = found.filter(Q(state=State.SUBMITTED) | _LEFT_TO_DO)
    elif wish.show is Show.INCOMPLETE:
        found = found.filter(state=State.INCOMPLETE)
    elif wish.show is Show.DECIDED:
        found = found.filter(state__in=CLOSED)
    if wish.service:
        found = found.filter(in_charge__code=wish.service)
    if wish.procedure:
        found = found.filter(version__procedure__code=wish.procedure)
    if wish.whose is Whose.MINE:
        return found.filter(assigned_to=agent)
    return found.filter(assigned_to__isnull=True) if wish.whose is Whose.NOBODY else found


def _named(found: QuerySet[Application], text: str) -> QuerySet[Application]:
    """Will keep those in which each word is in a name of the family, of its people or its children, or a number."""
    words = words_of(text)
    if words:
        found = found.annotate(family_name=folded_column("family__name"))
    for word in words:
        guardians = Guardian.objects.annotate(
            first=folded_column("first_name"), last=folded_column("last_name")
        ).filter(Q(first__contains=word) | Q(last__contains=word), family=OuterRef("family"))
        children = ApplicationChild.objects.annotate(
            first=folded_column("child__first_name"), last=folded_column("child__last_name")
        ).filter(Q(first__contains=word) | Q(last__contains=word), application=OuterRef("pk"))
        condition = Q(family_name__contains=word) | Q(family__code__iexact=word) | Exists(guardians) | Exists(children)
        if word.isdecimal() and len(word) < 10:  # noqa: PLR2004  what the column of numbers holds
            condition |= Q(number=int(word))
        found = found.filter(condition)
    return found


def agents_of_service(service: ServiceInCharge) -> QuerySet[Agent]:
    """Will return the agents at work who answer for a service, by name."""
    roles = {service.role, ADMINISTER}
    return Agent.objects.filter(is_active=True, grants__role__in=roles).distinct().order_by("name", "pk")
