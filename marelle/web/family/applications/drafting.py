"""A draft: its questions and documents on one form, kept at each step, read again, sent."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.procedures.operations.drafts import discard_draft
from marelle.domain.procedures.operations.refusals import UnableToSubmitError, UnableToWriteError, WhyNot
from marelle.domain.procedures.operations.submitting import submit_application
from marelle.domain.procedures.queries.documents import documents_joined, missing_documents
from marelle.domain.procedures.queries.offered import offered_to
from marelle.domain.procedures.rules.answers import read_answers
from marelle.domain.procedures.rules.definitions import Writer
from marelle.domain.procedures.rules.states import State
from marelle.foundation.french_dates import NO_BREAK
from marelle.web.contacts import contact_view
from marelle.web.doors import family_page, takes_documents
from marelle.web.family.applications import completing, wording
from marelle.web.family.applications.documents_section import documents_view
from marelle.web.family.applications.finding import application_or_404, definition_in_force, url
from marelle.web.family.applications.following import sent_page
from marelle.web.family.applications.forms import AnswersForm, file_name, given_from, reuse_name
from marelle.web.family.applications.keeping import Wrong, keep
from marelle.web.family.applications.telling import answers_in_words, text_pieces, without_other_homes
from marelle.web.family.surroundings import family_context, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.procedures.models import Application
    from marelle.domain.procedures.rules.answers import Given
    from marelle.domain.procedures.rules.definitions import Definition
    from marelle.web.doors import FamilyVisit


@family_page
@takes_documents
@require_http_methods(["GET", "HEAD", "POST"])
def application(request: HttpRequest, application: str) -> HttpResponse:
    """Will show a draft as a form, and what was sent as it stands; a POST keeps the draft, then shows it to be read."""
    visit = visit_of(request)
    found = application_or_404(visit, application)
    if found.state != State.DRAFT:
        if request.method == "POST":
            messages.warning(request, WhyNot.NOT_A_DRAFT.value)
            return SeeOther(url(visit, "application", found))
        return sent_page(request, visit, found)
    if request.method != "POST":
        return form_page(request, visit, found, found.answers)
    wrong = keep(request, visit, found)
    if not wrong and request.POST.get("do-next") == "check":
        found = application_or_404(visit, application)
        wrong = _lacking(visit, found, definition_in_force(found))
        if not wrong:
            return SeeOther(url(visit, "application_check", found))
    if wrong:
        return form_page(request, visit, found, _typed(found, request), wrong)
    messages.success(request, str(wording.SAVED))
    return SeeOther(url(visit, "application", found))


@family_page
@takes_documents
@require_POST
def documents(request: HttpRequest, application: str, piece: str) -> HttpResponse:
    """Will add the file chosen for a document, or one of the family's file, and keep all the rest of the form.

    Asked by a script, the answer is the section of the documents alone.
    """
    visit = visit_of(request)
    found = application_or_404(visit, application)
    if found.state not in {State.DRAFT, State.INCOMPLETE}:
        messages.warning(request, WhyNot.NOT_A_DRAFT.value)
        return SeeOther(url(visit, "application", found))
    if definition_in_force(found).document_of(piece) is None:
        raise Http404
    if file_name(piece) not in request.FILES and not request.POST.get(reuse_name(piece)):
        wrong = Wrong(documents={piece: str(wording.NO_FILE)})
    else:
        wrong = keep(request, visit, found)
    return _after_a_document(request, visit, found, wrong, anchor=piece)


@family_page
@require_POST
@takes_documents
def take_away(request: HttpRequest, application: str, piece: str, document: str) -> HttpResponse:
    """Will take a document away from a draft or a completion, and keep all the rest of the form."""
    visit = visit_of(request)
    found = application_or_404(visit, application)
    joined = get_object_or_404(documents_joined(found), code=piece, document__public_id=document)
    wrong = keep(request, visit, found, taken_away=joined)
    return _after_a_document(request, visit, found, wrong, anchor=piece)


def _after_a_document(
    request: HttpRequest, visit: FamilyVisit, found: Application, wrong: Wrong, *, anchor: str
) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return _section(request, visit, found, wrong)
    if found.state == State.INCOMPLETE:
        # What is typed there is kept nowhere until it is sent: the page comes back with it.
        return completing.complete_page(
            request, visit, found, given_from(found.version.definition, request.POST), wrong
        )
    if wrong:
        return form_page(request, visit, found, _typed(found, request), wrong)
    return SeeOther(f"{url(visit, 'application', found)}#piece-{anchor}")


def _section(request: HttpRequest, visit: FamilyVisit, found: Application, wrong: Wrong) -> HttpResponse:
    if found.state == State.INCOMPLETE:
        section = completing.completion_documents(visit, found, wrong)
    else:
        section = documents_view(visit, found, definition_in_force(found), said=wrong.documents, whole=wrong.whole)
    return render(request, "family/applications/_documents.html", {"section": section}, status=wrong.status)


def _typed(found: Application, request: HttpRequest) -> dict[str, list[str]]:
    return given_from(definition_in_force(found), request.POST)


def _lacking(visit: FamilyVisit, found: Application, definition: Definition) -> Wrong:
    """Will say what is missing or wrong in a draft, before it is sent."""
    offered = offered_to(definition, visit.family, visit.authority, found.answers, on=visit.today)
    read = read_answers(definition, found.answers, writer=Writer.FAMILY, offered=offered.by_field)
    missing = missing_documents(found, definition, found.answers)
    return Wrong(read.faults, dict.fromkeys(missing, str(wording.MISSING_DOCUMENT)))


def form_page(
    request: HttpRequest,
    visit: FamilyVisit,
    found: Application,
    given: Given,
    wrong: Wrong | None = None,
) -> HttpResponse:
    """Will show the form of a draft with these answers, and what is wrong with them."""
    wrong = wrong or Wrong()
    definition = definition_in_force(found)
    offered = offered_to(definition, visit.family, visit.authority, given, on=visit.today)
    read = read_answers(definition, given, writer=Writer.FAMILY, offered=offered.by_field)
    form = AnswersForm(
        definition,
        given,
        offered=offered,
        faults=wrong.faults,
        document_faults=wrong.documents,
        own_code=visit.family.code,
    )
    names = without_other_homes(definition, offered.names, visit.family.code)
    context = family_context(
        visit,
        "requests",
        title=definition.title,
        summary=definition.summary,
        text=text_pieces(definition, read.values, names),
        form=form,
        questions=form.questions(),
        section=documents_view(visit, found, definition, said=wrong.documents),
        refused=wrong.whole,
        has_changed=found.version.number != found.version.procedure.current_number,
        delay=wording.delay_words(definition.delay),
        form_url=url(visit, "application", found),
        discard_url=url(visit, "application_discard", found),
        back_url=url(visit, "requests"),
        contact=contact_view(visit.authority),
    )
    return render(request, "family/applications/form.html", context, status=wrong.status)


@family_page
@require_safe
def check(request: HttpRequest, application: str) -> HttpResponse:
    """Will show a whole draft in words before it is sent, and what is still missing."""
    visit = visit_of(request)
    found = application_or_404(visit, application)
    if found.state != State.DRAFT:
        return SeeOther(url(visit, "application", found))
    return _check_page(request, visit, found)


def _check_page(
    request: HttpRequest, visit: FamilyVisit, found: Application, *, refused: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    definition = definition_in_force(found)
    wrong = _lacking(visit, found, definition)
    offered = offered_to(definition, visit.family, visit.authority, found.answers, on=visit.today)
    names = without_other_homes(definition, offered.names, visit.family.code)
    context: dict[str, Any] = family_context(
        visit,
        "requests",
        title=definition.title,
        **answers_in_words(definition, found.answers, names),
        section=documents_view(visit, found, definition, said={}),
        lacking=[
            *(
                f"«{NO_BREAK}{one.label}{NO_BREAK}» : {wrong.faults[one.code].value}"
                for one in definition.fields
                if one.code in wrong.faults
            ),
            *(
                f"{one.label} : {wrong.documents[one.code]}"
                for one in definition.documents
                if one.code in wrong.documents
            ),
        ],
        refused=refused,
        delay=wording.delay_words(definition.delay),
        silence=wording.silence_words(definition.silence),
        form_url=url(visit, "application", found),
        submit_url=url(visit, "application_submit", found),
    )
    return render(request, "family/applications/check.html", context, status=status)


@family_page
@require_POST
def submit(request: HttpRequest, application: str) -> HttpResponse:
    """Will send a draft, once; what is missing brings the form back."""
    visit = visit_of(request)
    found = application_or_404(visit, application)
    try:
        submit_application(found, by=visit.actor, at=visit.at)
    except UnableToSubmitError as error:
        wrong = Wrong(error.faults, dict.fromkeys(error.missing, str(wording.MISSING_DOCUMENT)))
        return form_page(request, visit, found, found.answers, wrong)
    except UnableToWriteError as error:
        return _check_page(request, visit, found, refused=error.why.value, status=HTTPStatus.CONFLICT)
    messages.success(request, str(wording.SENT))
    return SeeOther(url(visit, "application", found))


@family_page
@require_POST
def discard(request: HttpRequest, application: str) -> HttpResponse:
    """Will throw a draft away."""
    visit = visit_of(request)
    found = application_or_404(visit, application)
    try:
        discard_draft(found, by=visit.actor, at=visit.at)
    except UnableToWriteError as error:
        messages.warning(request, error.why.value)
        return SeeOther(url(visit, "application", found))
    messages.success(request, str(wording.DISCARDED))
    return SeeOther(url(visit, "requests"))
