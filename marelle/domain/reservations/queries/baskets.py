"""What is in a basket."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection

from marelle.domain.catalog.rules.price_steps import PriceStep
from marelle.domain.reservations.models import Confirmation
from marelle.domain.reservations.queries.planning import BasketWish, DayKey
from marelle.domain.reservations.rules.decisions import Wish
from marelle.foundation import tenancy

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet


class BasketContent(NamedTuple):
    """The basket of an account for a family: its key and revision, and its lines by child, product and day."""

    key: str
    revision: int
    lines: tuple[tuple[DayKey, BasketWish], ...]

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
    authorities = tenancy.current_scope()
    with connection.cursor() as cursor:
        cursor.execute(
            BASKET,
            {
                "user": user,
                "family": family,
                "authorities": sorted(authorities or ()),
                "every_authority": authorities is None,
            },
        )
        rows = cursor.fetchall()
    if not rows:
        return BasketContent("", 0, ())
    lines = tuple(
        (DayKey(child, product, day), BasketWish(Wish(wish), cents, is_late, _steps(steps)))
        for _, _, child, product, day, wish, cents, is_late, steps in rows
        if day
    )
    return BasketContent(rows[0][0], rows[0][1], lines)


def _steps(column: Any) -> tuple[PriceStep, ...]:
    found = json.loads(column) if isinstance(column, str) else column
    return tuple(PriceStep(label, cents) for label, cents in found or ())


def confirmations_of(family: int) -> QuerySet[Confirmation]:
    """Will return what a family (key) confirmed, the latest first."""
    return Confirmation.objects.filter(family=family).order_by("-confirmed_at", "-pk")


# By hand: it is read with every page, and composing it took the ORM longer than the database took to answer.
BASKET = """
SELECT b.key, b.revision, l.child_id, l.product_id, l.date, l.wish, l.price_cents, l.is_late, l.steps
FROM reservations_basket b
LEFT JOIN reservations_basketline l ON l.authority_id = b.authority_id AND l.basket_id = b.id
WHERE b.user_id = %(user)s AND b.family_id = %(family)s
    AND (%(every_authority)s OR b.authority_id = ANY(%(authorities)s::bigint[]))
ORDER BY l.date, l.child_id, l.product_id
"""
