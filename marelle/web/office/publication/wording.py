"""What the screens of publication say."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from marelle.domain.news.rules.menus import ALLERGENS, MARKS
from marelle.foundation.french_dates import day_number, without_weekday

if TYPE_CHECKING:
    from datetime import date

EVERYBODY, FAMILIES, SOME = "tous", "familles", "certaines"
WHOM: Final = (
    (EVERYBODY, "Tout le monde"),
    (FAMILIES, "Toutes les familles"),
    (SOME, "Certaines familles"),
)
WHOM_HINT: Final = "Tout le monde : même sans compte. Les familles : une fois connectées."
WHOM_NARROW: Final = (WHOM[2],)
SOME_HINT: Final = (
    "Pour certaines familles, cochez ci-dessous. Une famille lit dès qu’un de ses enfants est inscrit à l’un des "
    "services, ou va dans l’un des lieux."
)
CHOOSE_SOME: Final = "Cochez au moins un service ou un lieu."
WITHDRAWN_HINT: Final = "Ce jour-là, plus personne ne le lit. Vide : il reste."
BODY_HINT: Final = "Du texte simple. Une ligne vide sépare deux paragraphes."
ARTICLE_SAVED: Final = "L’actualité est enregistrée."
DOWNLOAD_SAVED: Final = "Le document est enregistré."
DOWNLOAD_REMOVED: Final = "Le document est supprimé."


def withdrawn(title: str) -> str:
    """Will say that an article is no longer read."""
    return f"« {title} » est retirée : plus personne ne la lit."


NOTHING_PASTED: Final = (
    "Aucun plat n’a été reconnu. Copiez les cellules du tableur, une colonne par jour et une ligne par plat, puis "
    "collez-les ici."
)
NO_VEGETARIAN: Final = (
    "Aucun repas entièrement végétarien cette semaine. La loi en demande un par semaine dans les cantines scolaires "
    "(article L. 230-5-6 du code rural)."
)
WEEK_WITHDRAWN: Final = "La semaine est redevenue un brouillon : les familles ne la lisent plus."
KITCHEN_SAVED: Final = "C’est noté."
EVERYWHERE: Final = "Tous les lieux"
SPECIAL_TOO_LONG: Final = "Tient en 60 caractères."
MENU_HINT: Final = (
    "Écrivez les allergènes et les labels en toutes lettres, séparés par des virgules. Un mot de label qui n’est pas "
    "dans la liste est gardé tel quel, par exemple « Ferme des Jarouilles »."
)
ALLERGEN_WORDS: Final = ", ".join(ALLERGENS.values())
MARK_WORDS: Final = ", ".join(MARKS.values())


def week(monday: date, this_week: date | None = None) -> str:
    """Will name a week: « Semaine du 23 au 27 novembre ». With `this_week`, says whether it is that one or the next."""
    friday = monday + timedelta(days=4)
    first = day_number(monday) if monday.month == friday.month else without_weekday(monday)
    words = f"Semaine du {first} au {without_weekday(friday)}"
    if this_week is None:
        return words
    return words + {0: " (cette semaine)", 7: " (la semaine prochaine)"}.get((monday - this_week).days, "")


def of_place(meal: str, place: str) -> str:
    """Will name a set of menus: « Déjeuner, tous les lieux »."""
    return f"{meal.capitalize()}, {place or EVERYWHERE.lower()}"


def days_written(count: int) -> str:
    """Will say how many days have a menu."""
    return f"{count} jour{'s' if count > 1 else ''} écrit{'s' if count > 1 else ''}"


def week_saved(*, is_published: bool) -> str:
    """Will say that a week is written."""
    return "La semaine est publiée." if is_published else "La semaine est enregistrée."


def pasted(count: int) -> str:
    """Will say what was read of a spreadsheet."""
    return f"{count} plat{'s' if count > 1 else ''} à relire : rien n’est encore enregistré."


def copied(monday: date) -> str:
    """Will say where the dishes come from."""
    return f"Plats repris de la {week(monday).lower()} : rien n’est encore enregistré."
