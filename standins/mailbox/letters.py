"""What has been posted, newest first, kept in memory."""

from __future__ import annotations

import email
import email.policy
import itertools
from collections import deque
from dataclasses import dataclass
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

KEPT = 500


@dataclass(frozen=True)
class Letter:
    """One e-mail as its reader sees it; `recipients` are the envelope's, hidden copies included."""

    number: int
    recipients: tuple[str, ...]
    sender: str
    subject: str
    date: str
    text: str


class Letterbox:
    """Takes each message that the mail server receives; holds the latest."""

    def __init__(self) -> None:
        self._letters: deque[Letter] = deque(maxlen=KEPT)
        self._numbers = itertools.count(1)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 — aiosmtpd's
        """Keep the message and answer as a mail server does."""
        self.keep(envelope.original_content or b"", tuple(envelope.rcpt_tos))
        return "250 OK"

    def keep(self, content: bytes, recipients: tuple[str, ...]) -> None:
        """Keep a message given as it travels."""
        message = email.message_from_bytes(content, policy=email.policy.default)
        self._letters.appendleft(
            Letter(
                number=next(self._numbers),
                recipients=recipients,
                sender=str(message.get("From", "")),
                subject=str(message.get("Subject", "")) or "(sans objet)",
                date=str(message.get("Date", "")),
                text=_text(message),
            )
        )

    def letters(self) -> tuple[Letter, ...]:
        """Return all, newest first."""
        return tuple(self._letters)

    def letter(self, number: int) -> Letter | None:
        """Return one, or None if there is none of that number any more."""
        return next((letter for letter in self.letters() if letter.number == number), None)


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain", "html"))
    try:
        return str(body.get_content()) if body is not None else ""
    except (LookupError, UnicodeError):  # a character set that nobody knows
        return "(texte illisible)"
