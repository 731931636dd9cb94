"""The procedures of an authority: their list, one with its versions, whether families may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.accounts.models import Agent
from marelle.domain.procedures.models import ServiceInCharge
from marelle.domain.procedures.operations.publishing import move_procedure, open_procedure
from marelle.domain.procedures.operations.ready import load_ready
from marelle.domain.procedures.queries.published import procedures_listed, versions_of
from marelle.domain.procedures.queries.ready import CODES
from marelle.domain.procedures.rules.definitions import EFFECTS
from marelle.foundation.french_dates import without_weekday
from marelle.web.doors import office_page
from marelle.web.office.procedures import wording
from marelle.web.office.procedures.preview import preview_of
from marelle.web.office.procedures.surroundings import page, procedure_or_404
from marelle.web.office.surroundings import ROLES, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
@office_page(ROLES.ADMINISTER)
def every(request: HttpRequest) -> HttpResponse:
    """Will list the procedures in the order that families read, and what ships ready and is not there."""
    visit = visit_of(request)
    rows = procedures_listed()
    shown = [
        {
            "title": one.title,
            "category": one.category,
            "version": one.procedure.current_number,
            "is_open": one.procedure.is_open,
            "asked": wording.asked(one.asked),
            "url": url_of(visit, "office_procedure", procedure_code=one.procedure.code),
            "open_url": url_of(visit, "office_procedure_open", procedure_code=one.procedure.code),
            "move_url": url_of(visit, "office_procedure_move", procedure_code=one.procedure.code) if rank else "",
        }
        for rank, one in enumerate(rows)
    ]
    known = {one.procedure.code for one in rows}
    return page(
        request, "page.html", procedures=shown, ready=sum(code not in known for code in CODES), **_ways(request)
    )


def _ways(request: HttpRequest) -> dict[str, str]:
    visit = visit_of(request)
    return {
        "new_url": url_of(visit, "office_procedure_new"),
        "ready_url": url_of(visit, "office_procedures_ready"),
        "services_url": url_of(visit, "office_services_in_charge"),
        "templates_url": url_of(visit, "office_answer_templates"),
    }


@require_POST
@office_page(ROLES.ADMINISTER)
def ready(request: HttpRequest) -> HttpResponse:
    """Will add the ready procedures that the authority does not have."""
    visit = visit_of(request)
    loaded = load_ready(visit.authority, by=visit.actor, at=visit.at)
    words = wording.added(len(loaded.procedures)) if loaded.procedures else wording.ALL_THERE
    messages.success(request, words, extra_tags="green")
    return SeeOther(url_of(visit, "office_procedures"))


@require_safe
@office_page(ROLES.ADMINISTER)
def one(request: HttpRequest, procedure_code: str) -> HttpResponse:
    """Will show a procedure as families read it, what an acceptance does, and its versions; `version` reads another."""
    visit = visit_of(request)
    procedure = procedure_or_404(procedure_code)
    versions = list(versions_of(procedure))
    asked = request.GET.get("version", "")
    read = next((row for row in versions if str(row.number) == (asked or str(procedure.current_number))), None)
    if read is None:
        raise Http404
    definition = read.definition
    names = dict(Agent.objects.values_list("user_id", "name"))
    here = url_of(visit, "office_procedure", procedure_code=procedure_code)
    context = {
        "procedure": procedure,
        "title": read.title,
        "number": read.number,
        "is_in_force": read.number == procedure.current_number,
        "preview": preview_of(read.content),
        "service": ServiceInCharge.objects.filter(code=definition.service).first(),
        "effect": EFFECTS[definition.effect].label,
        "versions": [
            {
                "number": row.number,
                "on": without_weekday(row.published_at.astimezone(visit.authority.zone).date(), year=True),
                "by": names.get(row.published_by_id, ""),
                "is_in_force": row.number == procedure.current_number,
                "is_read": row.pk == read.pk,
                "url": f"{here}?version={row.number}",
            }
            for row in versions
        ],
        "edit_url": url_of(visit, "office_procedure_edit", procedure_code=procedure_code),
        "open_url": url_of(visit, "office_procedure_open", procedure_code=procedure_code),
        "list_url": url_of(visit, "office_procedures"),
        "services_url": url_of(visit, "office_services_in_charge"),
    }
    return page(request, "procedure.html", **context)


@require_POST
@office_page(ROLES.ADMINISTER)
def open_or_shut(request: HttpRequest, procedure_code: str) -> HttpResponse:
    """Will offer a procedure to families, or no longer, as « ouverte » says."""
    visit = visit_of(request)
    procedure = procedure_or_404(procedure_code)
    is_open = request.POST.get("ouverte") == "1"
    title = versions_of(procedure).get(number=procedure.current_number).title
    open_procedure(procedure, is_open=is_open, by=visit.actor, at=visit.at)
    messages.success(request, wording.opened(title, is_open=is_open), extra_tags="green")
    return SeeOther(url_of(visit, "office_procedures"))


@require_POST
@office_page(ROLES.ADMINISTER)
def move(request: HttpRequest, procedure_code: str) -> HttpResponse:
    """Will put a procedure before the one above it."""
    visit = visit_of(request)
    move_procedure(procedure_or_404(procedure_code), places=-1, by=visit.actor, at=visit.at)
    return SeeOther(url_of(visit, "office_procedures"))
