"""The words of the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.domain.catalog.models import Holiday
from marelle.foundation.french_dates import in_full, without_weekday

if TYPE_CHECKING:
    from datetime import date

KINDS: Final = {
    Holiday.Kind.SCHOOL: (
        "Vacances scolaires",
        "L’école n’a pas classe : les activités des vacances ouvrent, les autres ferment.",
    ),
    Holiday.Kind.PUBLIC: ("Jours fériés", "Rien n’ouvre."),
    Holiday.Kind.TOWN_HALL: (
        "Mairie fermée",
        "En plus de vos jours habituels. Rien ne ferme, mais un délai « ouvré » ne compte pas ce jour.",
    ),
}
NO_REASON: Final = "Dites pourquoi : les familles le lisent."
ENDS_BEFORE: Final = "Le dernier jour est avant le premier."
TAKEN: Final = "Le calendrier a déjà une ligne qui commence ce jour-là."
TOO_MANY_DAYS: Final = "C’est plus d’un an : vérifiez les dates."
HOLIDAY_SAVED: Final = "Le calendrier est enregistré."
HOLIDAY_REMOVED: Final = "Ces jours ne sont plus dans le calendrier."
CLOSED: Final = "La fermeture est enregistrée."
REOPENED: Final = "Ces jours rouvrent."
ALREADY_PUBLISHED: Final = "Votre calendrier suit déjà celui qui est publié."
EVERYTHING: Final = "Tout est fermé"


def followed(count: int) -> str:
    """Will say how many lines changed."""
    return "Une ligne du calendrier a changé." if count == 1 else f"{count} lignes du calendrier ont changé."


def span(first: date, last: date) -> str:
    """Will write « jeudi 24 décembre 2026 », or « du 19 décembre 2026 au 3 janvier 2027 »."""
    if first == last:
        return in_full(first, year=True)
    return f"du {without_weekday(first, year=first.year != last.year)} au {without_weekday(last, year=True)}"


def school_year(year: int) -> str:
    """Will name the school year that begins in September."""
    return f"Année scolaire {year}-{year + 1}"
