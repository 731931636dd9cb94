"""Agents take an application, pass it on, ask for what is missing, decide."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from marelle.domain.accounts.models import Agent
from marelle.domain.procedures.models import Application, ChangesAsked, ServiceInCharge
from marelle.domain.procedures.models.applications import as_json
from marelle.domain.procedures.operations.effects import apply_effect
from marelle.domain.procedures.operations.locking import lock, stop_if_silence_decided, touch
from marelle.domain.procedures.operations.refusals import UnableToSubmitError, UnableToWriteError, WhyNot
from marelle.domain.procedures.queries.clocks import application_clock
from marelle.domain.procedures.queries.offered import offered_to
from marelle.domain.procedures.rules.answers import Answers, Given, Value, names_given, read_answers
from marelle.domain.procedures.rules.clocks import Silence
from marelle.domain.procedures.rules.definitions import Definition, Writer
from marelle.domain.procedures.rules.states import DECIDABLE, DECIDED, NEEDS_REASONS, OPEN, Decision, State
from marelle.foundation import audit, outbox
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@operation
def assign(application: Application, agent: Agent | None, *, expected: int, by: Actor, at: datetime) -> bool:
    """Will give an application to an agent, or to nobody; tells whether it changed hands.

    Raises UnableToWriteError when somebody else wrote meanwhile, or when it is closed.
    """
    row = lock(application)
    if row.assigned_to_id == (agent.pk if agent else None):
        return False
    row = lock(application, expected=expected)
    if row.state not in OPEN:
        raise UnableToWriteError(WhyNot.NOT_OPEN)
    row.assigned_to = agent
    touch(row, at, "assigned_to")
    audit.record(
        "assign",
        authority=row.authority_id,
        of="application",
        key=row.pk,
        by=by,
        at=at,
        agent=agent.pk if agent else None,
    )
    return True


@operation
def transfer(application: Application, service: ServiceInCharge, *, expected: int, by: Actor, at: datetime) -> bool:
    """Will hand an application to another service (CRPA L114-2), where nobody has it yet; its clock goes on.

    Tells whether it moved. Raises UnableToWriteError.
    """
    row = lock(application)
    if row.in_charge_id == service.pk:
        return False
    row = lock(application, expected=expected)
    if row.state not in OPEN:
        raise UnableToWriteError(WhyNot.NOT_OPEN)
    row.in_charge, row.assigned_to = service, None
    touch(row, at, "in_charge", "assigned_to")
    outbox.post(
        "letters.application_transferred", authority=row.authority_id, application=row.pk, revision=row.revision
    )
    audit.record("transfer", authority=row.authority_id, of="application", key=row.pk, by=by, at=at, service=service.pk)
    return True


@operation
def request_changes(
    application: Application,
    words: str,
    *,
    codes: Collection[str],
    due_on: date,
    expected: int,
    by: Actor,
    at: datetime,
) -> ChangesAsked:
    """Will ask the family to complete its application before the end of a day (local), and have it written to.

    `codes` names documents and fields of the procedure. Its clock waits as the law says (CRPA L114-5). Raises
    UnableToWriteError: nothing said, a day that is past, closed, or changed meanwhile.
    """
    row = lock(application, expected=expected)
    if row.state not in OPEN:
        raise UnableToWriteError(WhyNot.NOT_OPEN)
    stop_if_silence_decided(row, at)
    definition = row.version.definition
    known = {one.code for one in definition.documents} | {one.code for one in definition.fields_for(Writer.FAMILY)}
    asked = sorted(set(codes) & known)
    if not asked and not words.strip():
        raise UnableToWriteError(WhyNot.NOTHING_MISSING)
    authority = row.family.authority
    if due_on <= at.astimezone(authority.zone).date():
        raise UnableToWriteError(WhyNot.PAST)
    changes = ChangesAsked.objects.create(
        authority_id=row.authority_id,
        application=row,
        asked_at=at,
        asked_by_id=by.key,
        due_on=due_on,
        words=words.strip(),
        codes=asked,
    )
    row.state = State.INCOMPLETE
    row.silent_on = application_clock(row, authority, at=at).silent_on
    touch(row, at, "state", "silent_on")
    outbox.post("letters.application_changes_asked", authority=row.authority_id, changes=changes.pk)
    audit.record(
        "request_changes",
        authority=row.authority_id,
        of="application",
        key=row.pk,
        by=by,
        at=at,
        changes=changes.pk,
        codes=asked,
    )
    return changes


@operation
def decide(
    application: Application,
    decision: Decision,
    *,
    reasons: str = "",
    given: Given | None = None,
    expected: int,
    by: Actor,
    at: datetime,
) -> Application:
    """Will decide, do what an acceptance does, once, and have the family written to: all of it or nothing.

    `given` is what is accepted, by the names of a form: the family's answers as the agent leaves them, and the fields
    that are hers; None accepts what the family asked. An acceptance that changes what was asked is one in part, and
    says why. The same decision again is the one already made. Raises UnableToWriteError, UnableToSubmitError (faults by
    field code) and UnableToApplyError.
    """
    row = lock(application)
    if row.state == DECIDED[decision]:
        return row
    row = lock(application, expected=expected)
    definition = row.version.definition
    if row.state not in DECIDABLE:
        raise UnableToWriteError(WhyNot.NOT_OPEN)
    if definition.silence is Silence.ACCEPTS:  # where it refuses, an express decision is lawful late
        stop_if_silence_decided(row, at)
    if (decision is Decision.ANSWER) is not (definition.silence is Silence.DECIDES_NOTHING):
        raise UnableToWriteError(WhyNot.NOT_OFFERED)
    if decision in NEEDS_REASONS and not reasons.strip():
        raise UnableToWriteError(WhyNot.NO_REASON)
    if decision in {Decision.APPROVE, Decision.APPROVE_PARTLY}:
        accepted = row.answers if given is None else names_given(definition, given)
        values = _accepted(row, definition, accepted, at=at)
        if decision is Decision.APPROVE and _differs(definition, row.answers, values):
            raise UnableToWriteError(WhyNot.CHANGED_WHAT_THEY_ASKED)
        row.decided = as_json(accepted)
        apply_effect(row, values, by=by, at=at)
    row.state, row.decided_at, row.decided_by_id = DECIDED[decision], at, by.key
    row.reasons, row.silent_on = reasons.strip(), None
    touch(row, at, "state", "decided_at", "decided_by", "reasons", "decided", "silent_on")
    outbox.post("letters.application_decided", authority=row.authority_id, application=row.pk)
    audit.record(
        "decide",
        authority=row.authority_id,
        of="application",
        key=row.pk,
        by=by,
        at=at,
        state=row.state,
        family=row.family_id,
    )
    return row


def _accepted(row: Application, definition: Definition, accepted: Given, *, at: datetime) -> dict[str, Value]:
    """Will read what is accepted, both sides' fields. What the family chose stays a choice, whatever was since."""
    authority = row.family.authority
    on = at.astimezone(authority.zone).date()
    offered = offered_to(definition, row.family, authority, accepted, on=on).by_field
    among = {code: {*offered.get(code, ()), *row.answers.get(code, ())} for code in {*offered, *row.answers}}
    families = read_answers(definition, accepted, writer=Writer.FAMILY, offered=among)
    agents = read_answers(definition, accepted, writer=Writer.AGENT, offered=among)
    if faults := {**families.faults, **agents.faults}:
        raise UnableToSubmitError(faults)
    return {**families.values, **agents.values}


def _differs(definition: Definition, asked: Given, values: Mapping[str, Value]) -> bool:
    """Will tell whether what is accepted is not what the family asked."""
    theirs: Answers = read_answers(definition, asked, writer=Writer.FAMILY)
    mine = {one.code for one in definition.fields_for(Writer.FAMILY)}
    return {code: value for code, value in values.items() if code in mine} != dict(theirs.values)


@operation
def apply_late(
    application: Application, *, given: Given | None = None, expected: int, by: Actor, at: datetime
) -> Application:
    """Will do what an acceptance born of silence should have done, when it needed an agent's answers to be done.

    Done already, nothing more happens. Raises as `decide` does.
    """
    row = lock(application, expected=expected)
    if row.state != State.IMPLICITLY_APPROVED:
        raise UnableToWriteError(WhyNot.NOT_OFFERED)
    definition = row.version.definition
    accepted = row.answers if given is None else names_given(definition, given)
    values = _accepted(row, definition, accepted, at=at)
    if _differs(definition, row.answers, values):
        raise UnableToWriteError(WhyNot.CHANGED_WHAT_THEY_ASKED)
    row.decided = as_json(accepted)
    apply_effect(row, values, by=by, at=at)
    touch(row, at, "decided")
    return row
