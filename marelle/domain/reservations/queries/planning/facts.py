"""What is known of one square, of one slot, of one child: the facts of a planning."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from marelle.domain.catalog.rules.price_steps import PriceStep
from marelle.domain.reservations.rules.decisions import Booked, Wish


class DayKey(NamedTuple):
    """One square: a child, a product (keys), a day."""

    child: int
    product: int
    date: date


class ChildFacts(NamedTuple):
    """What the planning needs to know of a child."""

    pk: int
    birth_date: date


class SlotFacts(NamedTuple):
    """A slot of a day: its key, its places (None: no limit) and how many are taken."""

    pk: int
    capacity: int | None
    taken: int

    @property
    def left(self) -> int | None:
        """Will return the places left, None without limit."""
        return None if self.capacity is None else max(0, self.capacity - self.taken)


class BookedFacts(NamedTuple):
    """An active reservation."""

    pk: int
    state: Booked
    family: int
    held_until: datetime | None
    is_late: bool = False
    price_cents: int | None = None


class BasketWish(NamedTuple):
    """A line of the basket: what is wished, and the price that was shown with it (cents), by which steps."""

    wish: Wish
    price_cents: int | None = None
    is_late: bool = False
    steps: tuple[PriceStep, ...] = ()


class ClosedDays(NamedTuple):
    """Days that an event closes: its name, its products, and the children whom it is about (keys; None: all)."""

    reason: str
    first: date
    last: date
    products: frozenset[int]
    children: frozenset[int] | None

    def closes(self, key: DayKey) -> bool:
        """Will tell whether it closes that square."""
        return (
            self.first <= key.date <= self.last
            and key.product in self.products
            and (self.children is None or key.child in self.children)
        )


class Answer(NamedTuple):
    """The latest cancellation request of a square and what was answered."""

    state: str
    asked_at: datetime
    decided_at: datetime | None
    is_refunded: bool | None
    reason: str
