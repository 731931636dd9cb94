"""What a new town is given without being asked: its name in addresses, its school zone, its time zone.

Zones of school holidays: article D. 521-6 of the code de l’éducation groups the académies; each has its départements
(article R. 222-2). Corsica and the départements d’outre-mer publish their own calendar.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import chain, count
from typing import TYPE_CHECKING, Final

from marelle.domain.authorities.rules.slugs import is_free

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_SLUG: Final = 60
ROOM_FOR_MORE: Final = 10  # « -974-12 »
# How long an opening link is good for.
LINK_DAYS: Final = 2
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ZONES: Final = {
    # Besançon, Bordeaux, Clermont-Ferrand, Dijon, Grenoble, Limoges, Lyon, Poitiers
    "A": "25 39 70 90 24 33 40 47 64 03 15 43 63 21 58 71 89 07 26 38 73 74 19 23 87 01 42 69 16 17 79 86",
    # Aix-Marseille, Amiens, Lille, Nancy-Metz, Nantes, Nice, Normandie, Orléans-Tours, Reims, Rennes, Strasbourg
    "B": "04 05 13 84 02 60 80 59 62 54 55 57 88 44 49 53 72 85 06 83 14 27 50 61 76 18 28 36 37 41 45 08 10 51 52 22 "
    "29 35 56 67 68",
    # Créteil, Montpellier, Paris, Toulouse, Versailles
    "C": "77 93 94 11 30 34 48 66 75 09 12 31 32 46 65 81 82 78 91 92 95",
}
_ZONE_OF: Final = {department: zone for zone, codes in _ZONES.items() for department in codes.split()}
_TIMEZONES: Final = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}


def zone_of(department: str) -> str:
    """Will return the school zone of a département: A, B, C, or nothing where the calendar is its own."""
    return _ZONE_OF.get(department, "")


def timezone_of(department: str) -> str:
    """Will return the time zone in which a département lives."""
    return _TIMEZONES.get(department, "Europe/Paris")


def is_slug(text: str) -> bool:
    """Will tell whether a text may name an authority in addresses: letters without accents, figures, hyphens."""
    return len(text) <= LONGEST_SLUG and _SLUG.fullmatch(text) is not None and is_free(text)


def proposed_slug(name: str, department: str, is_taken: Callable[[str], bool]) -> str:
    """Will return a free name in addresses, made of the name of a town, then of its département when another has it.

    « Saint-Denis » gives « saint-denis », then « saint-denis-93 », then « saint-denis-93-2 »…
    """
    bare = unicodedata.normalize("NFKD", name.lower().replace("œ", "oe").replace("æ", "ae"))
    words = re.findall(r"[a-z0-9]+", "".join(each for each in bare if not unicodedata.combining(each)))
    base = "-".join(words)[: LONGEST_SLUG - ROOM_FOR_MORE].strip("-") or "collectivite"
    tries = chain([base, f"{base}-{department.lower()}"], (f"{base}-{department.lower()}-{n}" for n in count(2)))
    return next(one for one in tries if is_slug(one) and not is_taken(one))
