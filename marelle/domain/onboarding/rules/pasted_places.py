"""Schools and centers as a town hall pastes them: a name a line, its classes after it.

« École des Tilleuls : PS, MS, GS (M. Aubry), CP-CE1 ». What cannot be read is said line by line, and nothing is made.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MOST_PLACES: Final = 80
MOST_CLASSES: Final = 60
LONGEST_PLACE: Final = 100
LONGEST_CLASS: Final = 40
LONGEST_TEACHER: Final = 80
LONGEST_CODE: Final = 40
LEVELS: Final = ("TPS", "PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2")
SCHOOL, LEISURE_CENTRE, OTHER = "school", "leisure_centre", "other"
_CENTRE: Final = re.compile(r"\b(centre|accueil|loisirs|alsh|clsh|ludothèque)\b", re.IGNORECASE)
_MARK: Final = re.compile(r"^[\s•*·\-–—]+")  # a list pasted with its bullets
_CLASS: Final = re.compile(r"^(?P<name>[^()]+?)\s*(?:\((?P<teacher>[^()]+)\))?$")


@dataclass(frozen=True, slots=True)
class PastedClass:
    """A class, as it was written; `level` is the first level that its name holds."""

    code: str
    name: str
    level: str = ""
    teacher: str = ""


@dataclass(frozen=True, slots=True)
class PastedPlace:
    """A school or a center: `code` names it in files and addresses, `kind` is one of Facility.Kind."""

    code: str
    name: str
    kind: str
    classes: tuple[PastedClass, ...] = ()


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was understood, and what was not: a sentence for each line at fault, which names it."""

    places: tuple[PastedPlace, ...]
    faults: tuple[str, ...]


def read_places(text: str) -> Pasted:
    """Will read one place a line: its name, then « : » and its classes, separated by commas or semicolons."""
    places: list[PastedPlace] = []
    faults: list[str] = []
    for line in text.splitlines():
        said = _MARK.sub("", line).strip().rstrip(",;")
        if not said:
            continue
        if len(places) == MOST_PLACES:
            faults.append(f"{MOST_PLACES} lieux au plus à la fois : gardez les suivants pour une seconde fois.")
            break
        place = _place(said, {one.code for one in places})
        faults += _faults(place, places)
        places.append(place)
    return Pasted(tuple(places), tuple(faults))


def code_of(name: str, taken: frozenset[str] | set[str] = frozenset(), *, longest: int = LONGEST_CODE) -> str:
    """Will return a short name made of `name`, for addresses and files, that none of `taken` is."""
    plain = unicodedata.normalize("NFKD", name.lower().replace("œ", "oe").replace("æ", "ae"))
    code = re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")[:longest].rstrip("-")
    code = code or "lieu"
    found, number = code, 2
    while found in taken:
        tail = f"-{number}"
        found, number = f"{code[: longest - len(tail)].rstrip('-')}{tail}", number + 1
    return found


def _place(said: str, taken: set[str]) -> PastedPlace:
    name, _, rest = said.partition(":")
    name = " ".join(name.split())
    kind = LEISURE_CENTRE if _CENTRE.search(name) and "école" not in name.lower() else SCHOOL
    return PastedPlace(code_of(name, taken), name, kind, tuple(_classes(rest)))


def _classes(rest: str) -> Iterator[PastedClass]:
    taken: set[str] = set()
    for part in re.split(r"[,;]", rest):
        found = _CLASS.match(part.strip())
        if not part.strip():
            continue
        name = " ".join((found["name"] if found else part).split())
        code = code_of(name, taken)
        taken.add(code)
        words = re.findall(r"[A-Z]+[12]?", name.upper())
        level = next((word for word in words if word in LEVELS), "")
        yield PastedClass(code, name, level, " ".join((found["teacher"] or "").split()) if found else "")


def _faults(place: PastedPlace, before: list[PastedPlace]) -> Iterator[str]:
    where = f"« {place.name[:LONGEST_CLASS]} »"
    if not place.name:
        yield f"Il manque un nom devant « : {', '.join(one.name for one in place.classes)[:LONGEST_CLASS]} »."
    if len(place.name) > LONGEST_PLACE:
        yield f"{where} est trop long : {LONGEST_PLACE} caractères au plus."
    if any(one.name.lower() == place.name.lower() for one in before):
        yield f"{where} est écrit deux fois."
    if len(place.classes) > MOST_CLASSES:
        yield f"{where} a plus de {MOST_CLASSES} classes."
    for one in place.classes:
        if len(one.name) > LONGEST_CLASS or len(one.teacher) > LONGEST_TEACHER:
            yield f"{where} : « {one.name[:LONGEST_CLASS]} » est trop long. Séparez les classes par des virgules."
