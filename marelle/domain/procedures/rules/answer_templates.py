"""Words that agents answer with, written once with blanks: « Votre demande n° {numero} … »."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.domain.procedures.rules.definitions import BLANK

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

# What a blank stands for in any procedure; the questions of a procedure are blanks too, by their codes.
COMMON_BLANKS: Final = {
    "numero": "le numéro de la demande",
    "demarche": "le titre de la démarche",
    "famille": "le nom de la famille",
    "enfants": "les prénoms des enfants concernés",
    "recue_le": "le jour où la demande a été reçue",
    "service": "le service qui répond",
    "agent": "le nom de l’agent qui écrit",
}


def filled(body: str, words: Mapping[str, str]) -> str:
    """Will return the body with its blanks filled; « … » where nothing is known, for the agent to write."""

    def word(blank: re.Match[str]) -> str:
        return words.get(blank[1]) or "…"

    return BLANK.sub(word, body)
