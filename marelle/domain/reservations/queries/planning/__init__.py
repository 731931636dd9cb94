"""The planning of children over days: everything a week grid shows and a write asks again, in one read."""

from marelle.domain.reservations.queries.planning.facts import (
    Answer,
    BasketWish,
    BookedFacts,
    ChildFacts,
    ClosedDays,
    DayKey,
    SlotFacts,
)
from marelle.domain.reservations.queries.planning.reading import read_planning
from marelle.domain.reservations.queries.planning.recorded import Planning

__all__ = [
    "Answer",
    "BasketWish",
    "BookedFacts",
    "ChildFacts",
    "ClosedDays",
    "DayKey",
    "Planning",
    "SlotFacts",
    "read_planning",
]
