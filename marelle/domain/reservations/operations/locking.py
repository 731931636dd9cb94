"""What an operation of reservations uses up, locked once, sorted, before the rules are asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.families.models import Child
from marelle.domain.reservations.models import Basket

if TYPE_CHECKING:
    from collections.abc import Iterable


def lock_children(children: Iterable[int]) -> None:
    """Will hold these children (keys), so that no other home nor agent reserves for them until the end."""
    list(Child.objects.filter(pk__in=set(children)).order_by("pk").select_for_update(no_key=True).values_list("pk"))


def lock_basket(user: int, family: int, *, authority: int) -> Basket:
    """Will hold the basket of account `user` for `family`, made if there is none yet."""
    mine = Basket.objects.filter(user=user, family=family).select_for_update(no_key=True)
    basket = mine.first()
    if basket is None:
        Basket.objects.bulk_create(
            [Basket(authority_id=authority, user_id=user, family_id=family)], ignore_conflicts=True
        )
        basket = mine.get()
    return basket
