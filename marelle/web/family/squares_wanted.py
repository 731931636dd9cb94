"""The names of squares in forms, « child.product.2026-11-27 », read as keys of this family's children only."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from marelle.domain.reservations.queries.planning import DayKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.families.models import Child

# Nobody books, nor cancels, further than this: the years beyond are not anybody's calendar.
DAYS_BACK, DAYS_AHEAD = 400, 800


class ForgedSquareError(ValueError):
    """A name that no page of this family ever showed: another's child, an unknown product, an impossible date."""


def square_name(child: str, product: str, day: date) -> str:
    """Will write the name of a square, from public ids."""
    return f"{child}.{product}.{day.isoformat()}"


def read_square(name: str, *, children: Sequence[Child], offer: Offer, today: date) -> DayKey:
    """Will read a name; raises ForgedSquareError."""
    words = name.split(".")
    if len(words) != 3:  # noqa: PLR2004  child, product, day
        raise ForgedSquareError
    child = next((child for child in children if child.public_id == words[0]), None)
    product = offer.product_by_public_id.get(words[1])
    try:
        day = date.fromisoformat(words[2])
    except ValueError:
        raise ForgedSquareError from None
    if child is None or product is None or not -DAYS_BACK <= (day - today).days <= DAYS_AHEAD:
        raise ForgedSquareError
    return DayKey(child.pk, product.pk, day)


def read_squares(names: Iterable[str], *, children: Sequence[Child], offer: Offer, today: date) -> set[DayKey]:
    """Will read many names; raises ForgedSquareError for the first that is not one."""
    return {read_square(name, children=children, offer=offer, today=today) for name in names}


def week_of(day: date) -> list[date]:
    """Will return the seven days of the week of `day`."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=offset) for offset in range(7)]
