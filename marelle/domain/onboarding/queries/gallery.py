"""The règlements that ship with Marelle: common ones, in our words, that an authority takes and then makes its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from marelle.domain.catalog.rules.reglements import Reglement
from marelle.domain.catalog.rules.written import read_reglement
from marelle.domain.onboarding.rules.presets import Days
from marelle.foundation.yaml_files import parsed, text_of

_FOLDER: Final = Path(__file__).parent.parent / "ready" / "reglements"
_BIGGEST: Final = 64 * 1024
# In the order in which they are shown: what most towns choose comes first.
CODES: Final = (
    "veille-de-classe",
    "veille-au-soir",
    "deux-jours-ouvres",
    "jeudi-pour-la-semaine",
    "deux-commandes",
    "deux-temps",
    "vendredi-et-exception",
    "vingt-du-mois",
    "jour-meme",
    "mercredi-de-la-semaine-avant",
    "vacances-quinze-jours",
)


@dataclass(frozen=True, slots=True)
class ReadyReglement:
    """A règlement of the gallery: `aim` says for whom, `suits` on which days it makes sense, `data` is written."""

    code: str
    title: str
    aim: str
    suits: frozenset[Days]
    data: Any
    rules: Reglement


def ready_reglements() -> tuple[ReadyReglement, ...]:
    """Will return the gallery, in order."""
    return tuple(map(ready_reglement, CODES))


@cache
def ready_reglement(code: str) -> ReadyReglement:
    """Will return the one of this code; raises KeyError when there is none."""
    if code not in CODES:
        raise KeyError(code)
    said = _plain(parsed(text_of(_FOLDER / f"{code}.yaml", biggest=_BIGGEST)))
    suits = frozenset(map(Days, said["suits"]))
    return ReadyReglement(code, said["title"], said["aim"], suits, said["rules"], read_reglement(said["rules"]))


def _plain(said: Any) -> Any:
    """Will copy what the parser gave into plain values: what is written is kept as JSON."""
    if isinstance(said, Mapping):
        return {str(key): _plain(value) for key, value in said.items()}
    if isinstance(said, list):
        return [_plain(one) for one in said]
    return said if isinstance(said, bool | int) or said is None else str(said).strip()
