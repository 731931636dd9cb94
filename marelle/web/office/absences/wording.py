"""The words of the absences told by families."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.foundation.french_dates import in_full, moment

if TYPE_CHECKING:
    from datetime import date, datetime

RECEIVED_ON = "Certificat reçu le"
RECEIVED_TIME = "à"
NO_DAY = "Indiquez le jour, par exemple 24/11/2026."
NO_TIME = "Indiquez l’heure comme 8:40, ou laissez vide."
NOT_YET = "Ce moment n’est pas encore venu."
CHANGED = "Cette absence a été retirée entre-temps."
CHANGED_WHY = "La famille a dit que son enfant venait. Rien n’a été enregistré."


def recorded(child: str, product: str, day: date, outcome: str) -> str:
    """Will say that a certificate is recorded, and what the day comes to."""
    return f"Certificat enregistré : {child}, {product.lower()}, {in_full(day)}. {outcome}"


def undone(child: str, product: str, day: date, outcome: str) -> str:
    """Will say that a certificate was recorded by mistake."""
    return f"Certificat effacé : {child}, {product.lower()}, {in_full(day)}. {outcome}"


def received(at: datetime) -> str:
    """Will write « Certificat reçu le mardi 24 novembre, 10 h »."""
    return f"Certificat reçu le {moment(at)}"
