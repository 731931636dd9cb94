"""Which membership an agenda reads for, by the secret of its address."""

from __future__ import annotations

from marelle.domain.families.models import CalendarFeed, Membership
from marelle.foundation import tenancy
from marelle.foundation.derived_secrets import digest_of_token


def feed_of(membership: Membership) -> CalendarFeed | None:
    """Will return what an agenda may read for a membership, None when nothing was made."""
    found: CalendarFeed | None = CalendarFeed.objects.filter(membership=membership.pk).first()
    return found


def feed_read_by(token: str) -> CalendarFeed | None:
    """Will return what the secret of an address reads, with its membership, authority and family. One statement.

    None for anything else, as for an account that is closed: which, is never said.
    """
    with tenancy.every_authority():
        rows = CalendarFeed.objects.filter(
            token_digest=digest_of_token(token), membership__user__is_active=True, authority__is_open=True
        )
        found: CalendarFeed | None = (
            rows.select_related("membership__family", "authority")
            .defer("authority__logo", "authority__palette_css")
            .first()
        )
    return found
