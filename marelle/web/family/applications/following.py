"""An application that was sent: where it stands, what was said about it, what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from marelle.domain.procedures.models import AppliedEffect, ChangesAsked, Message
from marelle.domain.procedures.operations.exchanging import write_message
from marelle.domain.procedures.operations.refusals import UnableToWriteError
from marelle.domain.procedures.operations.submitting import withdraw_application
from marelle.domain.procedures.queries.clocks import application_clock
from marelle.domain.procedures.queries.documents import documents_joined
from marelle.domain.procedures.queries.offered import names_of
from marelle.domain.procedures.rules.states import ACCEPTED, OPEN, State
from marelle.foundation.french_dates import in_full, moment, without_weekday
from marelle.web.contacts import contact_view
from marelle.web.doors import family_page
from marelle.web.family.applications import wording
from marelle.web.family.applications.documents_section import document_facts
from marelle.web.family.applications.finding import application_or_404, url
from marelle.web.family.applications.forms import MessageForm
from marelle.web.family.applications.telling import answers_in_words, without_other_homes
from marelle.web.family.surroundings import family_context, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.procedures.models import Application
    from marelle.domain.procedures.rules.clocks import Clock
    from marelle.domain.procedures.rules.definitions import Definition
    from marelle.web.doors import FamilyVisit

REFUSED = frozenset({State.REJECTED, State.PARTLY_APPROVED, State.IMPLICITLY_REJECTED})


@dataclass(frozen=True, slots=True)
class Exchanged:
    """Words of the thread: who wrote, when, what."""

    at: datetime
    who: str
    when: str
    title: str
    words: str
    is_mine: bool


def sent_page(
    request: HttpRequest, visit: FamilyVisit, found: Application, form: MessageForm | None = None
) -> HttpResponse:
    """Will show an application that was sent, whole; `form` is a message that was not taken."""
    definition = found.version.definition
    state = State(found.state)
    words, tone, icon = wording.tag_of(state)
    clock = application_clock(found, visit.authority, at=visit.at)
    names = without_other_homes(definition, names_of(definition, found.answers, visit.authority), visit.family.code)
    effect = AppliedEffect.objects.filter(application=found).first()
    context = family_context(
        visit,
        "requests",
        title=found.version.title,
        state=words,
        tone=tone,
        icon=icon,
        facts=_facts(visit, found, definition, clock),
        clock=wording.clock_sentence(definition.silence, clock, visit.at) if state in OPEN else "",
        acknowledged=found.acknowledged.splitlines(),
        decision=_decision(visit, found, definition),
        done=effect.done.splitlines() if effect else [],
        **answers_in_words(definition, found.answers, names),
        documents=[
            (
                joined.document.name,
                _label_of(definition, joined.code),
                document_facts(visit, joined.document),
                url(visit, "application_document", found, document=joined.document.public_id),
            )
            for joined in documents_joined(found)
        ],
        thread=_thread(visit, found),
        form=form or MessageForm(),
        complete_url=url(visit, "application_complete", found) if state is State.INCOMPLETE else "",
        withdraw_url=url(visit, "application_withdraw", found) if state in OPEN else "",
        message_url=url(visit, "application_message", found),
        pdf_url=url(visit, "application_pdf", found),
        acknowledgement_url=url(visit, "application_acknowledgement_pdf", found),
        attestation_url=(
            url(visit, "application_attestation_pdf", found) if state is State.IMPLICITLY_APPROVED else ""
        ),
        new_url=url(visit, "application_new"),
        back_url=url(visit, "requests"),
        contact=contact_view(found.in_charge) if found.in_charge else contact_view(visit.authority),
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form is not None else HTTPStatus.OK
    return render(request, "family/applications/sent.html", context, status=status)


def _label_of(definition: Definition, code: str) -> str:
    asked = definition.document_of(code)
    return asked.label if asked else ""


def _facts(visit: FamilyVisit, found: Application, definition: Definition, clock: Clock) -> list[tuple[str, str]]:
    """Will list what an acknowledgement bears (CRPA L112-3, L111-2, R112-5)."""
    service = found.in_charge
    facts = [("Numéro", str(found.number))]
    if found.submitted_at is not None:
        facts.append(("Reçue le", wording.moment_words(found.submitted_at.astimezone(visit.authority.zone))))
    if service is not None:
        facts.append(("Service", service.name))
        named = ", ".join(filter(None, (service.agent_name, service.agent_quality)))
        if named:
            facts.append(("Suivie par", named))
    if found.state in OPEN and clock.answer_by is not None:
        facts.append(("Réponse au plus tard", in_full(clock.answer_by, year=True)))
    return facts


def _decision(visit: FamilyVisit, found: Application, definition: Definition) -> dict[str, str] | None:
    state = State(found.state)
    if found.decided_at is None:
        return None
    day = without_weekday(found.decided_at.astimezone(visit.authority.zone).date(), year=True)
    said = {
        State.APPROVED: f"Votre demande est acceptée le {day}.",
        State.PARTLY_APPROVED: f"Votre demande est acceptée en partie le {day}.",
        State.REJECTED: f"Votre demande est refusée le {day}.",
        State.WITHDRAWN: f"Vous avez retiré cette demande le {day}. Elle n’a rien changé.",
        State.IMPLICITLY_APPROVED: f"La mairie n’a pas répondu : votre demande est acceptée depuis le {day}.",
        State.IMPLICITLY_REJECTED: f"La mairie n’a pas répondu : votre demande est refusée depuis le {day}.",
        State.ANSWERED: f"La mairie vous a répondu le {day}.",
    }
    return {
        "title": said.get(state, ""),
        "tone": "green" if state in ACCEPTED or state is State.ANSWERED else "red" if state in REFUSED else "blue",
        "reasons": found.reasons,
        "remedies": definition.remedies if state in REFUSED else "",
    }


def _thread(visit: FamilyVisit, found: Application) -> list[Exchanged]:
    """Will return messages and what was asked to complete, the oldest first."""

    def when(at: datetime) -> str:
        return moment(at.astimezone(visit.authority.zone))

    rows = [
        Exchanged(
            one.written_at,
            "Vous" if one.written_by_id == visit.user.pk else _side(one),
            when(one.written_at),
            "",
            one.words,
            is_mine=one.side == Message.Side.FAMILY,
        )
        for one in Message.objects.filter(application=found).order_by("written_at", "pk")
    ]
    definition = found.version.definition
    for asked in ChangesAsked.objects.filter(application=found):
        labels = [one.label for one in definition.documents if one.code in asked.codes]
        labels += [one.label for one in definition.fields if one.code in asked.codes]
        due = in_full(asked.due_on, year=True)
        came = f" Envoyé le {when(asked.ended_at)}." if asked.ended_at else ""
        rows.append(
            Exchanged(
                asked.asked_at,
                "La mairie",
                when(asked.asked_at),
                f"À compléter avant le {due} au soir{' : ' if labels else '.'}"
                + (", ".join(wording.lower_first(label) for label in labels) + "." if labels else "")
                + came,
                asked.words,
                is_mine=False,
            )
        )
    return sorted(rows, key=lambda one: one.at)


def _side(message: Message) -> str:
    return "La mairie" if message.side == Message.Side.AGENT else "Votre famille"


@family_page
@require_POST
def message(request: HttpRequest, application: str) -> HttpResponse:
    """Will add the family's words to the thread."""
    visit = visit_of(request)
    found = application_or_404(visit, application)
    if found.state == State.DRAFT:
        messages.warning(request, str(wording.NOT_SENT_YET))
        return SeeOther(url(visit, "application", found))
    form = MessageForm(request.POST)
    if form.is_valid():
        try:
            write_message(found, form.cleaned_data["words"], by=visit.actor, at=visit.at)
        except UnableToWriteError as error:
            form.add_error("words", error.why.value)
        else:
            messages.success(request, str(wording.MESSAGE_SENT))
            return SeeOther(f"{url(visit, 'application', found)}#echanges")
    return sent_page(request, visit, found, form)


@family_page
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, application: str) -> HttpResponse:
    """Will say what taking an application back means; a POST takes it back."""
    visit = visit_of(request)
    found = application_or_404(visit, application)
    if request.method == "POST" and found.state != State.DRAFT:
        try:
            withdraw_application(found, by=visit.actor, at=visit.at)
        except UnableToWriteError as error:
            messages.warning(request, error.why.value)
        else:
            messages.success(request, str(wording.WITHDRAWN))
        return SeeOther(url(visit, "application", found))
    if found.state not in OPEN:
        return SeeOther(url(visit, "application", found))
    context = family_context(
        visit,
        "requests",
        title=found.version.title,
        number=found.number,
        back_url=url(visit, "application", found),
        withdraw_url=url(visit, "application_withdraw", found),
    )
    return render(request, "family/applications/withdraw.html", context)
