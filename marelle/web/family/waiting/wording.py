"""What the page of one's waits says."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ACCEPTED = _("Place acceptée : elle est à vous.")
DECLINED = _("Place refusée. Elle est proposée à une autre famille.")
OVER = _("Cette place ne vous est plus proposée.")
OVER_WHY = _("Le délai est passé, ou vous avez déjà répondu. Voici vos attentes à jour.")
ALREADY = _("Vous avez déjà accepté cette place.")
NO_ANSWER = _("Choisissez d’accepter la place ou de la refuser.")


def place_in_line(rank: int, total: int) -> str:
    """Will write « 1ᵉʳ rang sur 4 »."""
    return f"{'1ᵉʳ' if rank == 1 else f'{rank}ᵉ'} rang sur {total}"
