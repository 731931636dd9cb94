"""Procedures as the agents who write them list them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from marelle.domain.procedures.models import Procedure, ProcedureVersion
from marelle.domain.procedures.rules.states import State

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Listed:
    """A procedure, the title and category of its version in force, how many applications were sent."""

    procedure: Procedure
    title: str
    category: str
    asked: int


def procedures_listed() -> list[Listed]:
    """Will return the procedures of the authority in scope, in the order that families read; two statements."""
    sent = Count("versions__applications", filter=~Q(versions__applications__state=State.DRAFT))
    rows = list(Procedure.objects.annotate(asked=sent).order_by("position", "pk"))
    said = {
        (key, number): (title, category)
        for key, number, title, category in ProcedureVersion.objects.values_list(
            "procedure_id", "number", "title", "category"
        )
    }
    return [Listed(row, *said[row.pk, row.current_number], row.asked) for row in rows]


def versions_of(procedure: Procedure) -> QuerySet[ProcedureVersion]:
    """Will return the versions of a procedure with who published them, the latest first."""
    return ProcedureVersion.objects.filter(procedure=procedure).select_related("published_by").order_by("-number")
