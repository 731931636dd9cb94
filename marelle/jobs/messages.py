"""The tasks of messages to families: told a few at a time, what became of texts, what came back by e-mail."""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from marelle.domain.families.models import Membership
from marelle.domain.news.models import FamilyMessage, MessageRecipient
from marelle.domain.news.operations.messages import (
    CLAIM_HOLDS,
    claim_text,
    conclude,
    give_up,
    note_delivery,
    note_not_told,
    note_told,
)
from marelle.domain.news.queries.messages import texts_not_known_yet
from marelle.domain.news.queries.recipients import blanks_of, homes_of, reply_address, text_to, words_of
from marelle.domain.news.rules.recipients import Channel, Standing, recipient_now
from marelle.domain.news.texts import Delivery, TextNotSentError, Trouble
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.jobs.tasks import for_authority, tasks
from marelle.letters import about_messages
from marelle.letters.models import Letter
from marelle.letters.queries import sent_moments
from marelle.letters.returned import note_letter_returned
from marelle.letters.sending import UnableToSendError, send

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marelle.domain.authorities.models import Authority
    from marelle.domain.news.rules.recipients import Recipient
    from marelle.domain.news.texts import TextSender

STATE = MessageRecipient.State
WORTH_TRYING = (STATE.WAITING, STATE.CLAIMED)
FOLLOWED_FOR = timedelta(days=3)
ASKED_AT_ONCE = 200
log = logging.getLogger("marelle.jobs")


@for_authority("news.tell")
def tell(authority: Authority, *, message: int, recipients: list[int]) -> None:
    """Will tell each of these recipients once, by e-mail or by text; those who could not be are tried again later."""
    row = FamilyMessage.objects.get(pk=message)
    today = clock.business_now().astimezone(authority.zone).date()
    rows = list(
        MessageRecipient.objects.filter(pk__in=recipients, state__in=WORTH_TRYING)
        .select_related("family", "guardian")
        .order_by("pk")
    )
    families = {one.family_id for one in rows}
    homes, blanks = homes_of(families), blanks_of(row, families, authority=authority, on=today)
    failed = 0
    for one in rows:
        if not FamilyMessage.objects.filter(pk=message, state=FamilyMessage.State.SENDING).exists():
            return  # somebody stopped it
        channel = Channel(one.channel)
        now = recipient_now(homes[one.family_id], guardian=one.guardian_id, channel=channel)
        filled = blanks[one.family_id, one.guardian_id]
        if channel is Channel.TEXT:
            failed += not _text(one, now, text_to(words_of(row), filled))
        else:
            failed += not _write(one, now, row, filled, authority)
    conclude(row, by=SYSTEM, at=clock.business_now())
    if failed:
        raise UnableToSendError(f"{failed} recipients of the message {message}")


def _write(
    one: MessageRecipient, now: Recipient, message: FamilyMessage, filled: Mapping[str, str], authority: Authority
) -> bool:
    """Will write to somebody, unless it was done; tells whether there is nothing left to try."""
    at = clock.business_now()
    if not sent_moments(Letter.Kind.FAMILY_MESSAGE, [one.pk]):
        if now.standing is not Standing.GOOD:
            _nowhere(one, now)
            return True
        words = words_of(message).filled(filled)
        draft = about_messages.family_message(words, authority, reply_to=reply_address(message, authority))
        try:
            send(Letter.Kind.FAMILY_MESSAGE, draft, about=one.pk, family=one.family, **_reader(one), by=SYSTEM, at=at)
        except UnableToSendError:
            note_not_told(one, "mail_server", again=True, by=SYSTEM, at=at)
            return False
    note_told(one, by=SYSTEM, at=at)
    return True


def _reader(one: MessageRecipient) -> dict[str, int | None]:
    """Will say who reads: the guardian's account if she has one, else she, at her own address."""
    if one.guardian_id is None:
        return {}
    accounts = Membership.objects.filter(guardian=one.guardian_id, user__is_active=True).order_by("pk")
    account = accounts.values_list("user_id", flat=True).first()
    return {"reader": account} if account is not None else {"guardian": one.guardian_id}


