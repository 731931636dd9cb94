"""What the screens of publication say."""

from __future__ import annotations

from typing import Final

from marelle.foundation.money import NO_BREAK

MEGABYTE: Final = 1_000_000
EVERYBODY, FAMILIES, SOME = "tous", "familles", "certaines"
WHOM: Final = (
    (EVERYBODY, "Tout le monde, même sans compte"),
    (FAMILIES, "Toutes les familles, une fois connectées"),
    (SOME, "Les familles de certains services ou lieux"),
)
WHOM_NARROW: Final = (WHOM[2],)
SOME_HINT: Final = (
    "Une famille lit dès qu’un de ses enfants est inscrit à l’un des services, ou va dans l’un des lieux choisis."
)
CHOOSE_SOME: Final = "Cochez au moins un service ou un lieu."
WITHDRAWN_HINT: Final = "Ce jour-là, plus personne ne le lit. Vide : il reste."
BODY_HINT: Final = "Du texte simple. Une ligne vide sépare deux paragraphes."
ARTICLE_SAVED: Final = "L’actualité est enregistrée."
DOWNLOAD_SAVED: Final = "Le document est enregistré."
DOWNLOAD_REMOVED: Final = "Le document est supprimé."


def weight(size: int) -> str:
    """Will write the weight of a file: « 240 Ko », « 1,3 Mo »."""
    if size < MEGABYTE:
        return f"{max(1, round(size / 1000))}{NO_BREAK}Ko"
    return f"{size / MEGABYTE:.1f}".replace(".", ",") + f"{NO_BREAK}Mo"


def withdrawn(title: str) -> str:
    """Will say that an article is no longer read."""
    return f"« {title} » est retirée : plus personne ne la lit."
