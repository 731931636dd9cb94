"""What a family keeps of an application: the whole of it, its acknowledgement, the attestation of acceptance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.domain.accounts.queries import agent_names
from marelle.domain.procedures.models import ApplicationDocument as JoinedDocument
from marelle.domain.procedures.models import AppliedEffect, ChangesAsked, Message
from marelle.domain.procedures.queries.acknowledging import (
    acknowledgement_of,
    decided_on,
    pieces_asked,
    service_in_charge,
)
from marelle.domain.procedures.queries.offered import names_of
from marelle.domain.procedures.rules.acknowledgements import CODE, AgentInCharge, sentences_of
from marelle.domain.procedures.rules.answers import filled_text, in_words, read_answers
from marelle.domain.procedures.rules.clocks import local_day
from marelle.domain.procedures.rules.definitions import Writer
from marelle.domain.procedures.rules.states import ACCEPTED, STATE_WORDS, State
from marelle.foundation.french_dates import NO_BREAK, hour, in_full, listed, without_weekday
from marelle.letters.billing_documents import address_lines
from marelle.letters.documents.applications import ApplicationPaper, Chapter
from marelle.letters.documents.drawing import application_paper_pdf
from marelle.letters.documents.parties import LOGO_TYPES, Issuer, Logo, Recipient

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.procedures.models import Application
    from marelle.domain.procedures.rules.acknowledgements import Acknowledgement

ACKNOWLEDGED: Final = f"Accusé de réception délivré en application de l’article L. 112-3 du {CODE}."


class NothingToAttestError(Exception):
    """Silence did not accept this application: there is nothing to attest."""


def application_pdf(application: Application, authority: Authority, at: datetime) -> bytes:
    """Will draw the whole of a submitted application; `authority` holds its logo. Raises ValueError for a draft."""
    return application_paper_pdf(application_document(application, authority, at=at))


def acknowledgement_pdf(application: Application, authority: Authority, at: datetime) -> bytes:
    """Will draw the acknowledgement of a submitted application alone. Raises ValueError for a draft."""
    return application_paper_pdf(acknowledgement_document(application, authority, at=at))


def attestation_pdf(application: Application, authority: Authority, at: datetime) -> bytes:
    """Will draw the attestation that silence accepted an application. Raises NothingToAttestError unless it did."""
    return application_paper_pdf(attestation_document(application, authority, on=local_day(at, authority.zone)))


def acknowledgement_document(application: Application, authority: Authority, *, at: datetime) -> ApplicationPaper:
    """Will return the acknowledgement of a submitted application, as the family was told at once.

    Raises ValueError for a draft.
    """
    told = acknowledgement_of(application, authority, at=at)
    return ApplicationPaper(
        title=f"Accusé de réception n°{NO_BREAK}{application.number}",
        subtitle=application.version.title,
        issued_on=at.astimezone(authority.zone).date(),
        issuer=_issuer(application, authority),
        recipient=_recipient(application),
        facts=_facts(application, told),
        lead=(*_told_at_once(application, told), ACKNOWLEDGED),
    )


def attestation_document(application: Application, authority: Authority, *, on: date) -> ApplicationPaper:
    """Will return the attestation that silence accepted an application (CRPA L232-3), made on a day.

    Raises NothingToAttestError unless it did.
    """
    received_at, decided = application.submitted_at, decided_on(application, authority)
    if application.state != State.IMPLICITLY_APPROVED or received_at is None or decided is None:
        raise NothingToAttestError(application.pk)
    received = in_full(received_at.astimezone(authority.zone).date(), year=True)
    title = f"«{NO_BREAK}{application.version.title}{NO_BREAK}»"
    return ApplicationPaper(
        title="Attestation d’acceptation",
        subtitle=f"Demande n°{NO_BREAK}{application.number}, {application.version.title}",
        issued_on=on,
        issuer=_issuer(application, authority),
        recipient=_recipient(application),
        facts=(
            ("Demande", f"n°{NO_BREAK}{application.number}"),
            ("Reçue le", without_weekday(received_at.astimezone(authority.zone).date(), year=True)),
            ("Acceptée le", without_weekday(decided, year=True)),
        ),
        lead=(
            (
                f"{authority.name} atteste que la demande n°{NO_BREAK}{application.number}, {title}, présentée par"
                f" {_applicant(application)} et reçue le {received}, est acceptée depuis le"
                f" {in_full(decided, year=True)}."
            ),
            (
                "Cette acceptation est née du silence gardé jusqu’à ce jour (articles L. 231-1 et suivants du"
                f" {CODE}). L’attestation est délivrée en application de l’article L. 232-3 du même code."
            ),
        ),
        is_signed=True,
    )


def application_document(application: Application, authority: Authority, *, at: datetime) -> ApplicationPaper:
    """Will return the whole of a submitted application at `at`: asked, joined, told, answered, done.

    Notes between agents are not in it. Raises ValueError for a draft.
    """
    told = acknowledgement_of(application, authority, at=at)
    return ApplicationPaper(
        title=f"Demande n°{NO_BREAK}{application.number}",
        subtitle=application.version.title,
        issued_on=at.astimezone(authority.zone).date(),
        issuer=_issuer(application, authority),
        recipient=_recipient(application),
        facts=_facts(application, told),
        answers=_answers(application, authority),
        chapters=tuple(
            Chapter(title, tuple(words), tuple(rows))
            for title, words, rows in _chapters(application, authority, told)
            if words or rows
        ),
    )


def _chapters(
    application: Application, authority: Authority, told: Acknowledgement
) -> Iterable[tuple[str, list[str], list[tuple[str, str]]]]:
    definition = application.version.definition
    names = names_of(definition, application.answers, authority)
    read = read_answers(definition, application.answers, writer=Writer.FAMILY)
    text = filled_text(definition, read.values, names) if definition.text else ""
    rows = [
        (one.label, in_words(one, read.values[one.code], names))
        for one in definition.fields_for(Writer.FAMILY)
        if one.code in read.values
    ]
    yield "Ce que vous demandez", [text] if text else [], rows
    yield "Pièces jointes", [], _documents(application)
    yield "Accusé de réception", list(_told_at_once(application, told)), []
    yield "Compléments demandés", [], _changes(application, authority)
    yield "Messages", [], _thread(application, authority)
    yield "Décision", _decision(application, authority), _accepted(application, authority)
    effect = AppliedEffect.objects.filter(application=application).first()
    yield "Ce qui a été fait", effect.done.splitlines() if effect else [], []


def _told_at_once(application: Application, told: Acknowledgement) -> tuple[str, ...]:
    """Will return what the family was told on submitting, word for word; what it would be told now, if it was not."""
    return tuple(application.acknowledged.splitlines()) or sentences_of(told)


def _documents(application: Application) -> list[tuple[str, str]]:
    labels = {one.code: one.label for one in application.version.definition.documents}
    joined = JoinedDocument.objects.filter(application=application).select_related("document").order_by("code", "pk")
    return [(labels.get(one.code, one.code), one.document.name) for one in joined]


def _changes(application: Application, authority: Authority) -> list[tuple[str, str]]:
    rows = []
    for one in ChangesAsked.objects.filter(application=application).order_by("asked_at", "pk"):
        came = f"Reçu le {_moment(one.ended_at, authority)}" if one.ended_at else "Pas encore reçu"
        said = [
            listed(pieces_asked(application.version.definition, one)),
            one.words,
            f"À envoyer jusqu’au {in_full(one.due_on, year=True)}. {came}.",
        ]
        rows.append((f"Le {_moment(one.asked_at, authority)}", "\n".join(filter(None, said))))
    return rows


def _thread(application: Application, authority: Authority) -> list[tuple[str, str]]:
    thread = list(Message.objects.filter(application=application).order_by("written_at", "pk"))
    return [
        (
            f"{'Vous' if one.side == Message.Side.FAMILY else authority.name}, le {_moment(one.written_at, authority)}",
            one.words,
        )
        for one in thread
    ]


def _decision(application: Application, authority: Authority) -> list[str]:
    decided = decided_on(application, authority)
    if decided is None:
        return []
    said = [f"{STATE_WORDS[State(application.state)]} le {in_full(decided, year=True)}."]
    if application.decided_by_id is not None and (name := _decider(application)):
        said.append(f"Décision de {name}.")
    return [*said, *([application.reasons] if application.reasons.strip() else [])]


def _decider(application: Application) -> str:
    """Will return who decided; nobody where the service keeps its agents unnamed, for their safety."""
    key, service = application.decided_by_id, application.in_charge
    if key is None or service is None or not service.agent_name:
        return ""
    return agent_names([key]).get(key, "")


def _accepted(application: Application, authority: Authority) -> list[tuple[str, str]]:
    """Will return what was accepted, where it is not what was asked word for word."""
    if application.state not in ACCEPTED or not application.accepted:
        return []
    definition = application.version.definition
    asked = read_answers(definition, application.answers, writer=Writer.FAMILY).values
    names = names_of(definition, application.accepted, authority)
    found = {
        **read_answers(definition, application.accepted, writer=Writer.FAMILY).values,
        **read_answers(definition, application.accepted, writer=Writer.AGENT).values,
    }
    return [
        (one.label, in_words(one, found[one.code], names))
        for one in definition.fields
        if one.code in found and found[one.code] != asked.get(one.code)
    ]


def _facts(application: Application, told: Acknowledgement) -> tuple[tuple[str, str], ...]:
    facts = [
        ("Reçue le", without_weekday(told.received_at.date(), year=True)),
        ("Démarche", application.version.title),
        ("Service", told.service.name),
    ]
    if isinstance(told.agent, AgentInCharge):
        facts.append(("Suivie par", told.agent.name))
    return tuple(facts)


def _answers(application: Application, authority: Authority) -> tuple[tuple[str, str], ...]:
    state = ("Où elle en est", STATE_WORDS[State(application.state)])
    decided = decided_on(application, authority)
    if decided is not None:
        return (state, ("Décidée le", without_weekday(decided, year=True)))
    if application.silent_on is not None:
        return (state, ("Réponse avant la fin du", without_weekday(application.silent_on, year=True)))
    return (state,)


def _issuer(application: Application, authority: Authority) -> Issuer:
    """Will return the authority as the service in charge writes for it."""
    service = application.in_charge
    if service is None:
        message = f"{application} is a draft"
        raise ValueError(message)
    logo = None
    if authority.logo and authority.logo_type in LOGO_TYPES:
        logo = Logo(bytes(authority.logo), authority.logo_type)  # type: ignore[arg-type]
    desk = service_in_charge(service, authority)
    return Issuer(
        name=authority.name,
        regie=desk.name,
        address=address_lines(desk.address),
        phone=desk.phone,
        email=desk.email,
        opening_hours=desk.opening_hours,
        signatory=", ".join(filter(None, (service.agent_name, service.agent_quality))) or desk.name,
        logo=logo,
        accent=authority.accent,
    )


def _recipient(application: Application) -> Recipient:
    return Recipient(_applicant(application), address_lines(application.family.address))


def _applicant(application: Application) -> str:
    guardian = application.guardian
    return f"{guardian.first_name} {guardian.last_name}" if guardian else application.family.name


def _moment(at: datetime, authority: Authority) -> str:
    local = at.astimezone(authority.zone)
    return f"{in_full(local.date(), year=True)}, {hour(local)}"
