"""What the page of one's waits says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from marelle.foundation.french_dates import in_full

if TYPE_CHECKING:
    from datetime import date

ACCEPTED = _("Place acceptée : elle est à vous.")
DECLINED = _("Place refusée. Elle est proposée à une autre famille.")
OVER = _("Cette place ne vous est plus proposée.")
OVER_WHY = _("Le délai est passé, ou vous avez déjà répondu. Voici vos attentes à jour.")
ALREADY = _("Vous avez déjà accepté cette place.")
NO_ANSWER = _("Choisissez d’accepter la place ou de la refuser.")

NOT_WAITING = _("Votre enfant n’attend plus ce jour.")
OFFERED = _("Une place vient de se libérer pour ce jour.")
OFFERED_WHY = _("Elle vous est gardée : acceptez-la ou refusez-la ci-dessous.")


def left(child: str, day: date) -> str:
    """Will say which list was left."""
    return f"{child} n’attend plus de place le {in_full(day)}."


def place_in_line(rank: int, total: int) -> str:
    """Will write « 1ᵉʳ rang sur 4 »."""
    return f"{'1ᵉʳ' if rank == 1 else f'{rank}ᵉ'} rang sur {total}"
