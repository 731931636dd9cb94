"""A family sends an application, completes it, takes it back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Max

from marelle.domain.authorities.models import Authority
from marelle.domain.procedures.models import (
    Application,
    ChangesAsked,
    ServiceInCharge,
)
from marelle.domain.procedures.models.applications import as_json
from marelle.domain.procedures.operations.drafts import note_children
from marelle.domain.procedures.operations.locking import lock, stop_if_silence_decided, touch
from marelle.domain.procedures.operations.refusals import UnableToSubmitError, UnableToWriteError, WhyNot
from marelle.domain.procedures.queries.acknowledging import acknowledgement_of
from marelle.domain.procedures.queries.clocks import application_clock
from marelle.domain.procedures.queries.documents import missing_documents, still_lacking
from marelle.domain.procedures.queries.offered import offered_to
from marelle.domain.procedures.rules.acknowledgements import sentences_of
from marelle.domain.procedures.rules.answers import Given, as_given, names_given, read_answers
from marelle.domain.procedures.rules.definitions import Definition, Writer
from marelle.domain.procedures.rules.states import OPEN, State
from marelle.foundation import audit, outbox
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@operation
def submit_application(application: Application, *, by: Actor, at: datetime) -> Application:
    """Will send a draft: number it, start its clock, and acknowledge it at once (CRPA L112-3).

    Sent twice, it is sent once. Raises UnableToSubmitError for answers and documents that are missing or wrong,
    UnableToWriteError when the procedure is shut, has changed since, or is not for this family.
    """
    row = lock(application)
    if row.state != State.DRAFT:
        return row
    procedure = row.version.procedure
    if not procedure.is_open:
        raise UnableToWriteError(WhyNot.PROCEDURE_SHUT)
    if row.version.number != procedure.current_number:
        raise UnableToWriteError(WhyNot.PROCEDURE_CHANGED)
    definition = row.version.definition
    if not definition.is_for(is_resident=row.family.is_resident, categories=row.family.categories):
        raise UnableToWriteError(WhyNot.NOT_FOR_THEM)
    row.given = as_json(_checked(row, definition, row.answers, at=at))
    # Numbers follow each other in an authority: its row is the lock.
    authority = Authority.objects.select_for_update(no_key=True).get(pk=row.authority_id)
    last = Application.objects.aggregate(last=Max("number"))["last"] or 0
    row.number, row.state, row.submitted_at = last + 1, State.SUBMITTED, at
    row.in_charge = ServiceInCharge.objects.get(code=definition.service)
    told = acknowledgement_of(row, authority, at=at)
    row.silent_on, row.acknowledged = told.clock.silent_on, "\n".join(sentences_of(told))
    touch(row, at, "given", "number", "state", "submitted_at", "in_charge", "silent_on", "acknowledged")
    note_children(row)
    outbox.post("letters.application_acknowledged", authority=row.authority_id, application=row.pk)
    audit.record(
        "submit_application",
        authority=row.authority_id,
        of="application",
        key=row.pk,
        by=by,
        at=at,
        family=row.family_id,
        number=row.number,
    )
    return row


def _checked(
    row: Application, definition: Definition, given: Given, *, lacking: tuple[str, ...] = (), at: datetime
) -> dict[str, list[str]]:
    """Will return the answers tidied, as a form would send them; raises UnableToSubmitError."""
    authority = row.family.authority
    on = at.astimezone(authority.zone).date()
    offered = offered_to(definition, row.family, authority, given, on=on)
    read = read_answers(definition, given, writer=Writer.FAMILY, offered=offered.by_field)
    missing = tuple(dict.fromkeys((*missing_documents(row, definition, given), *lacking)))
    if read.faults or missing:
        raise UnableToSubmitError(read.faults, missing)
    tidy: dict[str, list[str]] = {}
    for one in definition.fields_for(Writer.FAMILY):
        if one.code in read.values:
            tidy |= as_given(one, read.values[one.code])
    return tidy


@operation
def complete_application(application: Application, given: Given, *, by: Actor, at: datetime) -> Application:
    """Will send what was asked to complete an application: its clock goes on.

    `given` answers the fields that were asked again, the others stay. Each document that was asked for has been joined
    since: nothing else makes the clock of an acceptance run. Sent twice, it is sent once. Raises UnableToSubmitError,
    and UnableToWriteError when the application is closed.
    """
    row = lock(application)
    if row.state == State.SUBMITTED:
        return row
    if row.state != State.INCOMPLETE:
        raise UnableToWriteError(WhyNot.NOT_OPEN)
    stop_if_silence_decided(row, at)
    definition = row.version.definition
    waiting = ChangesAsked.objects.filter(application=row, ended_at__isnull=True)
    asked = {code for codes in waiting.values_list("codes", flat=True) for code in codes}
    answers = row.answers | _only(definition, given, asked)
    row.given = as_json(_checked(row, definition, answers, lacking=still_lacking(row), at=at))
    waiting.update(ended_at=at)
    row.state = State.SUBMITTED
    row.silent_on = application_clock(row, row.family.authority, at=at).silent_on
    touch(row, at, "given", "state", "silent_on")
    note_children(row)
    outbox.post("letters.application_completed", authority=row.authority_id, application=row.pk)
    audit.record(
        "complete_application",
        authority=row.authority_id,
        of="application",
        key=row.pk,
        by=by,
        at=at,
        family=row.family_id,
    )
    return row


def _only(definition: Definition, given: Given, codes: Collection[str]) -> dict[str, list[str]]:
    """Will return what was given to these fields."""
    return {name: values for name, values in names_given(definition, given).items() if name.partition(".")[0] in codes}


@operation
def withdraw_application(application: Application, *, by: Actor, at: datetime) -> bool:
    """Will take back what is not decided yet; tells whether it was done now. Raises UnableToWriteError when closed."""
    row = lock(application)
    if row.state == State.WITHDRAWN:
        return False
    if row.state not in OPEN:
        raise UnableToWriteError(WhyNot.NOT_OPEN)
    stop_if_silence_decided(row, at)
    row.state, row.decided_at, row.silent_on = State.WITHDRAWN, at, None
    touch(row, at, "state", "decided_at", "silent_on")
    outbox.post("letters.application_withdrawn", authority=row.authority_id, application=row.pk)
    audit.record(
        "withdraw_application",
        authority=row.authority_id,
        of="application",
        key=row.pk,
        by=by,
        at=at,
        family=row.family_id,
    )
    return True
