"""Sending a letter once: a row says that it is to leave, the mail server takes it, the row says that it left."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F

from marelle.domain.accounts.models import User
from marelle.domain.accounts.queries import accounts_now
from marelle.domain.families.models import Family, Membership
from marelle.foundation.writes import operation
from marelle.letters.models import Letter

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.foundation.actors import Actor
    from marelle.letters.writing import Draft

log = logging.getLogger("marelle.letters")


class UnableToSendError(Exception):
    """Some readers' letters could not be handed over; they stay to be sent, the others have left."""


def send(
    kind: str,
    draft: Draft,
    *,
    about: int,
    family: Family,
    reader: int | None = None,
    guardian: int | None = None,
    by: Actor,
    at: datetime,
) -> int:
    """Will send `draft` once to `reader` (account key), or to every account of the family, and return how many left.

    A reader whose account is closed is passed over for the account that it was merged into, or for the others. With
    `guardian` (key) it goes to her own address, whether or not an account acts for her. A family without any account
    is written at its own address, if it gave one. What has already left is not sent again. Raises UnableToSendError
    when the mail server did not take them all.
    """
    letters = prepare(
        kind, subject=draft.subject, about=about, family=family, reader=reader, guardian=guardian, by=by, at=at
    )
    sent = failed = 0
    for letter in letters:
        try:
            sent += hand_over(letter, draft, by=by, at=at)
        except (SMTPException, OSError) as error:
            # The error's own text may quote the address.
            record_failure(letter, type(error).__name__, by=by, at=at)
            failed += 1
    if failed:
        raise UnableToSendError(f"{failed} of {len(letters)} letters {kind} about {about}")
    return sent


def send_to_address(address: str, draft: Draft, *, name: str) -> None:
    """Will hand over a letter to one address, about an account rather than a family: no row says that it left.

    A task that runs again sends the same identifier, made of `name`, so that mail programs recognize the second copy.
    Raises UnableToSendError, which does not quote the address as the mail server's own words may.
    """
    message = EmailMultiAlternatives(
        subject=draft.subject,
        body=draft.text,
        from_email=settings.RETURNS_ADDRESS or None,
        to=[address],
        headers=headers_named(name),
    )
    message.attach_alternative(draft.html, "text/html")
    try:
        message.send()
    except (SMTPException, OSError) as error:
        raise UnableToSendError(f"{type(error).__name__} for the letter {name}") from None


def headers_named(name: str) -> dict[str, str]:
    """Will return what a letter says of itself: who signs, a name of its own, that no machine should answer."""
    return {
        # Who signs, whatever the address of the envelope: the one to which what comes back is sent.
        "From": settings.DEFAULT_FROM_EMAIL,
        "Message-ID": f"<{name}@{settings.FAMILY_HOSTS[0]}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }


@operation
def prepare(
    kind: str,
    *,
    subject: str,
    about: int,
    family: Family,
    reader: int | None,
    guardian: int | None = None,
    by: Actor,
    at: datetime,
) -> list[Letter]:
    """Will return the letters to send, made if this is the first time; empty when there is nobody to write to."""
    # Who erased their account is written to no more: the others of the family are.
    reader = accounts_now([reader])[reader] if reader is not None else None
    is_there = reader is not None and User.objects.filter(pk=reader, is_active=True).exists()
    readers: list[int | None] = [reader] if is_there else []
    if guardian is not None:
        readers = [None]
    elif not readers:
        readers.extend(
            Membership.objects.filter(family=family, user__is_active=True)
            .order_by("user_id")
            .values_list("user_id", flat=True)
        )
    if not readers and family.email:
        readers.append(None)
    Letter.objects.bulk_create(
        [
            Letter(
                authority_id=family.authority_id,
                kind=kind,
                object_key=about,
                family=family,
                reader_id=each,
                guardian_id=guardian,
                subject=subject,
                queued_at=at,
            )
            for each in readers
        ],
        ignore_conflicts=True,
    )
    # What one thing says to two homes are two letters: each is handed over by its own draft.
    letters = Letter.objects.filter(kind=kind, object_key=about, family=family).exclude(state=Letter.State.SENT)
    if guardian is not None or is_there:
        letters = letters.filter(reader_id=reader, guardian_id=guardian)
    return list(letters.order_by("pk"))


@operation
def hand_over(letter: Letter, draft: Draft, *, by: Actor, at: datetime) -> bool:
    """Will give the letter to the mail server, unless it has already left, and tell whether it did so now.

    The row is held meanwhile: of two runs of the same task, the second waits and finds it sent. Raises what the mail
    server raises; then nothing is written. The message keeps one identifier whatever happens, so that if the power goes
    out between the two, mail programs recognize the second copy.
    """
    letter = (
        Letter.objects.select_for_update(of=("self",))
        .select_related("reader__merged_into", "guardian", "family")
        .get(pk=letter.pk)
    )
    reader = _present(letter)
    if letter.state == Letter.State.SENT or (reader is not None and not reader.is_active):
        return False
    address = (reader or letter.guardian or letter.family).email
    if reader and Membership.objects.filter(authority=letter.authority_id, user=reader.pk).count() > 1:
        draft = draft.naming(letter.family.public_id)
    message = EmailMultiAlternatives(
        subject=draft.subject,
        body=draft.text,
        from_email=settings.RETURNS_ADDRESS or None,
        to=[address],
        reply_to=[draft.reply_to] if draft.reply_to else None,
        headers=headers_named(f"{letter.public_id}.{letter.kind}"),
    )
    message.attach_alternative(draft.html, "text/html")
    message.send()
    letter.state = Letter.State.SENT
    letter.sent_at = at
    letter.subject = draft.subject
    letter.save(update_fields=["state", "sent_at", "subject"])
    return True


def _present(letter: Letter) -> User | None:
    """Will return who reads a letter now: the account, or the one that took over, unless that one has its own copy."""
    reader = letter.reader
    if reader is None or reader.merged_into is None:
        return reader
    same = Letter.objects.filter(kind=letter.kind, object_key=letter.object_key, reader=reader.merged_into)
    return reader if same.exists() else reader.merged_into


@operation
def record_failure(letter: Letter, what: str, *, by: Actor, at: datetime) -> None:
    """Will note that the mail server did not take the letter, without its words, which may quote an address."""
    Letter.objects.filter(pk=letter.pk).exclude(state=Letter.State.SENT).update(
        state=Letter.State.FAILED, failures=F("failures") + 1, last_failure=what[:100]
    )
    log.warning("letter %s was not taken by the mail server: %s", letter.pk, what)
