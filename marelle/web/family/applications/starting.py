"""Faire une demande: the thématiques, and the draft that one of them begins."""

from __future__ import annotations

from http import HTTPStatus
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from marelle.domain.procedures.models import Procedure
from marelle.domain.procedures.operations.drafts import start_application
from marelle.domain.procedures.operations.refusals import UnableToWriteError
from marelle.domain.procedures.queries.applications import applications_of, procedures_open
from marelle.domain.procedures.rules.states import State
from marelle.web.contacts import contact_view
from marelle.web.doors import family_page
from marelle.web.family.applications import wording
from marelle.web.family.applications.finding import url
from marelle.web.family.surroundings import family_context, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.procedures.models import ProcedureVersion
    from marelle.web.doors import FamilyVisit


@family_page
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Will show what may be asked, by category; a POST begins a draft, or opens the one begun already."""
    visit = visit_of(request)
    if request.method != "POST":
        return _page(request, visit)
    if not request.POST.get("procedure"):
        return _page(request, visit, refused=str(wording.NO_PROCEDURE), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    procedure = get_object_or_404(Procedure, public_id=request.POST["procedure"])
    try:
        begun = start_application(procedure, visit.family, visit.guardian, by=visit.actor, at=visit.at)
    except UnableToWriteError as error:
        return _page(request, visit, refused=error.why.value, status=HTTPStatus.CONFLICT)
    return SeeOther(url(visit, "application", begun))


def _page(request: HttpRequest, visit: FamilyVisit, *, refused: str = "", status: int = HTTPStatus.OK) -> HttpResponse:
    drafts = applications_of(visit.family.pk, user=visit.user.pk).filter(state=State.DRAFT)
    begun = {one.version.procedure_id: url(visit, "application", one) for one in drafts}
    rows = [_row(version, visit, begun.get(version.procedure_id, "")) for version in procedures_open()]
    # Categories come in the order of their first procedure.
    order: dict[str, int] = {}
    for row in rows:
        order.setdefault(row["category"], len(order))
    rows.sort(key=lambda row: order[row["category"]])
    context = family_context(
        visit,
        "requests",
        categories=[(name, list(of)) for name, of in groupby(rows, key=lambda row: row["category"])],
        refused=refused,
        back_url=url(visit, "requests"),
        contact=contact_view(visit.authority),
    )
    return render(request, "family/applications/new.html", context, status=status)


def _row(version: ProcedureVersion, visit: FamilyVisit, draft_url: str) -> dict[str, Any]:
    definition = version.definition
    why_not = ""
    if not definition.is_for(is_resident=visit.family.is_resident, categories=visit.family.categories):
        is_elsewhere = definition.is_for_residents and not visit.family.is_resident
        why_not = str(wording.RESIDENTS_ONLY if is_elsewhere else wording.OTHERS_ONLY)
    return {
        "code": version.procedure.public_id,
        "category": version.category,
        "title": version.title,
        "summary": definition.summary,
        "documents": [wording.document_words(one) for one in definition.documents],
        "delay": f"Réponse en {wording.delay_words(definition.delay)} au plus.",
        "silence": wording.silence_words(definition.silence),
        "why_not": why_not,
        "draft_url": draft_url,
    }
