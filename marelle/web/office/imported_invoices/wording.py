"""The words of imported invoices."""

from __future__ import annotations

from typing import Final

CHOOSE_REGIE: Final = "Choisissez la régie."
NO_FILE: Final = "Choisissez un fichier CSV."
TOO_OLD: Final = "Cette vérification n’est plus lisible : choisissez de nouveau le fichier."
CHANGED: Final = "Une autre personne vient d’importer certaines de ces factures : vérifiez de nouveau le fichier."
NOTHING_NEW: Final = "Toutes ces factures étaient déjà là : rien n’a été importé."
WITHDRAWN: Final = "La facture est retirée : plus personne ne la trouve ni ne la paie."


def imported(new: int, known: int) -> str:
    """Will say how many invoices came in, and how many were there already."""
    if not new:
        return NOTHING_NEW
    said = "1 facture importée" if new == 1 else f"{new} factures importées"
    if known:
        said += ", 1 était déjà là" if known == 1 else f", {known} étaient déjà là"
    return f"{said}."
