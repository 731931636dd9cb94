"""Messages to families: written, sent to whom they were shown to, told one by one, stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from marelle.domain.authorities.models import Authority
from marelle.domain.news.models import FamilyMessage, MessageRecipient, MessageTemplate
from marelle.domain.news.queries.recipients import Recipients, recipients_for
from marelle.domain.news.rules.filters import FamilyFilter
from marelle.domain.news.rules.messages import Words, faults_of, template_faults
from marelle.domain.news.rules.recipients import Channel, Standing
from marelle.domain.reservations.queries.reach import Reach
from marelle.foundation import audit, outbox
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation

TOLD_AT_ONCE: Final = 50
# A worker asks a provider for less than that; a claim that is older is one of a worker that was killed.
CLAIM_HOLDS: Final = timedelta(minutes=5)
STATE = MessageRecipient.State
STANDINGS = {
    Standing.GOOD: STATE.WAITING,
    Standing.LOST: STATE.LOST,
    Standing.NO_ADDRESS: STATE.NO_ADDRESS,
}


class WrongMessageError(Exception):
    """Words that cannot leave, or serve; `faults` says why, in French, by field."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        """Will keep why."""
        super().__init__(sorted(faults))
        self.faults = dict(faults)


class NotADraftError(Exception):
    """The message has left already, or is gone. Nothing was written."""


class RecipientsChangedError(Exception):
    """The filter finds other people than those who were shown. Nothing was written."""


class NobodyToTellError(Exception):
    """Nobody can be told: the filter finds no family, or none with an address. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Written:
    """A message as it was written: its words, how it leaves, for whom."""

    words: Words
    channels: frozenset[Channel]
    criteria: FamilyFilter


# ------------------------------------------------------------------------------------------------------------ templates


@operation
def save_message_template(
    authority: Authority, template: MessageTemplate | None, title: str, words: Words, *, by: Actor, at: datetime
) -> MessageTemplate:
    """Will write a template, new when None; the same again writes nothing. Raises WrongMessageError."""
    Authority.objects.select_for_update(no_key=True).get(pk=authority.pk)
    title, words = " ".join(title.split()), words.tidied()
    faults = template_faults(title, words)
    same = MessageTemplate.objects.filter(title=title).exclude(pk=template.pk if template else None)
    if same.exists():
        faults["title"] = "Un autre modèle porte déjà ce titre."
    if faults:
        raise WrongMessageError(faults)
    said = {"title": title, "subject": words.subject, "body": words.body, "text_body": words.text}
    if template is None:
        row = MessageTemplate.objects.create(authority=authority, **said)
    else:
        row = MessageTemplate.objects.select_for_update(of=("self",)).get(pk=template.pk)
        changed = [name for name, value in said.items() if getattr(row, name) != value]
        if not changed:
            return row
        for name in changed:
            setattr(row, name, said[name])
        row.save(update_fields=changed)
    audit.record("save_message_template", authority=authority.pk, of="messagetemplate", key=row.pk, by=by, at=at)
    return row


@operation
def remove_message_template(template: MessageTemplate, *, by: Actor, at: datetime) -> bool:
    """Will throw a template away; what was written with it stays. Tells whether it was there."""
    count, _ = MessageTemplate.objects.filter(pk=template.pk).delete()
    if count:
        audit.record(
            "remove_message_template", authority=template.authority_id, of="messagetemplate", key=template.pk, by=by,
            at=at,
        )  # fmt: skip
    return bool(count)


# ------------------------------------------------------------------------------------------------------------- messages


@operation
def save_message(
    authority: Authority, message: FamilyMessage | None, written: Written, *, by: Actor, at: datetime
) -> FamilyMessage:
    """Will write a draft, new when None. Raises WrongMessageError, NotADraftError."""
    words = written.words.tidied()
    faults = faults_of(words, written.channels)
    if faults:
        raise WrongMessageError(faults)
    row = FamilyMessage(authority=authority) if message is None else _draft(message)
    row.subject, row.body, row.text_body = words.subject, words.body, words.text
    row.by_email, row.by_text = Channel.EMAIL in written.channels, Channel.TEXT in written.channels
    row.criteria = written.criteria.as_data()
    row.written_at, row.written_by_id = at, by.key
    row.save()
    audit.record(
        "save_message", authority=authority.pk, of="familymessage", key=row.pk, by=by, at=at,
        channels=sorted(written.channels),
    )  # fmt: skip
    return row


@operation
def remove_draft(message: FamilyMessage, *, by: Actor, at: datetime) -> None:
    """Will throw a draft away. Raises NotADraftError: what has left is kept."""
    row = _draft(message)
    key = row.pk
    row.delete()
    audit.record("remove_message", authority=message.authority_id, of="familymessage", key=key, by=by, at=at)


@operation
def begin_sending(
    message: FamilyMessage, *, seen: str, reach: Reach, authority: Authority, by: Actor, at: datetime
) -> int:
    """Will have a draft told to whom its filter finds within the agent's reach; returns how many will be.

    `seen` is the mark of those who were shown (`Preview.mark`). Raises NotADraftError, RecipientsChangedError,
    NobodyToTellError. Who cannot be told is noted too, so that somebody calls. The words leave by a task.
    """
    row = _draft(message)
    found = recipients_for(row, reach, authority=authority, on=at.astimezone(authority.zone).date())
    if not any(one.standing is Standing.GOOD for one in found.each):
        raise NobodyToTellError
    if found.mark != seen:
        raise RecipientsChangedError
    return leave(row, found, by=by, at=at)


