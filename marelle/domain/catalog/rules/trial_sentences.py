"""What a simulation found, in plain French: the limits of a day, and why a day is odd."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.domain.catalog.rules.cutoffs import Boundary
from marelle.domain.catalog.rules.simulation import Oddity
from marelle.foundation.french_dates import NO_BREAK, moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marelle.domain.catalog.rules.cutoffs import Deadline

NEVER: Final = "pas en ligne"
NOT_PUBLISHED: Final = "calendrier non publié"

# A few words for a tag or a column, then the sentence for a group of days.
ODDITIES: Final[Mapping[Oddity, tuple[str, str]]] = {
    Oddity.IMPOSSIBLE: (
        "aucune limite",
        "Le règlement et le calendrier ne donnent pas de limite : la famille serait renvoyée à la mairie.",
    ),
    Oddity.AFTER_ANOTHER: (
        "limite après celle d’un jour suivant",
        "La limite tombe après celle d’un jour de service qui vient plus tard : l’ordre des jours est renversé.",
    ),
    Oddity.ON_PUBLIC_HOLIDAY: (
        "limite un jour férié",
        "La limite tombe un jour férié : personne n’est à la mairie pour répondre.",
    ),
    Oddity.ON_BRIDGE_DAY: (
        "limite un jour de pont",
        "La limite tombe un jour de pont, entre un jour férié et une fin de semaine.",
    ),
    Oddity.FIRST_SCHOOL_DAY: (
        "jour de rentrée",
        "Ce sont les jours de rentrée : vérifiez que les familles y pensent à temps, avant ou pendant les vacances.",
    ),
    Oddity.IN_SCHOOL_HOLIDAYS: (
        "limite pendant les vacances",
        "La limite tombe pendant les vacances scolaires, pour un jour de classe.",
    ),
    Oddity.FAR: (
        "plus tôt que d’habitude",
        "La limite tombe plus longtemps avant le service que d’habitude pour ce jour de la semaine.",
    ),
    Oddity.NEAR: (
        "plus tard que d’habitude",
        "La limite tombe plus près du service que d’habitude pour ce jour de la semaine.",
    ),
    Oddity.ON_SUNDAY: ("limite un dimanche", "La limite tombe un dimanche."),
    Oddity.ON_SATURDAY: ("limite un samedi", "La limite tombe un samedi."),
    Oddity.TOWN_HALL_SHUT: ("mairie fermée", "La limite tombe un jour de semaine où la mairie est fermée."),
    Oddity.ESTIMATED: (
        NOT_PUBLISHED,
        "Les vacances ne sont pas encore publiées : elles sont estimées d’après la dernière année connue.",
    ),
}


def limit_in_words(limit: Deadline | None) -> str:
    """Will write « avant jeudi 27 novembre, 9 h », « jusqu’au jeudi 27 novembre, 9 h »; NEVER when there is none."""
    if limit is None:
        return NEVER
    if limit.boundary is Boundary.BEFORE:
        return f"avant le{NO_BREAK}{moment(limit.moment)}"
    return f"jusqu’au{NO_BREAK}{moment(limit.moment)}"
