"""What a mail server says of a letter that it could not deliver: a delivery status notification (RFC 3464).

Only what failed for good is heard (« Action: failed », status 5.x.x): a server that is down (4.x.x) is tried again by
the mail server itself. A program that answers that somebody is away says nothing of the kind.
"""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage, Message
from typing import Final

from marelle.domain.news.returned import Returned

FAILED: Final = "failed"
# RFC 3463: a mailbox that is full (5.2.2) or too big a message (5.3.4) says nothing of the address.
PERMANENT: Final = re.compile(r"5\.\d{1,3}\.\d{1,3}")
NOT_THE_ADDRESS: Final = frozenset({"5.2.2", "5.3.4", "5.7.1"})
MOST_TOLD: Final = 20


def returned_in(content: bytes) -> tuple[Returned, ...]:
    """Will return what an e-mail says has come back for good; () for any other e-mail, however it is made."""
    try:
        message = email.message_from_bytes(content, policy=email.policy.default)
        report = _parts(message, "message/delivery-status")
        original = _identifier(message)
    except (ValueError, LookupError, RecursionError, AttributeError, TypeError, IndexError):
        return ()  # what cannot be read as an e-mail is none of ours
    if not report or not original:
        return ()
    found = []
    for status in report[:MOST_TOLD]:
        for told in _blocks(status):
            code = _word(told, "Status")
            address = _word(told, "Original-Recipient") or _word(told, "Final-Recipient")
            is_for_good = _word(told, "Action").lower() == FAILED and PERMANENT.fullmatch(code)
            if is_for_good and code not in NOT_THE_ADDRESS and "@" in address:
                found.append(Returned(original, address.partition(";")[2].strip() or address, code))
    return tuple(found[:MOST_TOLD])


def _parts(message: Message, kind: str) -> list[Message]:
    return [part for part in message.walk() if part.get_content_type() == kind]


def _blocks(status: Message) -> list[Message]:
    """Will return the blocks of fields of a report: the first is about the message, the others about its readers."""
    content = status.get_payload()
    return [one for one in content if isinstance(one, Message)] if isinstance(content, list) else []


def _identifier(message: EmailMessage | Message) -> str:
    """Will return the Message-ID of the letter, which the server joins whole, or by its heads alone."""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/rfc822":
            inside = part.get_payload()
            if isinstance(inside, list) and inside and isinstance(inside[0], Message):
                return _word(inside[0], "Message-ID")
        if kind == "text/rfc822-headers":
            heads = email.message_from_string(str(part.get_payload()), policy=email.policy.default)
            return _word(heads, "Message-ID")
    return ""


def _word(part: Message, name: str) -> str:
    return str(part.get(name, "")).strip()
