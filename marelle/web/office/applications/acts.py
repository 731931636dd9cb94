"""What agents do with an application short of deciding: take it, hand it over, ask, write."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.views.decorators.http import require_POST

from marelle.domain.accounts.models import Agent
from marelle.domain.procedures.models import ServiceInCharge
from marelle.domain.procedures.operations.exchanging import write_message, write_note
from marelle.domain.procedures.operations.refusals import UnableToWriteError, WhyNot
from marelle.domain.procedures.operations.reviewing import assign, request_changes, transfer
from marelle.web.office.applications import wording
from marelle.web.office.applications.forms import (
    NOBODY,
    AssignForm,
    ChangesForm,
    MessageForm,
    NoteForm,
    TransferForm,
)
from marelle.web.office.applications.page import (
    Problem,
    Typed,
    agent_choices,
    changes_choices,
    conflict,
    render_page,
    service_choices,
)
from marelle.web.office.applications.surroundings import application_or_404, service_page, url_of
from marelle.web.office.surroundings import visit_of
from marelle.web.readings import notes_readings
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.procedures.models import Application


@require_POST
@service_page
@notes_readings
def give(request: HttpRequest, application: str) -> HttpResponse:
    """Will give an application to an agent of its service, or to nobody."""
    visit = visit_of(request)
    found = application_or_404(visit, application)
    form = AssignForm(request.POST, agents=agent_choices(found))
    if not form.is_valid():
        return _again(request, found, Typed(assigning=form))
    chosen = form.cleaned_data["agent"]
    agent = None if chosen == NOBODY else Agent.objects.get(pk=int(chosen))
    try:
        is_new = assign(found, agent, expected=form.cleaned_data["expected"], by=visit.actor, at=visit.at)
    except UnableToWriteError as error:
        return refused(request, found, error, Typed())
    said = wording.assigned(agent.name if agent else None) if is_new else wording.SAME_HANDS
    messages.success(request, said, extra_tags="green" if is_new else "blue")
    return _back(request, found)


@require_POST
@service_page
@notes_readings
def move(request: HttpRequest, application: str) -> HttpResponse:
    """Will hand an application to another service; the agent may not see it any more."""
    visit = visit_of(request)
    found = application_or_404(visit, application)
    form = TransferForm(request.POST, services=service_choices(found))
    if not form.is_valid():
        return _again(request, found, Typed(transferring=form))
    service = ServiceInCharge.objects.get(code=form.cleaned_data["service"])
    try:
        transfer(found, service, expected=form.cleaned_data["expected"], by=visit.actor, at=visit.at)
    except UnableToWriteError as error:
        return refused(request, found, error, Typed())
    messages.success(request, wording.transferred(service.name), extra_tags="green")
    return SeeOther(url_of(visit, "office_applications"))


@require_POST
@service_page
@notes_readings
def changes(request: HttpRequest, application: str) -> HttpResponse:
    """Will ask the family to complete its application."""
    visit = visit_of(request)
    found = application_or_404(visit, application)
    form = ChangesForm(request.POST, choices=changes_choices(found, found.version.definition))
    if not form.is_valid():
        return _again(request, found, Typed(changing=form))
    told = form.cleaned_data
    typed = Typed(changing=form, words=told["words"])
    try:
        request_changes(
            found,
            told["words"],
            codes=told["codes"],
            due_on=told["due_on"],
            expected=told["expected"],
            by=visit.actor,
            at=visit.at,
        )
    except UnableToWriteError as error:
        if error.why in {WhyNot.PAST, WhyNot.NOTHING_MISSING}:
            form.add_error("due_on" if error.why is WhyNot.PAST else "codes", error.why.value)
            return _again(request, found, typed)
        return refused(request, found, error, typed)
    messages.success(request, wording.ASKED, extra_tags="green")
    return _back(request, found)


@require_POST
@service_page
@notes_readings
def message(request: HttpRequest, application: str) -> HttpResponse:
    """Will write to the family."""
    visit = visit_of(request)
    found = application_or_404(visit, application)
    form = MessageForm(request.POST)
    if not form.is_valid():
        return _again(request, found, Typed(messaging=form))
    write_message(found, form.cleaned_data["words"], by=visit.actor, at=visit.at)
    messages.success(request, wording.SENT, extra_tags="green")
    return _back(request, found, "#echanges")


@require_POST
@service_page
@notes_readings
def note(request: HttpRequest, application: str) -> HttpResponse:
    """Will note something between agents."""
    visit = visit_of(request)
    found = application_or_404(visit, application)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _again(request, found, Typed(noting=form))
    write_note(found, form.cleaned_data["words"], by=visit.actor, at=visit.at)
    messages.success(request, wording.NOTED, extra_tags="green")
    return _back(request, found, "#notes")


def refused(request: HttpRequest, found: Application, error: UnableToWriteError, typed: Typed) -> HttpResponse:
    """Will say why nothing was written, what others did meanwhile, and keep what was typed."""
    if error.why in {WhyNot.CHANGED, WhyNot.NOT_OPEN}:
        return conflict(request, found, typed)
    problem = Problem(wording.NOT_DONE, (error.why.value,))
    return render_page(request, found, typed=typed, problem=problem, status=HTTPStatus.CONFLICT)


def _again(request: HttpRequest, found: Application, typed: Typed) -> HttpResponse:
    return render_page(request, found, typed=typed, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _back(request: HttpRequest, found: Application, place: str = "") -> HttpResponse:
    return SeeOther(url_of(visit_of(request), "office_application", found) + place)
