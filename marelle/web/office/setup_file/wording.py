"""The words of the copy of a year."""

from __future__ import annotations

from typing import Final

from marelle.domain.onboarding.operations.copying import Unwanted

CHOOSE: Final = "Cochez au moins une activité à copier."
IN_USE: Final = "Des enfants sont déjà inscrits ou attendus dans ces activités : la copie ne se défait plus."
NOTHING_TO_UNDO: Final = "Il n’y avait rien à défaire."
UNWANTED: Final = {
    Unwanted.ENDS_BEFORE: ("last", "Le dernier jour est avant le premier."),
    Unwanted.OVERLAPS: ("first", "L’activité copiée n’est pas encore finie ce jour-là."),
    Unwanted.TOO_FAR: ("last", "C’est trop loin : vérifiez l’année."),
}
DATES_INSIDE: Final = (
    "Son règlement nomme des jours (ouvertures, listes de dates) : ils sont décalés de cinquante-deux semaines. "
    "Relisez-les après la copie, dans Règlements."
)
NO_REGLEMENT: Final = "Cette activité n’a pas de règlement : la copie n’en aura pas."
ESTIMATED: Final = "Le calendrier officiel n’est pas encore publié pour ces jours : ces dates sont estimées."


def school_year(year: int) -> str:
    """Will write « 2026-2027 »."""
    return f"{year}-{year + 1}"


def copied(activities: int, slots: int) -> str:
    """Will say what was made."""
    if activities == 0:
        return "Tout était déjà copié : rien n’a changé."
    several = activities > 1
    made = f"{activities} activités sont copiées" if several else "Une activité est copiée"
    return f"{made}, avec {slots} séances. Les inscriptions sont à faire."


def undone(activities: int) -> str:
    """Will say what was taken back."""
    if activities == 0:
        return NOTHING_TO_UNDO
    return f"{activities} activités copiées sont retirées." if activities > 1 else "L’activité copiée est retirée."
