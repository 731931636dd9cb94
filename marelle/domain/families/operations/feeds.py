"""The secret address that an agenda reads is made, changed and stopped. Every moment here is of the machine."""

from __future__ import annotations

from datetime import datetime

from marelle.domain.families.models import CalendarFeed, Membership
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


class UnableToFeedError(Exception):
    """The account does not act for the family any more. Nothing was written."""


@operation
def renew_calendar_feed(membership: Membership, *, by: Actor, at: datetime) -> CalendarFeed:
    """Will give a membership the address that an agenda reads, or another: the one before ends.

    It ends with the membership: the row goes with it. Raises UnableToFeedError.
    """
    row = Membership.objects.select_for_update(of=("self",), no_key=True).filter(pk=membership.pk).first()
    if row is None:
        raise UnableToFeedError
    feed = CalendarFeed.objects.filter(membership=row).first() or CalendarFeed(
        authority_id=row.authority_id, membership=row
    )
    feed.renew()
    feed.made_at = at
    feed.save()
    audit.record(
        "renew_calendar_feed", authority=row.authority_id, of="membership", key=row.pk, by=by, at=at,
        family=row.family_id,
    )  # fmt: skip
    return feed


@operation
def stop_calendar_feed(membership: Membership, *, by: Actor, at: datetime) -> bool:
    """Will end the address that an agenda reads; tells whether there was one."""
    count, _by_model = CalendarFeed.objects.filter(membership=membership.pk).delete()
    if count:
        audit.record(
            "stop_calendar_feed", authority=membership.authority_id, of="membership", key=membership.pk, by=by, at=at,
            family=membership.family_id,
        )  # fmt: skip
    return bool(count)
