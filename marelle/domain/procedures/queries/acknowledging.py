"""What a family is told of an application: its acknowledgement, and the last days that it may be held to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.procedures.models import ChangesAsked
from marelle.domain.procedures.queries.clocks import application_clock, working_calendar
from marelle.domain.procedures.rules.acknowledgements import (
    Acknowledgement,
    AgentInCharge,
    Missing,
    ServiceInCharge,
    Unnamed,
    appeal_against_silence,
)
from marelle.domain.procedures.rules.clocks import Silence, appeal_until, day_of_decision
from marelle.domain.procedures.rules.states import State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.procedures.models import Application
    from marelle.domain.procedures.models import ServiceInCharge as ServiceRow
    from marelle.domain.procedures.rules.definitions import Definition

SILENT = frozenset({State.IMPLICITLY_APPROVED, State.IMPLICITLY_REJECTED})


def acknowledgement_of(application: Application, authority: Authority, *, at: datetime) -> Acknowledgement:
    """Will return what the family is told at `at` of a submitted application; `version` and `in_charge` are loaded.

    Raises ValueError for a draft: nothing was received.
    """
    received_at, service = application.submitted_at, application.in_charge
    if received_at is None or service is None:
        message = f"{application} is a draft"
        raise ValueError(message)
    definition = application.version.definition
    clock = application_clock(application, authority, at=at)
    refuses_on = clock.silent_on if definition.silence is Silence.REFUSES else None
    waiting = ChangesAsked.objects.filter(application=application, ended_at__isnull=True, asked_at__lte=at).order_by(
        "asked_at", "pk"
    )
    return Acknowledgement(
        number=str(application.number),
        procedure=application.version.title,
        received_at=received_at.astimezone(authority.zone),
        service=service_in_charge(service, authority),
        agent=agent_in_charge(application, authority),
        silence=definition.silence,
        clock=clock,
        remedies=definition.remedies.strip() if definition.silence is Silence.REFUSES else "",
        appeal_until=appeal_until(refuses_on, working_calendar(authority, at=received_at)) if refuses_on else None,
        missing=_missing(definition, list(waiting)),
    )


def service_in_charge(service: ServiceRow, authority: Authority) -> ServiceInCharge:
    """Will return how to reach a service; what it does not say itself is as for the whole authority."""
    return ServiceInCharge(
        service.name,
        " ".join((service.address or authority.address).split()),
        service.phone or authority.phone,
        service.email or authority.email,
        " ".join((service.opening_hours or authority.opening_hours).split()),
    )


def agent_in_charge(application: Application, authority: Authority) -> AgentInCharge | Unnamed:
    """Will return who follows an application, as families may know it; `in_charge` and `assigned_to` are loaded.

    A service that names nobody is one whose agents are not named, for their safety (CRPA L111-2). Otherwise whoever has
    the application, and, as long as nobody has, whom the service gives.
    """
    service = application.in_charge
    if service is None:
        return Unnamed.NOT_YET
    if not service.agent_name:
        return Unnamed.FOR_SAFETY
    address = " ".join((service.address or authority.address).split())
    agent = application.assigned_to
    if agent is None or agent.name == service.agent_name:
        return AgentInCharge(service.agent_name, service.agent_quality, address)
    return AgentInCharge(agent.name, service.name, address)


def pieces_asked(definition: Definition, changes: ChangesAsked) -> tuple[str, ...]:
    """Will return what was asked to complete an application: the documents and the questions, by their labels."""
    labels = {one.code: one.label for one in definition.fields} | {one.code: one.label for one in definition.documents}
    return tuple(labels[code] for code in changes.codes if code in labels)


def _missing(definition: Definition, waiting: Sequence[ChangesAsked]) -> Missing | None:
    if not waiting:
        return None
    pieces = dict.fromkeys(piece for one in waiting for piece in pieces_asked(definition, one))
    return Missing(
        tuple(pieces), max(one.due_on for one in waiting), tuple(one.words for one in waiting if one.words.strip())
    )


def appeal_day(application: Application, authority: Authority) -> date | None:
    """Will return the last day to contest a refusal born of silence; None when none can be held against the family.

    None too when it was not acknowledged, or not as the law wants (CRPA L112-6).
    """
    if application.decided_at is None or not application.acknowledged:
        return None
    # The moment of birth is the midnight that ends the last day: the clock says it of that day.
    told = acknowledgement_of(application, authority, at=application.decided_at)
    return appeal_against_silence(told)


def decided_on(application: Application, authority: Authority) -> date | None:
    """Will return the local day on which an application was decided; a decision of silence has its last day's date."""
    if application.decided_at is None:
        return None
    return day_of_decision(application.decided_at, zone=authority.zone, is_silent=application.state in SILENT)
