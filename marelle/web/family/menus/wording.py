"""What the menus say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.foundation.french_dates import day_number, in_full, listed, without_weekday

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from marelle.domain.news.rules.menus import Dish

NOT_CHECKED: Final = "Allergènes : pas encore renseignés"
NONE_OF_THEM: Final = "Aucun des 14 allergènes"
CAUTION: Final = (
    "Les allergènes indiqués sont ceux des recettes ; d’autres peuvent être présents en petite quantité. Les menus "
    "peuvent changer. Si votre enfant a une allergie, parlez-en à la mairie : un projet d’accueil individualisé (PAI) "
    "dit comment il mange à la cantine."
)


def week(monday: date, friday: date) -> str:
    """Will name a week: « Semaine du 23 au 27 novembre »."""
    first = day_number(monday) if monday.month == friday.month else without_weekday(monday)
    return f"Semaine du {first} au {without_weekday(friday)}"


def of_place(meal: str, place: str) -> str:
    """Will name a set of menus: « Déjeuner », « Goûter, École des Tilleuls »."""
    return f"{meal.capitalize()}, {place}" if place else meal.capitalize()


def contains(dish: Dish, *, is_checked: bool) -> str:
    """Will say which allergens a dish holds, in words; of what nobody checked nothing is said."""
    if not is_checked:
        return ""
    words: Sequence[str] = dish.allergen_words
    return f"Contient : {listed(words)}" if words else NONE_OF_THEM


def day_title(day: date) -> str:
    """Will name a day: « Lundi 23 novembre »."""
    return in_full(day).capitalize()
