"""How a guardian comes to have an account: who may be written to, what a link or a code is still good for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Way(Enum):
    """What stands between a guardian and an account, as an agent sees it."""

    MEMBER = "member"
    REMOVED = "removed"
    SENDING = "sending"
    NOT_SENT = "not_sent"
    SENT = "sent"
    OPENED = "opened"
    RETURNED = "returned"
    EXPIRED = "expired"
    NOTHING = "nothing"


class Uninvited(Enum):
    """Why a guardian is not sent a link."""

    MEMBER = "member"
    REMOVED = "removed"
    NO_ADDRESS = "no_address"
    SHARED_ADDRESS = "shared_address"
    ALREADY_INVITED = "already_invited"


@dataclass(frozen=True, slots=True)
class GuardianFacts:
    """What is known of a guardian: keys, the address in small letters, whether an account acts, whether a link waits.

    `has_live_link` is one that can still be followed and did not come back. `is_removed`: her access was removed.
    """

    key: int
    family: int
    email: str
    is_member: bool
    has_live_link: bool
    is_removed: bool = False


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """What is known of a link. Its `email` is where it was sent, `guardian_email` where the guardian is written now."""

    expires_at: datetime
    email: str
    guardian_email: str
    sent_at: datetime | None = None
    opened_at: datetime | None = None
    done_at: datetime | None = None
    returned_at: datetime | None = None
    revoked_at: datetime | None = None
    has_failed: bool = False


def is_good(link: LinkFacts, *, at: datetime) -> bool:
    """Will tell whether a link may still be followed: once, for a time, for the address it was sent to."""
    return not _is_ended(link) and at < link.expires_at


def way_of(link: LinkFacts | None, *, is_member: bool, is_removed: bool = False, at: datetime) -> Way:
    """Will say where a guardian stands with this link, the last one that was sent, at a moment."""
    if is_removed:
        return Way.REMOVED
    if is_member:
        return Way.MEMBER
    if link is None or _is_ended(link):
        return Way.NOTHING
    stages = (
        (link.returned_at is not None, Way.RETURNED),
        (at >= link.expires_at, Way.EXPIRED),
        (link.opened_at is not None, Way.OPENED),
        (link.sent_at is not None, Way.SENT),
        (link.has_failed, Way.NOT_SENT),
    )
    return next((way for holds, way in stages if holds), Way.SENDING)


def _is_ended(link: LinkFacts) -> bool:
    """Will tell whether a link opens nothing, whatever the time.

    An address that an agent has corrected since had been typed wrongly: whoever received the link is a stranger.
    """
    is_over = link.done_at is not None or link.revoked_at is not None
    return is_over or not same_address(link.email, link.guardian_email)


def same_address(one: str, other: str) -> bool:
    """Will tell whether two e-mail addresses are one, whatever their capitals; no address is none."""
    return bool(one) and one.strip().lower() == other.strip().lower()


def uninvited(
    guardians: Collection[GuardianFacts], *, taken: Mapping[int, Collection[str]], again: bool
) -> dict[int, Uninvited]:
    """Will return, for each of `guardians` (key) who is not to be sent a link, why.

    `taken` says, for a family (key), the addresses (small letters) of its guardians who have an account or a live link:
    an account is one person's, so that an address shared by two guardians of a family activates the first only. With
    `again`, who was already written to is written to once more.
    """
    why: dict[int, Uninvited] = {}
    used = {family: Counter(addresses) for family, addresses in taken.items()}
    for one in guardians:
        addresses = used.setdefault(one.family, Counter())
        # Its own link counts for it, not against it.
        others = addresses[one.email] - one.has_live_link
        if one.is_removed:
            why[one.key] = Uninvited.REMOVED
        elif one.is_member:
            why[one.key] = Uninvited.MEMBER
        elif not one.email:
            why[one.key] = Uninvited.NO_ADDRESS
        elif others > 0:
            why[one.key] = Uninvited.SHARED_ADDRESS
        elif one.has_live_link and not again:
            why[one.key] = Uninvited.ALREADY_INVITED
        elif not one.has_live_link:
            addresses[one.email] += 1
    return why
