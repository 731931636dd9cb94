"""The words of what there is to treat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.foundation.french_dates import in_full

if TYPE_CHECKING:
    from datetime import date

NOTHING_HERE: Final = "Rien n’attend."
LEAD: Final = "Tout ce qui vous attend, ce qui presse d’abord, puis le plus ancien."


def total(count: int) -> str:
    """Will say how much there is."""
    return f"{count} chose{'s' if count > 1 else ''} à traiter"


def since(day: date, *, today: date) -> str:
    """Will say since when the oldest of a queue waits."""
    days = (today - day).days
    if days <= 0:
        return "Depuis aujourd’hui"
    if days == 1:
        return "Depuis hier"
    return f"Depuis le {in_full(day)}, {days} jours"
