"""What a council votes on a place that frees up: whether it is kept for who waits, for whom first, how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

SIBLING: Final = "sibling"
SCHOOL: Final = "school"
MOST_HOURS: Final = 240
MOST_PRIORITIES: Final = 8
# Past the limit the meal is near: who does not answer at once would let the place be lost for everybody.
KEPT_PAST_LIMIT: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class WaitingRules:
    """Who is offered a place first, and for how many hours it is kept.

    `priorities`, the strongest first: SIBLING (a brother or a sister has a place that day), SCHOOL (the child's school
    is where the activity is), RESIDENT, or the code of a category that the authority gives its families, such as
    « both parents work ». Then the order of asking. `offer_hours` None: who waits is told, nothing is kept.
    `is_past_limit`: a place that frees up once the limit to book is gone is offered too, and kept an hour.
    """

    priorities: tuple[str, ...] = ()
    offer_hours: int | None = 24
    is_past_limit: bool = False

    @property
    def is_kept(self) -> bool:
        """Will tell whether a place is kept for whom it is offered to."""
        return self.offer_hours is not None
