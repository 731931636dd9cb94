"""What a proposal would change, before anybody accepts it: days that pass to a home, and what is reserved of them."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from marelle.domain.reservations.models import CustodyProposal
from marelle.domain.reservations.queries.custody_effects import CustodyPreview, days_preview, terms_preview
from marelle.domain.reservations.rules.custody import Role, terms_from
from marelle.domain.reservations.rules.custody_sentences import Changes, Passing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from marelle.domain.catalog.queries import Offer

A_YEAR: Final = timedelta(days=365)


def preview_of(proposal: CustodyProposal, *, offer: Offer, today: date, until: date | None = None) -> CustodyPreview:
    """Will say what a proposal would do if it were agreed now, over the days to `until`.

    Without it: to the last of the days that it is about; of terms, until the published calendar ends, or for a year.
    """
    if proposal.terms is not None and proposal.starts_on is not None:
        return terms_preview(
            proposal.child_id,
            first_home=proposal.from_home_id,
            second_home=proposal.to_home_id,
            terms=terms_from(proposal.terms),
            starts_on=proposal.starts_on,
            until=until or known_until(proposal.starts_on, offer),
            offer=offer,
            today=today,
        )
    days: dict[date, int | None] = {
        **dict.fromkeys(proposal.gives, proposal.to_home_id),
        **dict.fromkeys(proposal.takes, proposal.from_home_id),
    }
    return days_preview(proposal.child_id, days=days, until=until or max(days), offer=offer, today=today)


def known_until(starts_on: date, offer: Offer) -> date:
    """Will return until when days from `starts_on` on are known: the published calendar's end, or a year."""
    known = offer.calendar.known_until
    return known if known is not None and known > starts_on else starts_on + A_YEAR


def changes_of(preview: CustodyPreview, homes: Mapping[Role, int], *, offer: Offer) -> Changes:
    """Will return what a preview says of each home, `homes` being the families (keys) by role."""
    moves, changing = preview.moves, preview.changing

    def passing(home: int, other: int) -> Passing:
        named = Counter(offer.product_by_pk[row.product_id].name for row in moves.moved.get(home, ()))
        return Passing(
            tuple(day for day in changing if preview.after[day] == home),
            tuple(sorted(named.items())),
            sum(row.family_id == other for row in moves.staying),
        )

    return Changes(
        passing={role: passing(home, homes[role.other]) for role, home in homes.items()},
        until=max(preview.after),
        is_new=all(home is None for home in preview.before.values()),
    )
