"""The guardians of a school's pupils, as ONDE extracts them: one row an adult, his children after him, by fours.

It gives no day of birth: a child is found by its name, then by its class. The pupils come first (`pupils`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from marelle.domain.onboarding.rules.imports.cells import LONGEST_CLASS, Cells
from marelle.domain.onboarding.rules.imports.columns import Column, Where, folded, squeezed
from marelle.domain.onboarding.rules.imports.homes import (
    TWO_HOMES,
    Adult,
    Changes,
    Home,
    Homes,
    KeptOutError,
    TwoHomesError,
)
from marelle.domain.onboarding.rules.imports.kinds import Candidate, Entry, Line, Options, Ref, Verdict
from marelle.domain.onboarding.rules.imports.known import Known, KnownChild, name_key
from marelle.foundation.table_files import Row

COLUMNS: Final = (
    Column("usage_name", "Nom usage responsable", ("Nom d’usage responsable",)),
    Column("last_name", "Nom responsable", ("Nom de famille responsable",), is_needed=True),
    Column("first_name", "Prénom responsable", is_needed=True),
    Column("address", "Adresse responsable"),
    Column("postcode", "CP responsable", ("Code postal responsable",)),
    Column("town", "Commune responsable"),
    Column("email", "Courriel", ("Adresse e-mail", "E-mail", "Email")),
    Column("home_phone", "Téléphone domicile"),
    Column("mobile", "Téléphone portable"),
    Column("child_usage_name", "Nom d’usage enfant", repeats=True),
    Column("child_last_name", "Nom de famille enfant", ("Nom enfant",), is_needed=True, repeats=True),
    Column("child_first_name", "Prénom enfant", is_needed=True, repeats=True),
    Column("child_class", "Classes enfants", ("Classe enfant",), repeats=True),
)
UNKNOWN: Final = "Aucun de ses enfants n’est connu : importez d’abord les élèves."
WHICH_CHILD: Final = "Plusieurs enfants portent ce nom : dites lequel."


@dataclass(frozen=True, slots=True)
class _Row:
    """A row whose children were looked for: those who were found, the names of the others, those who may be one."""

    entry: Entry
    adult: Adult
    children: tuple[KnownChild, ...]
    unknown: tuple[str, ...]
    maybe: tuple[KnownChild, ...]


class GuardiansOfPupils:
    """ONDE, responsables: a home is the adults of the same children at the same address; two addresses, two homes."""

    code = "onde-responsables"
    title = "ONDE, responsables"
    columns = COLUMNS
    is_of_a_school = False
    is_takeover = False

    def entries(self, rows: Sequence[Row], where: Where, *, on: date) -> tuple[Entry, ...]:
        """Will read the adults."""
        return tuple(_entry(row, where) for row in rows)

    def lines(self, entries: Sequence[Entry], known: Known, options: Options) -> tuple[Line, ...]:
        """Will compare the adults with the guardians of the children whom they name."""
        read = {one.number: _looked_for(one, known, options) for one in entries if not one.faults}
        homes = Homes(known, options.on)
        together = _homes([one for one in read.values() if one.children and not one.maybe])
        seen: dict[tuple[int, frozenset[str]], int] = {}
        return tuple(
            Line(one.number, _label(one), Verdict.REFUSED, words=one.faults, entry=one)
            if one.faults
            else _line(read[one.number], together, homes, known, seen)
            for one in entries
        )


def _entry(row: Row, where: Where) -> Entry:
    cells = Cells(row.cells, where)
    says = {
        "usage_name": cells.name("usage_name", "Nom d’usage"),
        "last_name": cells.name("last_name", "Nom", is_needed=True),
        "first_name": cells.name("first_name", "Prénom", is_first=True, is_needed=True),
        "address": cells.address("address", "postcode", "town"),
        "email": cells.email("email"),
        "phone": cells.phone("mobile") or cells.phone("home_phone"),
    }
    for group in range(max(cells.groups("child_last_name"), cells.groups("child_usage_name"))):
        child = {
            "last_name": cells.name("child_last_name", "Nom de l’enfant", group=group),
            "usage_name": cells.name("child_usage_name", "Nom d’usage de l’enfant", group=group),
            "first_name": cells.name("child_first_name", "Prénom de l’enfant", is_first=True, group=group),
            "class": cells.text("child_class", "Classe", longest=LONGEST_CLASS, group=group),
        }
        if child["first_name"] and (child["last_name"] or child["usage_name"]):
            says |= {f"child{group}_{name}": value for name, value in child.items()}
    return Entry(row.number, says, tuple(cells.faults), tuple(cells.notes))


def _label(entry: Entry) -> str:
    return " ".join(filter(None, (entry.says["first_name"], entry.says["usage_name"] or entry.says["last_name"]))) or (
        "Sans nom"
    )


def _looked_for(entry: Entry, known: Known, options: Options) -> _Row:
    says = entry.says
    answer = options.answer_to(entry.number)
    children: dict[int, KnownChild] = {}
    unknown: list[str] = []
    maybe: dict[int, KnownChild] = {}
    for group in sorted({name.split("_")[0] for name in says if name.startswith("child")}):
        first = says[f"{group}_first_name"]
        names = (says[f"{group}_usage_name"] or says[f"{group}_last_name"], says[f"{group}_last_name"])
        found = _named(known, first, names, says[f"{group}_class"])
        if answer.isdecimal() and any(one.key == int(answer) for one in found):
            found = [known.child_of[int(answer)]]
        if not found:
            unknown.append(f"{first} {names[0]}")
        elif len(found) == 1:
            children[found[0].key] = found[0]
        else:
            maybe |= {one.key: one for one in found}
    usage = says["usage_name"] or says["last_name"]
    adult = Adult(says["first_name"], usage, says["email"], says["phone"], other_name=says["last_name"])
    return _Row(entry, adult, tuple(children.values()), tuple(unknown), tuple(maybe.values()))


def _named(known: Known, first_name: str, names: Sequence[str], school_class: str) -> list[KnownChild]:
    """Will return the children of that name; of several, those of that class, if it tells."""
    found = {
        one.key: one for name in names if name for one in known.children_by_name.get(name_key(first_name, name), ())
    }
    if len(found) > 1:
        wanted = squeezed(school_class)
        there = {
            key: one
            for key, one in found.items()
            if one.school_class is not None and squeezed(known.class_of[one.school_class].name) == wanted
        }
        found = there or found
    return list(found.values())


def _homes(rows: Sequence[_Row]) -> Mapping[int, list[_Row]]:
    """Will return, by number of line, the rows of the same home: they share children and an address, step by step."""
    home_of: dict[tuple[int, str], int] = {}
    members: defaultdict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        places = [(child.key, folded(row.entry.says["address"])) for child in row.children]
        joined = sorted({home_of[place] for place in places if place in home_of})
        here = joined[0] if joined else row.entry.number
        for other in joined[1:]:
            members[here] += members.pop(other)
            home_of |= {place: here for place, home in home_of.items() if home == other}
        members[here].append(row)
        home_of |= dict.fromkeys(places, here)
    return {row.entry.number: together for together in members.values() for row in together}


def _line(
    row: _Row,
    together: Mapping[int, list[_Row]],
    homes: Homes,
    known: Known,
    seen: dict[tuple[int, frozenset[str]], int],
) -> Line:
    entry = row.entry
    label = _label(entry)
    missing = tuple(f"Enfant inconnu : {name}." for name in row.unknown)
    if row.maybe:
        candidates = tuple(
            Candidate(one.key, ", ".join(filter(None, (one.words, known.class_in_words(one.school_class)))))
            for one in row.maybe
        )
        return Line(
            entry.number, label, Verdict.AMBIGUOUS, words=(WHICH_CHILD, *missing), candidates=candidates, entry=entry
        )
    if not row.children:
        return Line(entry.number, label, Verdict.REFUSED, words=(UNKNOWN, *missing), entry=entry)
    rows = together[entry.number]
    first = min(one.entry.number for one in rows)
    twin = (first, row.adult.keys[0])
    if twin in seen:
        return Line(
            entry.number,
            label,
            Verdict.REFUSED,
            words=(f"Cette personne est déjà à la ligne {seen[twin]}.",),
            entry=entry,
        )
    seen[twin] = entry.number
    address = entry.says["address"]
    all_of_them = Home(tuple(one.adult for one in rows), address)
    children = {child.key: child.name for one in rows for child in one.children}
    try:
        family = homes.family_of(all_of_them, list(children))
    except TwoHomesError:
        return Line(entry.number, label, Verdict.REFUSED, words=(TWO_HOMES,), entry=entry)
    place: int | Ref = Ref(f"family {first}") if family is None else family
    own = Home((row.adult,), address, name=rows[0].adult.last_name)
    try:
        changes = homes.changes(own, place, [(one.key, one.name) for one in row.children], entry.number)
    except KeptOutError as error:
        return Line(entry.number, label, Verdict.REFUSED, words=error.words, entry=entry)
    return _with(entry, label, changes, (*missing, *entry.notes), is_new=family is None)


def _with(entry: Entry, label: str, changes: Changes, words: Sequence[str], *, is_new: bool) -> Line:
    adds = any(one.field == "guardian" for one in changes.differences)
    if is_new or adds:
        verdict = Verdict.NEW
    else:
        verdict = Verdict.CHANGED if changes.differences else Verdict.UNCHANGED
    return Line(
        entry.number,
        label,
        verdict,
        words=(*words, *changes.words),
        differences=changes.differences,
        acts=changes.acts,
        entry=entry,
    )
