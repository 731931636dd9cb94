"""What every write that may close a day asks before it is done: who would come to a closed door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.catalog.queries import offer_read_anew
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


def opened(authority: Authority) -> dict[int, Opens]:
    """Will return when each activity (key) is open, as this transaction sees it: to be asked before it writes."""
    offer = offer_read_anew(authority)
    return {one.pk: Opens(one.opening, one.closures, offer.calendar) for one in offer.activities}


def refuse_if_reserved(
    authority: Authority,
    before: Mapping[int, Opens],
    reserved: Mapping[tuple[int, date], int],
    *,
    is_confirmed: bool,
) -> int:
    """Will return how many reservations stand on days that were open `before` and that this transaction closes.

    Nothing is kept of what it reads: what the operation wrote may yet be undone. Raises DaysStillReservedError unless
    `is_confirmed`.
    """
    if not reserved:
        return 0
    standing = left_standing(reserved, before, opened(authority))
    if standing and not is_confirmed:
        raise DaysStillReservedError(standing)
    return sum(one.count for one in standing)
