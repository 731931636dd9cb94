"""The letter by which a kitchen learns what to make: counts, never a name."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from marelle.domain.reservations.rules.kitchen import changes, said, together
from marelle.foundation.french_dates import in_full, listed, moment
from marelle.letters.about_reservations import contact_lines
from marelle.letters.writing import Draft, listing, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from marelle.domain.authorities.models import Authority
    from marelle.domain.reservations.rules.kitchen import Counts
    from marelle.letters.kitchen_documents import Ordered


def meals_ordered(
    orders: Sequence[Ordered], authority: Authority, *, before: Mapping[int, Counts], with_files: bool
) -> Draft:
    """Will say how many meals to make, by day and place.

    `before` holds what was told last, by the place of an order in `orders`: for those that correct another.
    """
    first, last = orders[0].date, orders[-1].date
    days = in_full(first) if first == last else f"du {in_full(first)} au {in_full(last)}"
    service = listed(list(dict.fromkeys(one.service for one in orders)))
    is_correction = bool(before)
    blocks = []
    if is_correction:
        blocks.append(words("Rectificatif : ces nombres remplacent ceux que vous avez reçus."))
    numbered = list(enumerate(orders))
    for day, rows in groupby(numbered, key=lambda pair: pair[1].date):
        here = list(rows)
        meals = sum(one.counts.meals for _place, one in here)
        blocks.append(
            listing(
                f"{in_full(day).capitalize()} : {meals} repas",
                [_line(one, before.get(place)) for place, one in here],
            )
        )
    frozen = max((one.frozen_at for one in orders if one.frozen_at is not None), default=None)
    if frozen is not None:
        blocks.append(words(f"Commande figée {moment(frozen)}. Ce qui change ensuite vous est écrit à nouveau."))
    if with_files:
        blocks.append(words("Le détail est joint à ce courriel."))
    blocks.append(words("Les enfants sont comptés, jamais nommés."))
    subject = f"{'Rectificatif : r' if is_correction else 'R'}epas {days}, {service}"
    return Draft(subject[:200], tuple(blocks), authority.name, contact_lines(authority))


def _line(one: Ordered, before: Counts | None) -> str:
    """Will write « École des Tilleuls : 42 repas (sans porc : 4 ; végétarien : 1). Allergies : lait 2. PAI : 1. »."""
    counts = one.counts
    parts = [f"{one.facility} : {counts.meals} repas"]
    products = [portion for portion in one.portions if portion.counts.meals]
    if len(products) > 1:
        parts.append(f" ({', '.join(f'{portion.name} : {portion.counts.meals}' for portion in products)})")
    parts.append(".")
    if counts.diets:
        parts.append(f" Régimes : {', '.join(f'{name.lower()} {number}' for name, number in counts.diets)}.")
    if counts.with_allergy:
        named = ", ".join(f"{name.lower()} {number}" for name, number in counts.allergies)
        parts.append(f" Enfants avec une allergie : {counts.with_allergy} ({named}).")
    if counts.care_plans:
        parts.append(f" PAI : {counts.care_plans}.")
    if before is not None:
        moved = said(changes(before, together([counts])))
        parts.append(f" Ce qui change : {moved}." if moved else " D’autres prestations, autant de repas.")
    return "".join(parts)
