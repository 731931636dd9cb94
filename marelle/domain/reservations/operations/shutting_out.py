"""What accounts were about to ask for a family that they see no more is forgotten."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from marelle.domain.reservations.models import Basket, BasketLine
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


def hold_baskets_for(users: Collection[int], family: int) -> list[int]:
    """Will hold the baskets of these accounts for a family (keys): none is confirmed until the end; returns them."""
    rows = Basket.objects.select_for_update().filter(user__in=users, family=family).order_by("pk")
    return list(rows.values_list("pk", flat=True))


@operation
def drop_baskets(users: Collection[int], family: int, *, by: Actor, at: datetime) -> int:
    """Will drop the (held) baskets of these accounts for a family (keys); returns how many days were in them."""
    lines, _by_model = BasketLine.objects.filter(basket__user__in=users, basket__family=family).delete()
    Basket.objects.filter(user__in=users, family=family).delete()
    return lines
