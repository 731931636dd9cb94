"""A procedure written in a form, with what the family will read beside it, then what changes, then a new version."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from marelle.domain.procedures.models import Procedure, ProcedureVersion
from marelle.domain.procedures.operations.publishing import PublishedMeanwhileError, publish_procedure
from marelle.domain.procedures.rules.definitions import EFFECTS, EffectKind, WrongDefinitionError
from marelle.web.doors import office_page
from marelle.web.office.long_forms.pieces import LONGEST_NUMBER
from marelle.web.office.procedures import wording
from marelle.web.office.procedures.changes import changes_between
from marelle.web.office.procedures.described import LONGEST_CODE, code_from, lacking_for_effect
from marelle.web.office.procedures.forms import Typed, blank, from_text, sent_by, typed_of
from marelle.web.office.procedures.preview import preview_of
from marelle.web.office.procedures.surroundings import NEW, TAKEN, page, procedure_or_404, services_offered
from marelle.web.office.surroundings import ROLES, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.ADMINISTER)
def edit(request: HttpRequest, procedure_code: str) -> HttpResponse:
    """Will show the form: the version in force, or what was sent with a row more or less; writes nothing."""
    current = _current(procedure_code)
    services = services_offered()
    if request.method != "POST":
        typed = typed_of(current.content, services) if current else blank(services)
    elif "content" in request.POST:
        typed = from_text(request.POST["content"], services) or blank(services)
    else:
        typed = sent_by(request.POST, services)
    return _form(request, procedure_code, typed, current)


@require_POST
@office_page(ROLES.ADMINISTER)
def preview(request: HttpRequest, procedure_code: str) -> HttpResponse:
    """Will show what the family will read of what is typed: the same piece as in the form."""
    _current(procedure_code)
    typed = sent_by(request.POST, services_offered())
    return render(request, "office/procedures/_preview.html", {"preview": preview_of(typed.content)})


@require_POST
@office_page(ROLES.ADMINISTER)
def check(request: HttpRequest, procedure_code: str) -> HttpResponse:
    """Will say what a version would change, or what is wrong with it and where; writes nothing."""
    visit = visit_of(request)
    current = _current(procedure_code)
    typed = sent_by(request.POST, services_offered())
    if typed.definition is None:
        typed.says_faults = True
        return _form(request, procedure_code, typed, current, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    changes = changes_between(current.definition, typed.definition) if current else []
    context = {
        "title": typed.definition.title,
        "is_new": current is None,
        "number": current.number + 1 if current else 1,
        "expected": _expected(request, current),
        "changes": changes,
        "has_nothing": current is not None and not changes,
        "nothing": wording.NO_CHANGE,
        "preview": preview_of(typed.content),
        "content": typed.as_text,
        "save_url": url_of(visit, "office_procedure_save", procedure_code=procedure_code),
        "edit_url": _edit_url(request, procedure_code),
        "list_url": url_of(visit, "office_procedures"),
    }
    return page(request, "check.html", **context)


@require_POST
@office_page(ROLES.ADMINISTER)
def save(request: HttpRequest, procedure_code: str) -> HttpResponse:
    """Will put what was checked in force, as a new version."""
    visit = visit_of(request)
    current = _current(procedure_code)
    services = services_offered()
    typed = from_text(request.POST.get("content", ""), services)
    if typed is None:
        return _form(
            request, procedure_code, blank(services), current, problem=wording.UNREADABLE, status=HTTPStatus.BAD_REQUEST
        )
    try:
        version = publish_procedure(
            visit.authority,
            _new_code(typed) if current is None else procedure_code,
            typed.content,
            expected=_expected(request, current),
            by=visit.actor,
            at=visit.at,
        )
    except WrongDefinitionError as error:
        typed.found, typed.says_faults = list(error.faults.items()), True
        return _form(request, procedure_code, typed, current, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except PublishedMeanwhileError:
        return _form(request, procedure_code, typed, current, problem=wording.MEANWHILE, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.published(version.title, version.number), extra_tags="green")
    return SeeOther(url_of(visit, "office_procedure", procedure_code=version.procedure.code))


def _current(code: str) -> ProcedureVersion | None:
    """Will return the version in force, None for a procedure that is not made yet."""
    if code == NEW:
        return None
    procedure = procedure_or_404(code)
    return get_object_or_404(ProcedureVersion, procedure=procedure, number=procedure.current_number)


def _expected(request: HttpRequest, current: ProcedureVersion | None) -> int:
    """Will return the number of the version that was read when the form was opened, 0 for a new procedure."""
    said = request.POST.get("expected", "")
    if said.isascii() and said.isdecimal() and len(said) <= LONGEST_NUMBER:
        return int(said)
    return current.number if current else 0


def _new_code(typed: Typed) -> str:
    """Will return a free code made from the title."""
    code = code_from(str(typed.content.get("title", "")), joint="-")
    taken = {*Procedure.objects.values_list("code", flat=True), *TAKEN}
    number, tried = 2, code
    while tried in taken:
        tried, number = f"{code[: LONGEST_CODE - 4]}-{number}", number + 1
    return tried


def _edit_url(request: HttpRequest, code: str) -> str:
    visit = visit_of(request)
    return (
        url_of(visit, "office_procedure_new")
        if code == NEW
        else url_of(visit, "office_procedure_edit", procedure_code=code)
    )


def _form(
    request: HttpRequest,
    code: str,
    typed: Typed,
    current: ProcedureVersion | None,
    *,
    problem: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    edit_url, list_url = _edit_url(request, code), url_of(visit, "office_procedures")
    effect = typed.content.get("effect", "")
    context = {
        "title": current.title if current else "Nouvelle démarche",
        "is_new": current is None,
        "drawn": typed.drawn(edit_url),
        "faults": typed.faults.placed,
        "problem": problem,
        "expected": _expected(request, current),
        "has_services": bool(typed.services),
        "effect": EFFECTS[EffectKind(effect)].label if effect in set(EffectKind) else "",
        "lacking": lacking_for_effect(typed.content),
        "preview": preview_of(typed.content),
        "edit_url": edit_url,
        "check_url": url_of(visit, "office_procedure_check", procedure_code=code),
        "preview_url": url_of(visit, "office_procedure_preview", procedure_code=code),
        "back_url": list_url if current is None else url_of(visit, "office_procedure", procedure_code=code),
        "services_url": url_of(visit, "office_services_in_charge"),
    }
    return page(request, "form.html", status, **context)
