"""Applications as the family and the agents list them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F

from marelle.domain.accounts.models import Agent, Grant
from marelle.domain.procedures.models import Application, ChangesAsked, ProcedureVersion
from marelle.domain.procedures.rules.clocks import REMINDED_DAYS_BEFORE, WARNED_DAYS_BEFORE
from marelle.domain.procedures.rules.states import OPEN, State

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet


def procedures_open() -> QuerySet[ProcedureVersion]:
    """Will return what families may ask for in the authority in scope: versions in force, with their procedure."""
    return (
        ProcedureVersion.objects.filter(procedure__is_open=True, number=F("procedure__current_number"))
        .select_related("procedure")
        .order_by("procedure__position", "procedure__pk")
    )


def applications_of(family: int, *, user: int) -> QuerySet[Application]:
    """Will return what a family (key) asked, and the drafts of this account (key) alone; the latest first."""
    sent = Application.objects.filter(family_id=family).exclude(state=State.DRAFT)
    drafts = Application.objects.filter(family_id=family, state=State.DRAFT, applicant_id=user)
    return (sent | drafts).select_related("version__procedure", "in_charge").order_by("-created_at", "-pk")


def applications_within(roles: frozenset[str]) -> QuerySet[Application]:
    """Will return what was sent to the services that these roles answer for, in the authority in scope."""
    found = Application.objects.exclude(state=State.DRAFT).select_related(
        "version__procedure", "in_charge", "assigned_to", "family"
    )
    return found if "administer" in roles else found.filter(in_charge__role__in=roles)


def silent_before(day: date) -> QuerySet[Application]:
    """Will return what waits for an answer whose last day is before `day` (local), in the authority in scope."""
    return Application.objects.filter(state__in=OPEN, silent_on__lt=day).order_by("silent_on", "pk")


def silence_near(on: date) -> QuerySet[Application]:
    """Will return what waits for an answer whose last day is near on that day (local)."""
    last = on + timedelta(days=max(WARNED_DAYS_BEFORE))
    return Application.objects.filter(state__in=OPEN, silent_on__range=(on, last)).order_by("silent_on", "pk")


def changes_awaited(on: date) -> QuerySet[ChangesAsked]:
    """Will return what families were asked for and did not send, the last day being near on that day (local)."""
    last = on + timedelta(days=REMINDED_DAYS_BEFORE)
    return (
        ChangesAsked.objects.filter(
            application__state=State.INCOMPLETE, ended_at__isnull=True, due_on__range=(on, last)
        )
        .select_related("application__version", "application__family")
        .order_by("due_on", "pk")
    )


def agents_answering(application: Application) -> list[Agent]:
    """Will return who is warned about an application: whoever has it, else those who answer for its service.

    When nobody does, those who administer. `in_charge` is loaded.
    """
    active = Agent.objects.filter(is_active=True, user__is_active=True).select_related("user").order_by("pk")
    if assigned := list(active.filter(pk=application.assigned_to_id)):
        return assigned
    role = application.in_charge.role if application.in_charge else Grant.Role.ADMINISTER
    for each in (role, Grant.Role.ADMINISTER):
        if found := list(active.filter(grants__role=each).distinct()):
            return found
    return []