def _text(one: MessageRecipient, now: Recipient, words: str) -> bool:
    """Will send a text, unless it was, or may have been; tells whether there is nothing left to try."""
    sender = settings.TEXTS
    at = clock.business_now()
    if sender is not None and one.state == STATE.CLAIMED:
        return _claimed_before(one, sender)
    if sender is None or now.standing is not Standing.GOOD:
        _nowhere(one, now)
        return True
    if not claim_text(one, by=SYSTEM, at=clock.machine_now()):
        return True
    try:
        taken = sender.send(now.address, words, reference=one.public_id)
    except TextNotSentError as no:
        if no.trouble is Trouble.UNSURE:
            return False  # claimed still: looked for later, by its reference
        note_not_told(one, no.trouble.code, again=no.trouble.again, by=SYSTEM, at=at)
        return not no.trouble.again
    note_told(one, provider_id=taken.provider_id, by=SYSTEM, at=clock.business_now())
    return True


def _claimed_before(one: MessageRecipient, sender: TextSender) -> bool:
    """Will find out whether a text that was claimed left, and never send it a second time."""
    at = clock.business_now()
    if one.claimed_at is None or clock.machine_now() - one.claimed_at < CLAIM_HOLDS:
        return False  # another worker may be asking
    try:
        taken = sender.taken_as(one.public_id)
    except TextNotSentError:
        return False
    if taken is None:
        note_not_told(one, Trouble.UNSURE.code, by=SYSTEM, at=at)
    else:
        note_told(one, provider_id=taken.provider_id, by=SYSTEM, at=at)
    return True


def _nowhere(one: MessageRecipient, now: Recipient) -> None:
    """Will note that there is no way any more: the address went since, or texts are not plugged in."""
    states = {Standing.LOST: STATE.LOST, Standing.NO_ADDRESS: STATE.NO_ADDRESS, Standing.GOOD: STATE.FAILED}
    note_not_told(one, "no_way", state=states[now.standing], by=SYSTEM, at=clock.business_now())


@tasks.periodic(cron="*/10 * * * *")
@tasks.task(name="news.follow_texts", queueing_lock="news.follow_texts")
def follow_texts(timestamp: int) -> None:
    """Will ask, every ten minutes, what became of the texts of the last days."""
    if settings.TEXTS is None:
        return
    since = clock.business_now() - FOLLOWED_FOR
    with tenancy.every_authority():
        waiting = list(texts_not_known_yet(since=since)[:ASKED_AT_ONCE])
    by_authority: dict[int, list[MessageRecipient]] = defaultdict(list)
    for one in waiting:
        by_authority[one.authority_id].append(one)
    try:
        told = settings.TEXTS.deliveries([one.provider_id for one in waiting])
    except TextNotSentError as no:
        log.warning("texts: nobody says what became of them: %s", no.trouble.code)
        return
    for authority, rows in by_authority.items():
        with tenancy.scope({authority}):
            for one in rows:
                delivery = told.get(one.provider_id, Delivery.UNKNOWN)
                if delivery is not Delivery.UNKNOWN:
                    is_delivered = delivery is Delivery.DELIVERED
                    note_delivery(one, is_delivered=is_delivered, by=SYSTEM, at=clock.business_now())


@tasks.periodic(cron="40 * * * *")
@tasks.task(name="news.give_up", queueing_lock="news.give_up")
def give_up_old(timestamp: int) -> None:
    """Will end, each hour, the messages that have been leaving for days: who was not told is shown to the agents."""
    before = clock.business_now() - FOLLOWED_FOR
    with tenancy.every_authority():
        leaving = list(FamilyMessage.objects.filter(state=FamilyMessage.State.SENDING, began_at__lt=before))
    for message in leaving:
        with tenancy.scope({message.authority_id}):
            give_up(message, by=SYSTEM, at=clock.business_now())


@tasks.periodic(cron="*/5 * * * *")
@tasks.task(name="letters.read_returned", queueing_lock="letters.read_returned")
def read_returned(timestamp: int) -> None:
    """Will note, every five minutes, which letters came back."""
    if settings.RETURNS is None:
        return
    try:
        for returned in settings.RETURNS.read():
            for one in returned:
                note_letter_returned(one, by=SYSTEM, at=clock.machine_now())
    except OSError as error:
        # Its own words may quote the mailbox; what was not read is read again.
        log.warning("returned letters: the mailbox cannot be read: %s", type(error).__name__)
