"""What places paid on booking come to: the same sums before they are confirmed, and on their invoice after."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from marelle.domain.billing.queries.to_bill import bill
from marelle.domain.billing.rules.charges import NOT_BILLED
from marelle.foundation.periods import Period

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from marelle.domain.billing.queries.to_bill import Billed
    from marelle.domain.catalog.queries import Offer
    from marelle.domain.reservations.models import Reservation


def bill_places(
    places: Sequence[Reservation], *, regie: int, offer: Offer, at: datetime, with_held: bool = False
) -> Billed:
    """Will draft what the régie (key) is to invoice for these places of one family, and for nothing else."""
    only: dict[tuple[int, int], set[date]] = defaultdict(set)
    for one in places:
        only[one.child_id, one.product_id].add(one.date)
    days = sorted(one.date for one in places)
    (billed,) = bill(
        [places[0].family_id],
        regie=regie,
        services=sorted({offer.product_by_pk[one.product_id].activity.service.pk for one in places}),
        period=Period(days[0], days[-1]),
        offer=offer,
        at=at,
        only=only,
        with_held=with_held,
    )
    return billed


def due_on_booking(places: Sequence[Reservation], *, regie: int, offer: Offer, at: datetime) -> dict[int, int]:
    """Will return what each of these held places (key) of one family is to be paid, in cents.

    Its price, less what aids pay and what was invoiced of that day already. Below zero when too much was: it makes up
    for the others.
    """
    billed = bill_places(places, regie=regie, offer=offer, at=at, with_held=True)
    due: dict[tuple[int, int, date], int] = defaultdict(int)
    for line in billed.draft.lines if billed.draft is not None else ():
        name = line.charge.name
        for day in line.charge.days:
            due[name.child, name.product, day] += line.charge.cents
    # What cannot be billed as it stands keeps its price: nothing is given for want of a fact.
    for noted in billed.account.noted:
        if noted.trouble in NOT_BILLED:
            for one in places:
                if (one.child_id, one.product_id) == (noted.child, noted.product) and one.date in noted.days:
                    due[one.child_id, one.product_id, one.date] = one.price_cents or 0
    return {one.pk: due[one.child_id, one.product_id, one.date] for one in places}
