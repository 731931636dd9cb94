"""A menu as it is typed, or copied from a spreadsheet: « Gratin de courgettes [bio, local] (lait, gluten) »."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from marelle.domain.news.rules.menus import ALLERGENS, LONGEST_NAME, MARKS, Allergen, Course, Dish, Mark

LONGEST_LABEL: Final = 60
LONGEST_PASTE: Final = 20_000
WEEKDAYS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi")
# What a table without the names of its courses is read as, from its first row on.
USUAL: Final = (Course.STARTER, Course.MAIN, Course.SIDE, Course.DAIRY, Course.DESSERT)
# A spreadsheet would take these for a formula, and a list for a bullet; no dish begins with one.
_NOT_A_NAME: Final = "=+-@•·*–—\t \N{NO-BREAK SPACE}"
_SAID_IN_NAME: Final = re.compile(r"\((?P<round>[^()]*)\)|\[(?P<square>[^\[\]]*)\]")
_BETWEEN: Final = re.compile(r"[,;/\n]|\s+et\s+(?!sulfites)", re.IGNORECASE)


def plain(words: str) -> str:
    """Will return words as they are compared: lower case, no accent, no plural, single spaces."""
    folded = unicodedata.normalize("NFKD", words.lower().replace("œ", "oe").replace("’", "'"))
    letters = "".join(one for one in folded if not unicodedata.combining(one))
    return " ".join(word.rstrip("sx.") or word for word in letters.split())


_ALLERGENS: Final[Mapping[str, Allergen]] = {
    **{plain(words): one for one, words in ALLERGENS.items()},
    **{
        plain(words): one
        for one, said in {
            Allergen.GLUTEN: ("céréales contenant du gluten", "céréales", "blé"),
            Allergen.EGGS: ("oeuf",),
            Allergen.PEANUTS: ("cacahuète",),
            Allergen.MILK: ("lactose", "produits laitiers"),
            Allergen.NUTS: ("fruit à coque", "fruits à coques", "noix"),
            Allergen.SESAME: ("graines de sésame",),
            Allergen.SULPHITES: ("anhydride sulfureux et sulfites", "anhydride sulfureux", "so2"),
            Allergen.SOY: ("soya",),
        }.items()
        for words in said
    },
}
_MARKS: Final[Mapping[str, Mark]] = {
    **{plain(words): one for one, words in MARKS.items()},
    **{
        plain(words): one
        for one, said in {
            Mark.VEGETARIAN: ("végétarienne", "végé", "vg"),
            Mark.ORGANIC: ("ab", "biologique", "agriculture biologique"),
            Mark.LOCAL: ("locale", "circuit court"),
            Mark.AOP: ("aoc", "appellation d'origine protégée"),
            Mark.SUSTAINABLE_FISHING: ("msc",),
            Mark.HVE: ("hve",),
            Mark.FARM: ("fermière", "produit de la ferme"),
            Mark.HOME_MADE: ("maison",),
        }.items()
        for words in said
    },
}
# Words that say a mark wherever they stand in a name; the others may belong to the dish (« tarte maison »).
_SAID_ALONE: Final = re.compile(r"\b(?:bio|aop|aoc|igp|stg|hve|label rouge|v[ée]g[ée]tarien(?:ne)?s?)\b", re.IGNORECASE)
_COURSES: Final[Mapping[str, Course]] = {
    plain(words): one
    for one, said in {
        Course.STARTER: ("entrée", "hors d'œuvre", "hors d'oeuvre", "crudités"),
        Course.MAIN: ("plat principal", "plat", "plat protidique", "viande", "viande ou poisson"),
        Course.SIDE: ("garniture", "accompagnement", "légumes", "féculent", "légumes et féculents"),
        Course.DAIRY: ("produit laitier", "laitage", "fromage", "fromage ou laitage"),
        Course.DESSERT: ("dessert", "fruit"),
        Course.BREAD: ("pain",),
        Course.OTHER: ("autre",),
    }.items()
    for words in said
}

# Words that head a row and are no dish: « pain », « fromage » may be either.
_HEADINGS: Final = frozenset(map(plain, ("entrée", "hors d'œuvre", "plat", "plat principal", "dessert")))


class UnreadableDishError(Exception):
    """What was typed is not a dish; `words` says why, in French."""

    def __init__(self, words: str) -> None:
        """Will keep why."""
        super().__init__("a dish cannot be read")
        self.words = words


@dataclass(frozen=True, slots=True)
class Typed:
    """A dish as it is typed: three texts."""

    name: str
    allergens: str = ""
    marks: str = ""


def typed(dish: Dish) -> Typed:
    """Will write a dish as it would be typed."""
    return Typed(dish.name, ", ".join(dish.allergen_words), ", ".join(dish.mark_words))


def read_dish(course: Course, text: Typed) -> Dish | None:
    """Will read a dish, None when nothing was typed.

    Allergens between brackets after a name are read as such: « Gratin (lait, gluten) ». What is between them and is no
    list of allergens stays in the name: « Poisson (du marché) ». Raises UnreadableDishError.
    """
    name, allergens, marks, labels = _taken_from(text.name)
    unknown = [word for word in _listed(text.allergens) if plain(word) not in _ALLERGENS]
    if unknown:
        raise UnreadableDishError(
            f"« {unknown[0]} » n’est pas un des 14 allergènes. Choisissez parmi : {', '.join(ALLERGENS.values())}."
        )
    allergens |= {_ALLERGENS[plain(word)] for word in _listed(text.allergens)}
    for word in _listed(text.marks):
        if plain(word) in _MARKS:
            marks.add(_MARKS[plain(word)])
        else:
            labels.append(word)
    label = ", ".join(labels)
    if not name:
        if allergens or marks or label:
            raise UnreadableDishError("Donnez le nom de ce plat.")
        return None
    if len(name) > LONGEST_NAME:
        raise UnreadableDishError(f"Le nom d’un plat tient en {LONGEST_NAME} caractères.")
    if len(label) > LONGEST_LABEL:
        raise UnreadableDishError(f"Les autres labels d’un plat tiennent en {LONGEST_LABEL} caractères.")
    return Dish(course, name, frozenset(allergens), frozenset(marks), label)


def _listed(text: str) -> list[str]:
    return [word.strip() for word in _BETWEEN.split(text) if word.strip()]


def _taken_from(text: str) -> tuple[str, set[Allergen], set[Mark], list[str]]:
    """Will take out of a name what is said between brackets: allergens when all are, marks between square ones."""
    allergens: set[Allergen] = set()
    marks: set[Mark] = set()
    labels: list[str] = []
    kept = text
    for found in _SAID_IN_NAME.finditer(text):
        words = _listed(found["round"] or found["square"] or "")
        if words and all(plain(word) in _ALLERGENS for word in words):
            allergens |= {_ALLERGENS[plain(word)] for word in words}
        elif words and all(plain(word) in _MARKS for word in words):
            marks |= {_MARKS[plain(word)] for word in words}
        elif found["square"] is not None:
            labels += words
        else:
            continue
        kept = kept.replace(found[0], " ")
    name = " ".join(kept.lstrip(_NOT_A_NAME).split())
    marks |= {_MARKS[plain(one)] for one in _SAID_ALONE.findall(name)}
    return name, allergens, marks, labels


@dataclass(frozen=True, slots=True)
class PastedWeek:
    """What was copied: by place of the day in the week (0 is Monday), the dishes as they were written, in order."""

    days: Mapping[int, Sequence[tuple[Course, str]]]

    @property
    def count(self) -> int:
        """Will return how many dishes there are."""
        return sum(len(dishes) for dishes in self.days.values())


def read_table(text: str) -> PastedWeek:
    """Will read a table copied from a spreadsheet: a column a day, a row a course.

    A row that names days says which columns they are; without one they come in order. A first cell that names a course
    says what its row is, until another does; without any, rows are starter, main, side, dairy, dessert.
    """
    separator = "\t" if "\t" in text else ";"
    rows = [
        [" ".join(cell.split()) for cell in row]
        for row in csv.reader(io.StringIO(text[:LONGEST_PASTE].replace("\0", "")), delimiter=separator)
    ]
    rows = [row for row in rows if any(row)]
    columns: dict[int, int] = {}
    days: dict[int, list[tuple[Course, str]]] = {}
    has_courses = any(plain(row[0].strip(" :")) in _HEADINGS for row in rows)
    course: Course | None = None
    read = 0
    for row in rows:
        named = {place: day for place, cell in enumerate(row) if (day := _weekday_of(cell)) is not None}
        if named:
            columns = named
            continue
        if has_courses:
            course = _course_of(row[0]) or course or Course.OTHER
        else:
            course = USUAL[read] if read < len(USUAL) else Course.OTHER
        read += 1
        first = 1 if has_courses else 0
        places = columns or {first + day: day for day in range(len(WEEKDAYS))}
        for place, day in places.items():
            if place < len(row) and row[place]:
                days.setdefault(day, []).append((course, row[place]))
    return PastedWeek(days)


def _course_of(cell: str) -> Course | None:
    return _COURSES.get(plain(cell.strip(" :")))


def _weekday_of(cell: str) -> int | None:
    first = plain(cell).split(" ", 1)[0]
    return next((place for place, name in enumerate(WEEKDAYS) if plain(name) == first), None)


def day_of(monday: date, place: int) -> date:
    """Will return the day of a week by its place."""
    return date.fromordinal(monday.toordinal() + place)
