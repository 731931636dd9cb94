"""What the closing of a month says."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Standing(Enum):
    """Where a step stands: its words, the tone and the drawing of its tag."""

    DONE = ("Fait", "green", "check")
    TO_DO = ("À faire", "amber", "triangle-alert")
    TO_SEE = ("À voir", "blue", "eye")
    UNDER_WAY = ("En cours", "blue", "hourglass")
    LATER = ("Plus tard", "quiet", "")


SHEETS: Final = "Présences"
CERTIFICATES: Final = "Absences"
CANCELLATIONS: Final = "Annulations demandées"
APPLICATIONS: Final = "Demandes des familles"
WARNINGS: Final = "Tarifs et quotients"
DRAFTS: Final = "Brouillons"
ISSUING: Final = "Émission"
DEPOSITS: Final = "Versement des encaissements"
REMINDERS: Final = "Relances"
TREASURY: Final = "Remise au Trésor"

NOT_OVER: Final = "Le mois n’est pas fini : la facturation se prépare à partir du 1er du mois suivant."
NO_REGIE: Final = "Aucune régie ne facture avec Marelle."


def count(number: int, one: str, many: str) -> str:
    """Will write a number and what is counted."""
    return f"{number} {one if number < 2 else many}"  # noqa: PLR2004  from two on, the plural
