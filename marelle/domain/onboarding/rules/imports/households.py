"""Children and their guardians in one table of anybody's making: one row a child, up to two adults beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from marelle.domain.onboarding.rules.imports.cells import LONGEST_CLASS, Cells
from marelle.domain.onboarding.rules.imports.classes import ClassNames
from marelle.domain.onboarding.rules.imports.columns import Column, Where, folded
from marelle.domain.onboarding.rules.imports.homes import (
    TWO_HOMES,
    Adult,
    Home,
    Homes,
    KeptOutError,
    TwoHomesError,
)
from marelle.domain.onboarding.rules.imports.kinds import Entry, Line, Options, Ref, Verdict
from marelle.domain.onboarding.rules.imports.known import Known, name_key
from marelle.domain.onboarding.rules.imports.matching import Finder
from marelle.domain.onboarding.rules.imports.pupils import child_line, child_ref, left_lines
from marelle.foundation.table_files import Row

LONGEST_CODE: Final = 40
ADULTS: Final = ("g1", "g2")
COLUMNS: Final = (
    Column("last_name", "Nom de l’enfant", ("Nom enfant", "Nom élève", "Nom de famille enfant"), is_needed=True),
    Column("first_name", "Prénom de l’enfant", ("Prénom enfant", "Prénom élève"), is_needed=True),
    Column(
        "birth_date",
        "Date de naissance",
        ("Date naissance", "Né le", "Née le", "Date de naissance de l’enfant", "Date de naissance enfant"),
        is_needed=True,
    ),
    Column("school", "École", ("Établissement", "Groupe scolaire")),
    Column("class_name", "Classe", ("Libellé classe",)),
    Column("level", "Niveau"),
    Column("family_code", "Numéro de dossier", ("Dossier", "Code famille", "Numéro famille")),
    Column("family_name", "Nom de la famille", ("Famille",)),
    Column("address", "Adresse", ("Adresse du foyer", "Adresse postale")),
    Column("postcode", "Code postal", ("CP",)),
    Column("town", "Commune", ("Ville",)),
    Column("g1_last_name", "Nom du responsable 1", ("Nom responsable 1", "Nom responsable", "Nom du responsable")),
    Column("g1_first_name", "Prénom du responsable 1", ("Prénom responsable 1", "Prénom responsable")),
    Column("g1_email", "E-mail du responsable 1", ("E-mail responsable 1", "Courriel", "E-mail", "Email", "Mail")),
    Column("g1_phone", "Téléphone du responsable 1", ("Téléphone responsable 1", "Téléphone", "Portable")),
    Column("g2_last_name", "Nom du responsable 2", ("Nom responsable 2",)),
    Column("g2_first_name", "Prénom du responsable 2", ("Prénom responsable 2",)),
    Column("g2_email", "E-mail du responsable 2", ("E-mail responsable 2", "Courriel responsable 2")),
    Column("g2_phone", "Téléphone du responsable 2", ("Téléphone responsable 2",)),
)
NO_HOME: Final = "Aucun responsable : l’enfant est créé sans famille."


class ChildrenAndGuardians:
    """Children and guardians, CSV or Excel. Two children are of one home when they have its code or its adult."""

    code = "enfants-responsables"
    title = "Enfants et responsables (CSV ou Excel)"
    columns = COLUMNS
    is_of_a_school = False
    is_takeover = False

    def entries(self, rows: Sequence[Row], where: Where, *, on: date) -> tuple[Entry, ...]:
        """Will read the children, each with its home."""
        return tuple(_entry(row, where, on=on) for row in rows)

    def lines(self, entries: Sequence[Entry], known: Known, options: Options) -> tuple[Line, ...]:
        """Will compare the children and their homes with those that are known."""
        schools = {folded(one.name): one.key for one in known.schools}
        only = known.schools[0].key if len(known.schools) == 1 else None
        entries = [_of_a_school(one, schools, only) for one in entries]
        school_of = {one.number: schools.get(folded(one.says["school"]), only) for one in entries}
        named = [
            (school, one.says["class_name"], one.says["level"])
            for one in entries
            if not one.faults and (school := school_of[one.number]) is not None
        ]
        classes = ClassNames(known, named)
        finder = Finder(known, options)
        homes = Homes(known, options.on)
        lines = [
            _with_home(child_line(one, known, finder, classes, school_of[one.number]), one, homes) for one in entries
        ]
        return (*lines, *left_lines(known, finder, {school for school, name, _level in named if name}))


def _entry(row: Row, where: Where, *, on: date) -> Entry:
    cells = Cells(row.cells, where)
    says = {
        "last_name": cells.name("last_name", "Nom", is_needed=True),
        "first_name": cells.name("first_name", "Prénom", is_first=True, is_needed=True),
        "birth_date": cells.birth_date("birth_date", on=on),
        "school": cells.text("school", "École", longest=100),
        "class_name": cells.text("class_name", "Classe", longest=LONGEST_CLASS),
        "level": cells.text("level", "Niveau", longest=LONGEST_CLASS).upper(),
        "family_code": cells.text("family_code", "Numéro de dossier", longest=LONGEST_CODE),
        "family_name": cells.name("family_name", "Nom de la famille"),
        "address": cells.address("address", "postcode", "town"),
    }
    for adult in ADULTS:
        says |= {
            f"{adult}_last_name": cells.name(f"{adult}_last_name", "Nom du responsable"),
            f"{adult}_first_name": cells.name(f"{adult}_first_name", "Prénom du responsable", is_first=True),
            f"{adult}_email": cells.email(f"{adult}_email"),
            f"{adult}_phone": cells.phone(f"{adult}_phone"),
        }
        if says[f"{adult}_last_name"] and not says[f"{adult}_first_name"]:
            cells.faults.append("Prénom du responsable : il manque.")
    return Entry(row.number, says, tuple(cells.faults), tuple(cells.notes))


def _of_a_school(entry: Entry, schools: Mapping[str, int], only: int | None) -> Entry:
    """Will return the entry; refused when its school is not known, or is not said while it names a class."""
    school, class_name = entry.says["school"], entry.says["class_name"]
    if school and folded(school) not in schools:
        words = f"École inconnue : « {school} ». Créez-la, ou écrivez son nom comme ici."
    elif class_name and not school and only is None:
        words = "La classe est dite, mais pas l’école."
    else:
        return entry
    return replace(entry, faults=(*entry.faults, words))


def _home(says: Mapping[str, str]) -> Home:
    adults = tuple(
        Adult(says[f"{one}_first_name"], says[f"{one}_last_name"], says[f"{one}_email"], says[f"{one}_phone"])
        for one in ADULTS
        if says[f"{one}_last_name"]
    )
    return Home(adults, says["address"], says["family_code"], says["family_name"])


def _with_home(line: Line, entry: Entry, homes: Homes) -> Line:
    if line.verdict in {Verdict.REFUSED, Verdict.AMBIGUOUS}:
        return line
    home = _home(entry.says)
    if not home.adults and not home.code:
        return replace(line, words=(*line.words, NO_HOME)) if line.verdict is Verdict.NEW else line
    try:
        family = homes.family_of(home, [] if line.key is None else [line.key])
    except TwoHomesError:
        return replace(line, verdict=Verdict.REFUSED, words=(TWO_HOMES,), acts=(), differences=())
    place: int | Ref = Ref(_ref(home)) if family is None else family
    child = Ref(child_ref(entry.number)) if line.key is None else line.key
    try:
        changes = homes.changes(home, place, [(child, line.label)], entry.number)
    except KeptOutError as error:
        return replace(line, verdict=Verdict.REFUSED, words=error.words, acts=(), differences=())
    differs = line.verdict is Verdict.UNCHANGED and (changes.differences or changes.acts)
    return replace(
        line,
        verdict=Verdict.CHANGED if differs else line.verdict,
        words=(*line.words, *changes.words),
        differences=(*line.differences, *changes.differences),
        acts=(*line.acts, *changes.acts),
    )


def _ref(home: Home) -> str:
    """Will name a home that is to be created: by its code, or its first adult and where to find her."""
    if home.code:
        return f"family code {home.code.casefold()}"
    first = home.adults[0]
    where = folded(home.address) or first.email or first.phone
    return f"family {' '.join(sorted(name_key(first.first_name, first.last_name)))} {where}"
