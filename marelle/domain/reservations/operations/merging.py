"""What an account was about to ask, and what it confirmed, goes to another one of the same person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef

from marelle.domain.reservations.models import Basket, BasketLine, Confirmation
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


def hold_baskets(users: Collection[int]) -> None:
    """Will hold the baskets of these accounts (keys) in scope: none is confirmed nor paid until the end."""
    list(Basket.objects.select_for_update().filter(user__in=users).order_by("pk").values_list("pk"))


@operation
def move_baskets(ended: int, kept: int, *, by: Actor, at: datetime) -> int:
    """Will give the (held) baskets of an account (key) to another, and what it confirmed; returns how many baskets.

    A family has one basket an account: of two, the one that is kept stays unless it is empty. Their lines are not
    mixed: each was shown its prices with the others of its own basket.
    """
    mine = {
        basket.family_id: basket
        for basket in Basket.objects.filter(user=kept).annotate(
            is_full=Exists(BasketLine.objects.filter(basket=OuterRef("pk")))
        )
    }
    moved = 0
    for basket in Basket.objects.filter(user=ended).order_by("pk"):
        other = mine.get(basket.family_id)
        if other is not None and other.is_full:
            BasketLine.objects.filter(basket=basket).delete()
            basket.delete()
            continue
        if other is not None:
            other.delete()
        basket.user_id = kept
        basket.save(update_fields=["user"])
        moved += 1
    Confirmation.objects.filter(user=ended).update(user=kept)
    return moved
