"""What the town hall asks to complete an application: only that, and by when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from marelle.domain.procedures.models import ChangesAsked
from marelle.domain.procedures.operations.refusals import UnableToSubmitError, UnableToWriteError, WhyNot
from marelle.domain.procedures.operations.submitting import complete_application
from marelle.domain.procedures.queries.clocks import application_clock
from marelle.domain.procedures.queries.offered import offered_to
from marelle.domain.procedures.rules.states import State
from marelle.foundation.french_dates import in_full
from marelle.web.contacts import contact_view
from marelle.web.doors import family_page, takes_documents
from marelle.web.family.applications import wording
from marelle.web.family.applications.documents_section import DocumentsView, documents_view
from marelle.web.family.applications.finding import application_or_404, url
from marelle.web.family.applications.forms import AnswersForm, given_from
from marelle.web.family.applications.keeping import Wrong, keep
from marelle.web.family.surroundings import family_context, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.procedures.models import Application
    from marelle.domain.procedures.rules.answers import Given
    from marelle.web.doors import FamilyVisit


def waiting_changes(found: Application) -> list[ChangesAsked]:
    """Will return what was asked and has not come, the first asked first."""
    return list(ChangesAsked.objects.filter(application=found, ended_at__isnull=True).order_by("asked_at", "pk"))


def asked_codes(found: Application) -> set[str]:
    """Will return the codes of the questions and documents that are waited for.

    When the town hall only wrote what is missing, any document of the procedure may answer.
    """
    codes = {code for one in waiting_changes(found) for code in one.codes}
    return codes or {one.code for one in found.version.definition.documents}


def completion_documents(
    visit: FamilyVisit, found: Application, wrong: Wrong, *, only: set[str] | None = None
) -> DocumentsView:
    """Will show the documents that are waited for; one sent before they were asked for is not what is waited for."""
    since = max((one.asked_at for one in waiting_changes(found)), default=None)
    return documents_view(
        visit,
        found,
        found.version.definition,
        said=wrong.documents,
        whole=wrong.whole,
        only=asked_codes(found) if only is None else only,
        since=since,
    )


@family_page
@takes_documents
@require_http_methods(["GET", "HEAD", "POST"])
def complete(request: HttpRequest, application: str) -> HttpResponse:
    """Will show what is asked; a POST sends it."""
    visit = visit_of(request)
    found = application_or_404(visit, application)
    if found.state != State.INCOMPLETE:
        messages.warning(request, WhyNot.NOT_INCOMPLETE.value)
        return SeeOther(url(visit, "application", found))
    if request.method != "POST":
        return complete_page(request, visit, found, {})
    given = given_from(found.version.definition, request.POST)
    wrong = keep(request, visit, found)
    if wrong:
        return complete_page(request, visit, found, given, wrong)
    try:
        complete_application(found, given, by=visit.actor, at=visit.at)
    except UnableToSubmitError as error:
        missing = dict.fromkeys(error.missing, str(wording.MISSING_DOCUMENT))
        return complete_page(request, visit, found, given, Wrong(error.faults, missing))
    except UnableToWriteError as error:
        messages.warning(request, error.why.value)
        return SeeOther(url(visit, "application", found))
    messages.success(request, str(wording.COMPLETED))
    return SeeOther(url(visit, "application", found))


def complete_page(
    request: HttpRequest, visit: FamilyVisit, found: Application, given: Given, wrong: Wrong | None = None
) -> HttpResponse:
    """Will show the questions and documents that are asked for, with what was typed, and what is wrong with it."""
    wrong = wrong or Wrong()
    definition = found.version.definition
    # What turned wrong meanwhile, as a child who left, is asked again beside what the town hall asked.
    codes = asked_codes(found) | set(wrong.faults) | set(wrong.documents)
    said = {**found.answers, **given}
    offered = offered_to(definition, visit.family, visit.authority, said, on=visit.today)
    form = AnswersForm(
        definition,
        said,
        offered=offered,
        only=codes,
        faults=wrong.faults,
        document_faults=wrong.documents,
        own_code=visit.family.code,
    )
    changes = waiting_changes(found)
    clock = application_clock(found, visit.authority, at=visit.at)
    context = family_context(
        visit,
        "requests",
        title=found.version.title,
        number=found.number,
        due=in_full(max(one.due_on for one in changes), year=True) if changes else "",
        asked=[one.words for one in changes if one.words],
        form=form,
        questions=form.questions(),
        section=completion_documents(visit, found, wrong, only=codes),
        clock=wording.clock_sentence(definition.silence, clock, visit.at),
        form_url=url(visit, "application_complete", found),
        back_url=url(visit, "application", found),
        contact=contact_view(found.in_charge) if found.in_charge else contact_view(visit.authority),
    )
    return render(request, "family/applications/complete.html", context, status=wrong.status)
