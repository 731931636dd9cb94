"""Silence decides (CRPA L231-1, L231-4): a decision that nobody took is born at its moment."""

from __future__ import annotations

from datetime import datetime

from marelle.domain.procedures.models import Application, SilenceWarning
from marelle.domain.procedures.operations.effects import UnableToApplyError, apply_effect
from marelle.domain.procedures.operations.locking import lock, touch
from marelle.domain.procedures.queries.clocks import application_clock
from marelle.domain.procedures.rules.answers import read_answers
from marelle.domain.procedures.rules.clocks import Silence, local_day, warning_due
from marelle.domain.procedures.rules.definitions import Definition, Writer
from marelle.domain.procedures.rules.states import OPEN, State
from marelle.foundation import audit, outbox
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@operation
def decide_by_silence(application: Application, *, does_effect: bool = True, by: Actor, at: datetime) -> bool:
    """Will note the decision that silence made by `at`, dated at its birth, and do what an acceptance does.

    Tells whether one was born that nobody had noted. An acceptance is one even when it cannot be done without an
    agent: whoever calls asks again with `does_effect` false after UnableToApplyError, and `reviewing.apply_late` does
    the rest. Raises UnableToApplyError.
    """
    row = lock(application)
    if row.state not in OPEN:
        return False
    clock = application_clock(row, row.family.authority, at=at)
    if clock.born_at is None or not clock.has_decided(at):
        return False
    definition = row.version.definition
    is_acceptance = definition.silence is Silence.ACCEPTS
    row.state = State.IMPLICITLY_APPROVED if is_acceptance else State.IMPLICITLY_REJECTED
    row.decided_at, row.silent_on = clock.born_at, None
    if is_acceptance and does_effect:
        _require_nothing_of_agents(definition)
        read = read_answers(definition, row.answers, writer=Writer.FAMILY)
        row.decided = row.given
        apply_effect(row, read.values, by=by, at=at)
    touch(row, at, "state", "decided_at", "silent_on", "decided")
    outbox.post("letters.application_decided_by_silence", authority=row.authority_id, application=row.pk)
    if is_acceptance and not does_effect:
        outbox.post("letters.application_to_finish", authority=row.authority_id, application=row.pk)
    audit.record(
        "decide_by_silence",
        authority=row.authority_id,
        of="application",
        key=row.pk,
        by=by,
        at=at,
        state=row.state,
        family=row.family_id,
    )
    return True


def _require_nothing_of_agents(definition: Definition) -> None:
    """Will raise UnableToApplyError when an agent must say something for the acceptance to be done."""
    asked = [one.label for one in definition.fields_for(Writer.AGENT) if one.is_required]
    if asked:
        raise UnableToApplyError(*(f"Il manque une réponse de la mairie : {label}." for label in asked))


@operation
def warn_of_silence(application: Application, *, by: Actor, at: datetime) -> SilenceWarning | None:
    """Will have whoever answers warned that silence is about to decide, once for each of the days of the rule.

    None when it is not near, or when they were warned of it already.
    """
    row = lock(application)
    if row.state not in OPEN:
        return None
    authority = row.family.authority
    clock = application_clock(row, authority, at=at)
    days = warning_due(clock, on=local_day(at, authority.zone))
    if days is None or clock.silent_on is None:
        return None
    warning, is_new = SilenceWarning.objects.get_or_create(
        authority_id=row.authority_id,
        application=row,
        silent_on=clock.silent_on,
        days_before=days,
        defaults={"sent_at": at},
    )
    if not is_new:
        return None
    outbox.post("letters.silence_is_near", authority=row.authority_id, warning=warning.pk)
    audit.record(
        "warn_of_silence", authority=row.authority_id, of="application", key=row.pk, by=by, at=at, days_before=days
    )
    return warning
