"""Words that agents answer with (modèles de réponse): their blanks, and what fills them.

A blank is written as in the text of a procedure: « {numero} ». A template that names an unknown one is refused when it
is saved; a blank that nothing fills for this application is left « … » for the agent to see and complete.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from marelle.domain.procedures.rules.definitions import BLANK

LONGEST: Final = 4000
UNFILLED: Final = "…"
# What each blank stands for, as the agent who writes a template reads it.
BLANKS: Final[Mapping[str, str]] = {
    "numero": "le numéro de la demande",
    "demande": "le titre de la démarche",
    "enfants": "les prénoms des enfants concernés",
    "famille": "le nom de la famille",
    "agent": "l’agent qui répond",
    "service": "le service qui répond",
    "date_limite": "le dernier jour pour compléter",
}


def unknown_blanks(text: str) -> tuple[str, ...]:
    """Will return the blanks that nothing could ever fill, in their order, each once."""
    return tuple(dict.fromkeys(name for name in BLANK.findall(text) if name not in BLANKS))


def unknown_in_words(names: tuple[str, ...]) -> str:
    """Will say which blanks are unknown, and which there are."""
    said = ", ".join(f"{{{name}}}" for name in names)
    there_are = ", ".join(f"{{{name}}}" for name in BLANKS)
    begins = f"Le blanc {said} n’existe pas" if len(names) == 1 else f"Les blancs {said} n’existent pas"
    return f"{begins}. Il y a : {there_are}."


def filled(text: str, words: Mapping[str, str]) -> str:
    """Will fill the blanks of a template; one whose words are missing or empty is left « … »."""
    return BLANK.sub(lambda blank: words.get(blank[1], "") or UNFILLED, text)
