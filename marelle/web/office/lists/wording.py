"""The words of the lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.foundation.french_dates import NO_BREAK, in_full, moment

if TYPE_CHECKING:
    from datetime import date, datetime

    from marelle.domain.families.models import Guardian

BY_CLASS: Final = "classe"
BY_GROUP: Final = "groupe"
BY_OPTION: Final = "option"
KINDS: Final = ((BY_CLASS, "Par classe"), (BY_GROUP, "Par groupe"), (BY_OPTION, "Par option"))
DAY: Final = "jour"
WEEK: Final = "semaine"
SPANS: Final = ((DAY, "Un jour"), (WEEK, "Une semaine"))
WITHOUT_CLASS: Final = "Sans classe"
WITHOUT_GROUP: Final = "Sans groupe"
NO_OPTION: Final = (
    "Aucun enfant attendu n’a d’option. Une option (minibus, repas apporté…) se note sur l’inscription de l’enfant,"
    " dans la page de sa famille."
)
EMPTY: Final = "Aucun enfant sur cette liste."
NOTHING: Final = "Les réservations des familles apparaîtront ici aussitôt validées."
TOLD: Final = "absence signalée"
YES: Final = "oui"
NO: Final = ""


def title(first: date, last: date) -> str:
    """Will write « Mardi 24 novembre 2026 », or « Du lundi 23 au vendredi 27 novembre »."""
    if first == last:
        words = in_full(first, year=True).replace(NO_BREAK, " ")
        return words[:1].upper() + words[1:]
    return f"Du {in_full(first)} au {in_full(last)}".replace(NO_BREAK, " ")


def option(code: str) -> str:
    """Will write the code of an option as words: « minibus-nord » is « Minibus nord »."""
    return code.replace("-", " ").replace("_", " ").capitalize()


def counted(count: int) -> str:
    """Will write « 1 enfant », « 24 enfants »."""
    return f"{count}{NO_BREAK}enfant{'s' if count > 1 else ''}"


def evacuation_title(at: datetime) -> str:
    """Will write « Évacuation, lundi 23 novembre, 12 h 05 »."""
    return f"Évacuation, {moment(at)}".replace(NO_BREAK, " ")


def to_count(seen: int, expected: int) -> str:
    """Will say how many are to be counted, and how sure one is of it."""
    parts = []
    if seen:
        parts.append(f"{seen} pointé{'s' if seen > 1 else ''} présent{'s' if seen > 1 else ''}")
    if expected:
        parts.append(f"{expected} attendu{'s' if expected > 1 else ''}, pas encore pointé{'s' if expected > 1 else ''}")
    return f"{counted(seen + expected)} à compter : {', '.join(parts)}." if parts else "Aucun enfant à compter."


def guardian(one: Guardian) -> str:
    """Will write « Maria Sanchez-Cordoves, mère »."""
    name = f"{one.first_name} {one.last_name}"
    return f"{name}, {one.relation}" if one.relation else name


NOW_ONLY: Final = "Sur place maintenant"
ALL_DAY: Final = "Toute la journée"
NOBODY_NOW: Final = "Aucune activité n’a lieu en ce moment."
