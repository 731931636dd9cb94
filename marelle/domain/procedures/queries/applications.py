"""Applications as the family and the agents list them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F

from marelle.domain.procedures.models import Application, ProcedureVersion
from marelle.domain.procedures.rules.states import State

if TYPE_CHECKING:
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