@operation
def leave(row: FamilyMessage, found: Recipients, *, by: Actor, at: datetime) -> int:
    """Will have a message that is held leave for these recipients; returns how many will be told."""
    recipients = MessageRecipient.objects.bulk_create(
        [
            MessageRecipient(
                authority_id=row.authority_id,
                message=row,
                family_id=one.family,
                guardian_id=one.guardian,
                channel=one.channel.value,
                state=STANDINGS[one.standing],
            )
            for one in found.each
        ],
        batch_size=1000,
    )
    row.state, row.began_at, row.sent_by_id = FamilyMessage.State.SENDING, at, by.key
    row.save(update_fields=["state", "began_at", "sent_by"])
    waiting = [one.pk for one in recipients if one.state == STATE.WAITING]
    for first in range(0, len(waiting), TOLD_AT_ONCE):
        some = waiting[first : first + TOLD_AT_ONCE]
        outbox.post("news.tell", authority=row.authority_id, message=row.pk, recipients=some)
    audit.record(
        "send_message", authority=row.authority_id, of="familymessage", key=row.pk, by=by, at=at,
        families=len(found.families), recipients=len(waiting),
    )  # fmt: skip
    return len(waiting)


@operation
def stop_sending(message: FamilyMessage, *, by: Actor, at: datetime) -> int:
    """Will stop a message that is leaving: who was not told yet is not. Returns how many; what has left has left.

    One that is not leaving any more is left as it is.
    """
    row = FamilyMessage.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if row.state != FamilyMessage.State.SENDING:
        return 0
    count = row.recipients.filter(state=STATE.WAITING).update(state=STATE.STOPPED)
    row.state, row.ended_at = FamilyMessage.State.STOPPED, at
    row.save(update_fields=["state", "ended_at"])
    audit.record("stop_message", authority=row.authority_id, of="familymessage", key=row.pk, by=by, at=at, left=count)
    return count


# ---------------------------------------------------------------------------------------------------------- one by one


@operation
def claim_text(recipient: MessageRecipient, *, by: Actor, at: datetime) -> bool:
    """Will take a text that waits, before its provider is asked; tells whether nobody else has."""
    waiting = MessageRecipient.objects.filter(pk=recipient.pk, state=STATE.WAITING)
    is_going = waiting.filter(message__state=FamilyMessage.State.SENDING)
    return bool(is_going.update(state=STATE.CLAIMED, claimed_at=at))


@operation
def note_told(recipient: MessageRecipient, *, provider_id: str = "", by: Actor, at: datetime) -> None:
    """Will note that somebody was told: the mail server, or the provider under this number, took the words."""
    rows = MessageRecipient.objects.filter(pk=recipient.pk).exclude(state__in=(STATE.DELIVERED, STATE.RETURNED))
    rows.update(state=STATE.TOLD, told_at=at, provider_id=provider_id, failure="")


@operation
def note_not_told(
    recipient: MessageRecipient,
    why: str,
    *,
    again: bool = False,
    state: MessageRecipient.State = STATE.FAILED,
    by: Actor,
    at: datetime,
) -> None:
    """Will note that somebody was not told, and why (a code); with `again` it waits to be tried another time.

    One of a message that was stopped meanwhile stays stopped.
    """
    rows = MessageRecipient.objects.filter(pk=recipient.pk, state__in=(STATE.WAITING, STATE.CLAIMED))
    if again and not FamilyMessage.objects.filter(pk=recipient.message_id, state=FamilyMessage.State.SENDING).exists():
        again, state = False, STATE.STOPPED
    rows.update(state=STATE.WAITING if again else state, failure=why[:40])


@operation
def note_delivery(recipient: MessageRecipient, *, is_delivered: bool, by: Actor, at: datetime) -> None:
    """Will note what a provider says became of a text."""
    state = STATE.DELIVERED if is_delivered else STATE.RETURNED
    MessageRecipient.objects.filter(pk=recipient.pk, state=STATE.TOLD).update(state=state)


@operation
def conclude(message: FamilyMessage, *, by: Actor, at: datetime) -> bool:
    """Will end a message once nobody waits; tells whether it has just ended."""
    row = FamilyMessage.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if row.state != FamilyMessage.State.SENDING:
        return False
    if row.recipients.filter(state__in=(STATE.WAITING, STATE.CLAIMED)).exists():
        return False
    row.state, row.ended_at = FamilyMessage.State.SENT, at
    row.save(update_fields=["state", "ended_at"])
    audit.record("end_message", authority=row.authority_id, of="familymessage", key=row.pk, by=by, at=at)
    return True


@operation
def give_up(message: FamilyMessage, *, by: Actor, at: datetime) -> None:
    """Will end a message that is still leaving: who waits is noted as not told."""
    row = FamilyMessage.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if row.state != FamilyMessage.State.SENDING:
        return
    left = row.recipients.filter(state__in=(STATE.WAITING, STATE.CLAIMED)).update(state=STATE.FAILED)
    row.state, row.ended_at = FamilyMessage.State.SENT, at
    row.save(update_fields=["state", "ended_at"])
    audit.record("end_message", authority=row.authority_id, of="familymessage", key=row.pk, by=by, at=at, left=left)


def _draft(message: FamilyMessage) -> FamilyMessage:
    row = FamilyMessage.objects.select_for_update(of=("self",)).filter(pk=message.pk).first()
    if row is None or row.state != FamilyMessage.State.DRAFT:
        raise NotADraftError
    return row
