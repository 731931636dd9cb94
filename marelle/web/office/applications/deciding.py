"""An agent decides, or does what silence left to do."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.views.decorators.http import require_POST

from marelle.domain.procedures.operations.effects import UnableToApplyError
from marelle.domain.procedures.operations.refusals import UnableToSubmitError, UnableToWriteError, WhyNot
from marelle.domain.procedures.operations.reviewing import apply_late, decide
from marelle.domain.procedures.rules.definitions import Writer
from marelle.domain.procedures.rules.states import Decision
from marelle.web.office.applications import wording
from marelle.web.office.applications.acts import refused
from marelle.web.office.applications.fields import given_by
from marelle.web.office.applications.page import Problem, Typed, reasons_form, render_page, unreadable
from marelle.web.office.applications.surroundings import application_or_404, rights_to_read, service_page, url_of
from marelle.web.office.surroundings import visit_of
from marelle.web.readings import notes_readings
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.procedures.models import Application
    from marelle.web.doors import OfficeVisit

_AGAIN = HTTPStatus.UNPROCESSABLE_ENTITY


@require_POST
@service_page
@notes_readings
def answer(request: HttpRequest, application: str) -> HttpResponse:
    """Will accept, accept in part, refuse, or answer and close."""
    visit = visit_of(request)
    found = application_or_404(visit, application)
    try:
        decision = Decision(request.POST.get("decision", ""))
    except ValueError:
        raise BadRequest from None
    is_refusal = decision is Decision.REJECT
    form = reasons_form("refuser" if is_refusal else "accepter", request.POST)
    given = None
    if decision in {Decision.APPROVE, Decision.APPROVE_PARTLY}:
        _require_readable(visit, found)
        given = given_by(found.version.definition, request.POST) or None
    typed = Typed(refusing=form) if is_refusal else Typed(accepting=form, given=given)
    if not form.is_valid():
        return render_page(request, found, typed=typed, status=_AGAIN)
    words = form.cleaned_data["reasons"]
    typed = Typed(refusing=form, words=words) if is_refusal else Typed(accepting=form, given=given, words=words)
    try:
        decide(
            found,
            decision,
            reasons=words,
            given=given,
            expected=form.cleaned_data["expected"],
            by=visit.actor,
            at=visit.at,
        )
    except UnableToSubmitError as error:
        typed = Typed(accepting=form, given=given, faults=error.faults)
        return render_page(request, found, typed=typed, status=_AGAIN)
    except UnableToApplyError as error:
        problem = Problem(wording.NOT_APPLIED, error.reasons)
        return render_page(request, found, typed=typed, problem=problem, status=HTTPStatus.CONFLICT)
    except UnableToWriteError as error:
        if error.why in {WhyNot.NO_REASON, WhyNot.CHANGED_WHAT_THEY_ASKED}:
            form.add_error("reasons", error.why.value)
            return render_page(request, found, typed=typed, status=_AGAIN)
        return refused(request, found, error, typed)
    messages.success(request, wording.DECIDED[decision], extra_tags="green")
    return SeeOther(url_of(visit, "office_application", found))


def _require_readable(visit: OfficeVisit, found: Application) -> None:
    """Will raise PermissionDenied for an agent who may not read all of what she would accept."""
    if unreadable(found.version.definition, rights_to_read(visit, found)):
        raise PermissionDenied


@require_POST
@service_page
@notes_readings
def late(request: HttpRequest, application: str) -> HttpResponse:
    """Will do what an acceptance born of silence should have done, with the answers that are the agent's."""
    visit = visit_of(request)
    found = application_or_404(visit, application)
    _require_readable(visit, found)
    form = reasons_form("accepter", request.POST)
    definition = found.version.definition
    mine = {one.code for one in definition.fields_for(Writer.AGENT)}
    sent = given_by(definition, request.POST)
    given = {**found.answers, **{name: said for name, said in sent.items() if name.partition(".")[0] in mine}}
    typed = Typed(given=given)
    if not form.is_valid():
        return render_page(request, found, typed=typed, status=_AGAIN)
    try:
        apply_late(found, given=given, expected=form.cleaned_data["expected"], by=visit.actor, at=visit.at)
    except UnableToSubmitError as error:
        return render_page(request, found, typed=Typed(given=given, faults=error.faults), status=_AGAIN)
    except UnableToApplyError as error:
        problem = Problem(wording.NOT_APPLIED, error.reasons)
        return render_page(request, found, typed=typed, problem=problem, status=HTTPStatus.CONFLICT)
    except UnableToWriteError as error:
        return refused(request, found, error, typed)
    messages.success(request, wording.APPLIED, extra_tags="green")
    return SeeOther(url_of(visit, "office_application", found))
