"""A family's quotient: noted by an agent, or asked of the CAF and the MSA, shown and then noted; withdrawn; proven."""

from __future__ import annotations

import functools
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.signing import BadSignature
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.families.models import FamilyQuotient, Guardian, SupportingDocument
from marelle.domain.families.operations.quotients import (
    UnableToRecordQuotientError,
    note_question,
    record_quotient,
    withdraw_quotient,
)
from marelle.domain.families.quotient_source import QuotientUnknownError
from marelle.web.documents import Reading, handed_over, hands_over_documents
from marelle.web.doors import office_page, takes_documents
from marelle.web.office.families import quotient_wording as wording
from marelle.web.office.families import wording as family_wording
from marelle.web.office.families.finding import address_of
from marelle.web.office.families.panes import health_known, may_know_of
from marelle.web.office.families.quotient_forms import AnswerForm, RecordForm
from marelle.web.office.families.quotient_section import QuotientState, ask_form, signed, source, unsigned
from marelle.web.office.families.views import family_or_404, render_family
from marelle.web.office.need_to_know import knows_quotient
from marelle.web.office.surroundings import ROLES
from marelle.web.readings import notes_readings
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest

    from marelle.web.doors import OfficeVisit


def sees_quotient(view: Any) -> Any:
    """Will keep `view`, inside its door, to agents who also see quotients; the others are led back and told why."""

    @functools.wraps(view)
    def for_who_sees(request: HttpRequest, family: str, **kwargs: Any) -> HttpResponse:
        visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
        found = family_or_404(request, family, ROLES.READ_FAMILIES)
        if not knows_quotient(visit, found.pk):
            return _led_back(request, family, family_wording.NOT_HIS_QUOTIENT)
        response: HttpResponse = view(request, family=family, **kwargs)
        return response

    return for_who_sees


def _led_back(request: HttpRequest, family: str, why: str) -> HttpResponse:
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    messages.warning(request, why, extra_tags="amber")
    return SeeOther(address_of(visit, "office_family", family_or_404(request, family, ROLES.READ_FAMILIES)))


@require_POST
@takes_documents
@office_page(ROLES.MANAGE_RESERVATIONS)
@sees_quotient
@notes_readings
def record(request: HttpRequest, family: str) -> HttpResponse:
    """Will note a quotient that an agent knows, with its proof."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = family_or_404(request, family)
    form = RecordForm(request.POST, request.FILES, auto_id="noter-%s")
    if not form.is_valid():
        state = QuotientState(recording=form)
        return render_family(request, found, quotient=state, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = form.cleaned_data
    try:
        quotient = record_quotient(
            found,
            value_cents=said["value"],
            valid_from=said["valid_from"],
            source=said["source"],
            document=said["document"],
            is_confirmed=said["is_confirmed"],
            by=visit.actor,
            at=visit.at,
        )
    except UnableToRecordQuotientError as error:
        form.explain(error.doubts, said["value"])
        if said["document"]:
            form.add_error("document", wording.CHOOSE_FILE_AGAIN)
        state = QuotientState(recording=form)
        return render_family(request, found, quotient=state, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.recorded(quotient), extra_tags="green")
    return SeeOther(address_of(visit, "office_family", found))


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
@sees_quotient
@notes_readings
def ask(request: HttpRequest, family: str) -> HttpResponse:
    """Will ask the CAF and the MSA, write in the journal that it was asked, and show the answer to be confirmed."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = family_or_404(request, family)
    plugged = source()
    if plugged is None:
        state = QuotientState(trouble=wording.NOT_PLUGGED)
        return render_family(request, found, quotient=state, status=HTTPStatus.CONFLICT)
    form = ask_form(visit, found, data=request.POST)
    if not form.is_valid():
        state = QuotientState(asking=form)
        return render_family(request, found, quotient=state, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    guardian = Guardian.objects.get(family=found, public_id=form.cleaned_data["guardian"])
    try:
        answer = plugged.quotient_of(form.identity, recipient=visit.authority.siret)
    except QuotientUnknownError as error:
        note_question(found, guardian, outcome=error.trouble.name, by=visit.actor, at=visit.at)
        return render_family(request, found, quotient=QuotientState(asking=form, trouble=error.trouble.value))
    note_question(found, guardian, outcome="FOUND", by=visit.actor, at=visit.at)
    answering = AnswerForm(
        auto_id="reponse-%s",
        initial={
            "answer": signed(answer, found),
            "valid_from": answer.valid_from or visit.today.replace(day=1),
        },
    )
    return render_family(request, found, quotient=QuotientState(answering=answering, found=answer))


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
@sees_quotient
@notes_readings
def record_answer(request: HttpRequest, family: str) -> HttpResponse:
    """Will note the quotient that was answered, as it was: what the page carries is ours and signed."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = family_or_404(request, family)
    form = AnswerForm(request.POST, auto_id="reponse-%s")
    try:
        value_cents, provider, period = unsigned(request.POST.get("answer", ""), found)
    except BadSignature:
        state = QuotientState(trouble=wording.EXPIRED)
        return render_family(request, found, quotient=state, status=HTTPStatus.CONFLICT)
    if not form.is_valid():
        state = QuotientState(answering=form)
        return render_family(request, found, quotient=state, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        quotient = record_quotient(
            found,
            value_cents=value_cents,
            valid_from=form.cleaned_data["valid_from"],
            source=FamilyQuotient.Source.API,
            provider=provider,
            period=period,
            is_confirmed=form.cleaned_data["is_confirmed"],
            by=visit.actor,
            at=visit.at,
        )
    except UnableToRecordQuotientError as error:
        form.explain(error.doubts, value_cents)
        state = QuotientState(answering=form)
        return render_family(request, found, quotient=state, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.recorded(quotient), extra_tags="green")
    return SeeOther(address_of(visit, "office_family", found))


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
@sees_quotient
def withdraw(request: HttpRequest, family: str, quotient: str) -> HttpResponse:
    """Will withdraw a quotient that was noted wrongly."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = family_or_404(request, family)
    noted = FamilyQuotient.objects.filter(family=found, withdrawn_at__isnull=True)
    withdraw_quotient(get_object_or_404(noted, public_id=quotient), by=visit.actor, at=visit.at)
    messages.success(request, wording.WITHDRAWN, extra_tags="green")
    return SeeOther(address_of(visit, "office_family", found))


@require_safe
@office_page(ROLES.READ_FAMILIES)
@hands_over_documents
def document(request: HttpRequest, family: str, document: str) -> Reading | HttpResponse:
    """Will hand over a file that the family gave, to be saved and never opened in the page.

    One that speaks of health or proves a quotient, to who may know of it; the others are led back and told why.
    """
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = family_or_404(request, family, ROLES.READ_FAMILIES)
    kept = get_object_or_404(SupportingDocument.objects.filter(family=found), public_id=document)
    if not may_know_of(kept, visit, health_of=health_known(found, visit)):
        why = family_wording.NOT_HIS_HEALTH if kept.is_health else family_wording.NOT_HIS_QUOTIENT
        return _led_back(request, family, why)
    return handed_over(kept, by=visit.actor, at=visit.at)
