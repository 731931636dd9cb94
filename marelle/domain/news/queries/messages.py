"""Messages as agents follow them: the list, what became of each, and the addresses that answer no more."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from marelle.domain.families.models import Family
from marelle.domain.news.models import FamilyMessage, LostAddress, MessageRecipient, MessageTemplate
from marelle.domain.news.models.messages import digest_of_address
from marelle.domain.news.queries.recipients import homes_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet

    from marelle.domain.reservations.queries.reach import Reach

STATE = MessageRecipient.State
UNDER_WAY = (STATE.WAITING, STATE.CLAIMED)


def messages_for(user: int, reach: Reach, *, sees_unpaid: bool) -> QuerySet[FamilyMessage]:
    """Will return the messages that an agent (the key of her account) may see, the latest first.

    All of them, or her own when something limits what she may publish. One that is for who owes is seen by those alone
    who see accounts.
    """
    found = FamilyMessage.objects.select_related("written_by", "sent_by").order_by("-written_at", "-pk")
    if not reach.is_whole:
        found = found.filter(written_by=user)
    if not sees_unpaid:
        # By the key itself, which is there only when it is asked: a comparison with one that is missing is unknown.
        found = found.exclude(criteria__has_key="is_unpaid")
    return found


def templates() -> QuerySet[MessageTemplate]:
    """Will return the templates, by title."""
    return MessageTemplate.objects.order_by("title", "pk")


def counts_of(messages: Collection[int]) -> dict[int, Counter[str]]:
    """Will count the recipients of these messages (keys) by state; one statement."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    rows = MessageRecipient.objects.filter(message__in=list(messages)).values_list("message_id", "state")
    for message, state, count in rows.annotate(count=Count("pk")).order_by("message_id", "state"):
        found[message][state] = count
    return found


def families_told(message: int) -> int:
    """Will count the families to which a message (key) goes, or was to go."""
    return MessageRecipient.objects.filter(message=message).values("family").distinct().count()


def recipients_in(message: int, states: Collection[str]) -> QuerySet[MessageRecipient]:
    """Will return the recipients of a message (key) in one of these states, by family."""
    return (
        MessageRecipient.objects.filter(message=message, state__in=list(states))
        .select_related("family", "guardian")
        .order_by("family__name", "family_id", "guardian_id", "channel", "pk")
    )


def texts_not_known_yet(*, since: datetime) -> QuerySet[MessageRecipient]:
    """Will return the texts that left since then and of which nobody said yet whether they arrived, the first first."""
    return (
        MessageRecipient.objects.filter(channel="text", state=STATE.TOLD, told_at__gte=since)
        .exclude(provider_id="")
        .order_by("told_at", "pk")
    )


def messages_to(family: int) -> QuerySet[MessageRecipient]:
    """Will return what was written to a family (key), the latest first, with the message."""
    return (
        MessageRecipient.objects.filter(family=family)
        .exclude(message__state=FamilyMessage.State.DRAFT)
        .select_related("message", "guardian")
        .order_by("-message__began_at", "-pk")
    )


@dataclass(frozen=True, slots=True)
class Lost:
    """An address that answers no more, of a family that still gives it: the address itself, for an agent to correct."""

    row: LostAddress
    family: Family
    address: str
    guardian: str


def lost_addresses(families: QuerySet[Family]) -> list[Lost]:
    """Will return the addresses of `families` that answer no more and that they still give, by family.

    Five statements, whatever their number; one when there is none. One that was changed since is not there.
    """
    rows = list(
        LostAddress.objects.filter(cleared_at=None, family__in=families.values("pk"))
        .select_related("family")
        .order_by("family__name", "family_id", "pk")
    )
    if not rows:
        return []
    homes = homes_of({row.family_id for row in rows})
    names = _names(list(homes))
    found = []
    for row in rows:
        home = homes[row.family_id]
        known = [
            (address, names.get(one.key, ""))
            for one in home.people
            for address in (one.account_email, one.email)
            if address
        ]
        known.append((home.email, ""))
        for address, guardian in known:
            if address and digest_of_address(address) == row.digest:
                found.append(Lost(row, row.family, address, guardian))
                break
    return found


def _names(families: Collection[int]) -> dict[int, str]:
    rows = Family.objects.filter(pk__in=families).filter(Q(guardians__isnull=False))
    return {
        key: f"{first} {last}"
        for key, first, last in rows.values_list("guardians__pk", "guardians__first_name", "guardians__last_name")
    }


def messages_of_event(disruption: str) -> QuerySet[FamilyMessage]:
    """Will return what families were told of an event (public id), the first first."""
    return FamilyMessage.objects.filter(criteria__disruption=disruption).order_by("pk")
