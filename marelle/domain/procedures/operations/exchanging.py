"""Words about an application: between the family and the authority, and between agents."""

from __future__ import annotations

from datetime import datetime

from marelle.domain.procedures.models import AgentNote, Application, Message
from marelle.domain.procedures.operations.locking import lock, touch
from marelle.domain.procedures.operations.refusals import UnableToWriteError, WhyNot
from marelle.domain.procedures.rules.states import State
from marelle.foundation import audit, outbox
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.writes import operation


@operation
def write_message(application: Application, words: str, *, by: Actor, at: datetime) -> Message:
    """Will add words to the thread; the family is written to when an agent wrote them.

    Also once it is closed: a question about a decision is asked there. The same words again, the last of the thread and
    of the same hand, are the ones already there. Raises UnableToWriteError for no words, or for a draft.
    """
    row = lock(application)
    if row.state == State.DRAFT:
        raise UnableToWriteError(WhyNot.NOT_OPEN)
    kept = words.strip()
    if not kept:
        raise UnableToWriteError(WhyNot.NO_WORDS)
    side = Message.Side.AGENT if by.kind is ActorKind.AGENT else Message.Side.FAMILY
    last = Message.objects.filter(application=row).order_by("-written_at", "-pk").first()
    if last is not None and (last.side, last.words, last.written_by_id) == (side, kept, by.key):
        return last
    message = Message.objects.create(
        authority_id=row.authority_id, application=row, side=side, words=kept, written_at=at, written_by_id=by.key
    )
    touch(row, at)
    if side == Message.Side.AGENT:
        outbox.post("letters.application_message", authority=row.authority_id, message=message.pk)
    audit.record(
        "write_message", authority=row.authority_id, of="application", key=row.pk, by=by, at=at, message=message.pk
    )
    return message


@operation
def write_note(application: Application, words: str, *, by: Actor, at: datetime) -> AgentNote:
    """Will note something between agents. Raises UnableToWriteError for no words."""
    row = lock(application)
    kept = words.strip()
    if not kept:
        raise UnableToWriteError(WhyNot.NO_WORDS)
    last = AgentNote.objects.filter(application=row).order_by("-written_at", "-pk").first()
    if last is not None and (last.words, last.written_by_id) == (kept, by.key):
        return last
    note = AgentNote.objects.create(
        authority_id=row.authority_id, application=row, words=kept, written_at=at, written_by_id=by.key
    )
    audit.record("write_note", authority=row.authority_id, of="application", key=row.pk, by=by, at=at, note=note.pk)
    return note
