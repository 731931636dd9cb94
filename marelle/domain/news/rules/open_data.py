"""Menus as open data: « menus-collectifs » v1.2.3 of the SCDL, a row a dish and a restaurant.

https://schema.data.gouv.fr/scdl/menus-collectifs: UTF-8, commas, dates of ISO 8601. What is not known stays empty. The
codes and words are the schema's own, its plurals included (« fruits à coques »).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from marelle.domain.news.rules.menus import MARKS, Allergen, DayMenu, Mark, Meal

INSEE: Final = re.compile("([013-9][0-9]|2[AB1-9])[0-9]{3}")
# La Poste numbers its offices out of the usual key: the sum of their digits is a multiple of five.
EVERY_GUEST: Final = "tous"

COLUMNS: Final = (
    "menuCollNom",
    "menuCollSiret",
    "menuEtablissementNom",
    "menuEtablissementSiret",
    "menuRestaurantNom",
    "menuRestaurantInsee",
    "menuRestaurantId",
    "menuRestaurantIdType",
    "menuRestaurantType",
    "menuRestaurantConvive",
    "menuDate",
    "menuRepasType",
    "menuPlatType",
    "menuPlatNom",
    "menuPlatCode",
    "menuPlatSiqo",
    "menuPlatLabel",
    "menuPlatPrecision",
    "menuPlatRegime",
    "menuPlatAllergene",
    "menuPlatTexture",
    "menuPlatNutriscore",
    "menuPlatPrix",
    "menuPublicationDate",
    "menuModificationDate",
    "menuModificationInfo",
)
ALLERGENS: Final = {
    Allergen.GLUTEN: "céréales contenant du gluten",
    Allergen.CRUSTACEANS: "crustacés",
    Allergen.EGGS: "oeufs",
    Allergen.FISH: "poissons",
    Allergen.PEANUTS: "arachides",
    Allergen.SOY: "soja",
    Allergen.MILK: "lait",
    Allergen.NUTS: "fruits à coques",
    Allergen.CELERY: "céleri",
    Allergen.MUSTARD: "moutarde",
    Allergen.SESAME: "graines de sésame",
    Allergen.SULPHITES: "anhydride sulfureux et sulfites",
    Allergen.LUPIN: "lupin",
    Allergen.MOLLUSCS: "mollusques",
}
OFFICIAL_SIGNS: Final = {
    Mark.ORGANIC: "agriculture biologique",
    Mark.AOP: "appellation d'origine protégée",
    Mark.IGP: "indication géographique protégée",
    Mark.STG: "spécialité traditionnelle garantie",
    Mark.LABEL_ROUGE: "label rouge",
}
DIETS: Final = {Mark.VEGETARIAN: "végétarien"}


class Restaurant(StrEnum):
    """What a restaurant is, among the words of the schema (menuRestaurantType)."""

    NURSERY = "maternelle"
    ELEMENTARY = "élémentaire"
    LEISURE_CENTRE = "centre de loisirs"
    OTHER = "autre"


# The levels of classes, as schools write them.
_NURSERY_LEVELS: Final = frozenset({"TPS", "PS", "MS", "GS"})
_ELEMENTARY_LEVELS: Final = frozenset({"CP", "CE1", "CE2", "CM1", "CM2"})


def school_type(levels: Iterable[str]) -> Restaurant:
    """Will say what a school is by the levels of its classes; one that has both, or says none, is « autre »."""
    known = {part for level in levels for part in re.split(r"[^A-Z0-9]+", level.upper()) if part}
    is_nursery, is_elementary = bool(known & _NURSERY_LEVELS), bool(known & _ELEMENTARY_LEVELS)
    if is_nursery == is_elementary:
        return Restaurant.OTHER
    return Restaurant.NURSERY if is_nursery else Restaurant.ELEMENTARY


@dataclass(frozen=True, slots=True)
class Publisher:
    """The authority that publishes, and who cooks."""

    name: str
    siret: str
    insee_code: str
    kitchen: str
    kitchen_siret: str


@dataclass(frozen=True, slots=True)
class ServedMenu:
    """A menu where it is eaten. Moments are aware; allergens that nobody checked are not told."""

    restaurant: str
    kind: Restaurant
    meal: Meal
    menu: DayMenu
    allergens_checked: bool
    published_at: datetime
    changed_at: datetime


def rows(publisher: Publisher, menus: Iterable[ServedMenu]) -> Iterator[Sequence[str]]:
    """Will yield the rows of the file, in the order of COLUMNS."""
    for served in menus:
        for dish in served.menu.dishes:
            other = [MARKS[one] for one in Mark if one in dish.marks - OFFICIAL_SIGNS.keys() - DIETS.keys()]
            yield (
                publisher.name,
                publisher.siret,
                publisher.kitchen or publisher.name,
                publisher.kitchen_siret,
                served.restaurant,
                publisher.insee_code if INSEE.fullmatch(publisher.insee_code) else "",
                "",
                "sans",
                served.kind,
                EVERY_GUEST,
                served.menu.day.isoformat(),
                served.meal,
                dish.course,
                dish.name,
                "",
                _array(words for one, words in OFFICIAL_SIGNS.items() if one in dish.marks),
                ";".join([*other, dish.label] if dish.label else other),
                served.menu.special,
                _array(words for one, words in DIETS.items() if one in dish.marks),
                _array(words for one, words in ALLERGENS.items() if one in dish.allergens and served.allergens_checked),
                "",
                "",
                "",
                _moment(served.published_at),
                _moment(served.changed_at) if served.changed_at > served.published_at else "",
                "",
            )


def as_csv(publisher: Publisher, menus: Iterable[ServedMenu]) -> bytes:
    """Will return the whole file."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows(publisher, menus))
    return written.getvalue().encode()


def _array(words: Iterable[str]) -> str:
    said = list(words)
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")) if said else ""


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
