"""Sending a text once: a row claims it, the provider takes it, the row says that it left, or why it did not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.news.operations.messages import CLAIM_HOLDS
from marelle.domain.news.rules.recipients import Channel, Standing, recipients_of
from marelle.domain.news.texts import TextNotSentError, Trouble
from marelle.foundation.writes import operation
from marelle.letters.models import FamilyText

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from marelle.domain.news.rules.recipients import Home, Recipient
    from marelle.domain.news.texts import TextSender
    from marelle.domain.reservations.models import PlaceOffer
    from marelle.foundation.actors import Actor

STATE = FamilyText.State
NO_NUMBER = "no_number"


def text_about(
    kind: str,
    made: PlaceOffer,
    words: str,
    *,
    home: Home,
    sender: TextSender,
    by: Actor,
    at: datetime,
    machine: Callable[[], datetime],
) -> bool:
    """Will send `words` once to each telephone of a home; tells whether the provider answers.

    A home that has none is noted, so that it is not looked at again. `machine` says the time of the machine: a claim
    is older or not by it, whatever day is visited. Never inside a transaction: the provider takes seconds.
    """
    for one in recipients_of(home, {Channel.TEXT}):
        if one.standing is not Standing.GOOD:
            note_no_number(kind, made, one, by=by, at=machine())
            continue
        row = claim_text(kind, made, one, by=by, at=machine())
        if row is None:
            continue
        if row.state == STATE.CLAIMED and row.failure == Trouble.UNSURE.code:
            is_answered = _look_for(row, sender, by=by, at=at)
        else:
            is_answered = _hand_over(row, one.address, words, sender, by=by, at=at)
        if not is_answered:
            return False
    return True


@operation
def claim_text(kind: str, made: PlaceOffer, to: Recipient, *, by: Actor, at: datetime) -> FamilyText | None:
    """Will take a text before its provider is asked; None when it left, failed, or somebody else may be asking.

    One claimed so long ago that its worker was killed is taken too, with `unsure` for its failure: it may have left.
    """
    said = {"authority_id": made.authority_id, "kind": kind, "object_key": made.pk, "guardian_id": to.guardian}
    row, is_new = FamilyText.objects.get_or_create(
        **said, defaults={"family_id": to.family, "state": STATE.CLAIMED, "claimed_at": at}
    )
    if is_new:
        return row
    rows = FamilyText.objects.filter(pk=row.pk)
    if rows.filter(state=STATE.WAITING).update(state=STATE.CLAIMED, claimed_at=at, failure=""):
        row.state, row.claimed_at, row.failure = STATE.CLAIMED, at, ""
        return row
    held = rows.filter(state=STATE.CLAIMED, claimed_at__lte=at - CLAIM_HOLDS)
    if held.update(claimed_at=at, failure=Trouble.UNSURE.code):
        row.state, row.claimed_at, row.failure = STATE.CLAIMED, at, Trouble.UNSURE.code
        return row
    return None


@operation
def note_no_number(kind: str, made: PlaceOffer, to: Recipient, *, by: Actor, at: datetime) -> None:
    """Will note that no telephone of a home takes a text."""
    FamilyText.objects.get_or_create(
        authority_id=made.authority_id,
        kind=kind,
        object_key=made.pk,
        guardian_id=to.guardian,
        defaults={"family_id": to.family, "state": STATE.FAILED, "claimed_at": at, "failure": NO_NUMBER},
    )


@operation
def note_text(row: FamilyText, state: FamilyText.State, *, failure: str = "", by: Actor, at: datetime) -> None:
    """Will note what became of a text that was claimed."""
    sent_at = at if state == STATE.SENT else None
    FamilyText.objects.filter(pk=row.pk, state=STATE.CLAIMED).update(state=state, sent_at=sent_at, failure=failure)


def _hand_over(row: FamilyText, number: str, words: str, sender: TextSender, *, by: Actor, at: datetime) -> bool:
    try:
        sender.send(number, words, reference=row.public_id)
    except TextNotSentError as no:
        if no.trouble is not Trouble.UNSURE:  # that one stays claimed: it is looked for later, by its reference
            note_text(row, STATE.WAITING if no.trouble.again else STATE.FAILED, failure=no.trouble.code, by=by, at=at)
        return no.trouble is not Trouble.UNSURE and not no.trouble.again
    note_text(row, STATE.SENT, by=by, at=at)
    return True


def _look_for(row: FamilyText, sender: TextSender, *, by: Actor, at: datetime) -> bool:
    """Will find out whether a text that was claimed left, and never send it a second time."""
    try:
        taken = sender.taken_as(row.public_id)
    except TextNotSentError:
        return False
    if taken is None:
        note_text(row, STATE.FAILED, failure=Trouble.UNSURE.code, by=by, at=at)
    else:
        note_text(row, STATE.SENT, by=by, at=at)
    return True
