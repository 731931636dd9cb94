"""What every write that may close a day asks before it is done: who would come to a closed door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.catalog.queries import Offer, offer_of, offer_read_anew
from marelle.domain.catalog.rules.standing import Opens, Standing, left_standing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from marelle.domain.authorities.models import Authority


class DaysStillReservedError(Exception):
    """Nothing was written: reservations stand on days that would close, and nobody has confirmed it."""

    def __init__(self, standing: tuple[Standing, ...]) -> None:
        """Will keep which, for a screen to say them."""
        super().__init__(f"{sum(one.count for one in standing)} reservations on {len(standing)} closed days")
        self.standing = standing


def opens_of(offer: Offer) -> dict[int, Opens]:
    """Will return when each activity (key) of an offer is open."""
    return {one.pk: Opens(one.opening, one.closures, offer.calendar) for one in offer.activities}


def refuse_if_reserved(authority: Authority, reserved: Mapping[tuple[int, date], int], *, is_confirmed: bool) -> int:
    """Will return how many reservations stand on days that this transaction closes, zero when none.

    To be called once the rows are written and before the catalog is touched. Raises DaysStillReservedError unless
    `is_confirmed`: the operation, and what it wrote, are then undone.
    """
    if not reserved:
        return 0
    standing = left_standing(reserved, opens_of(offer_of(authority)), opens_of(offer_read_anew(authority)))
    if standing and not is_confirmed:
        raise DaysStillReservedError(standing)
    return sum(one.count for one in standing)
