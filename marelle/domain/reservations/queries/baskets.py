"""What is in a basket."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from marelle.domain.reservations.models import Basket, Confirmation
from marelle.domain.reservations.queries.planning import DayKey
from marelle.domain.reservations.rules.decisions import Wish

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet


class BasketContent(NamedTuple):
    """The basket of an account for a family: its key and revision, and its lines by child, product and day."""

    key: str
    revision: int
    lines: tuple[tuple[DayKey, Wish], ...]

    @property
    def first_day(self) -> date | None:
        """Will return the earliest day in the basket."""
        return min((key.date for key, _wish in self.lines), default=None)

    @property
    def last_day(self) -> date | None:
        """Will return the latest day in the basket."""
        return max((key.date for key, _wish in self.lines), default=None)


def basket_of(user: int, family: int) -> BasketContent:
    """Will return the basket of account `user` for `family` (keys), in one read; empty when there is none yet."""
    rows = list(
        Basket.objects.filter(user=user, family=family)
        .order_by("lines__date", "lines__child__birth_date", "lines__child_id", "lines__product__position")
        .values_list("key", "revision", "lines__child_id", "lines__product_id", "lines__date", "lines__wish")
    )
    if not rows:
        return BasketContent("", 0, ())
    lines = tuple((DayKey(child, product, day), Wish(wish)) for _, _, child, product, day, wish in rows if day)
    return BasketContent(rows[0][0], rows[0][1], lines)


def confirmations_of(family: int) -> QuerySet[Confirmation]:
    """Will return what a family (key) confirmed, the latest first."""
    return Confirmation.objects.filter(family=family).order_by("-confirmed_at", "-pk")
