"""The pupils of a school, as ONDE extracts them (Listes et documents, Extractions): layouts of before and after 2018.

Their columns and formats are those of the extractions themselves (`;`, ISO-8859-1, JJ/MM/AAAA or AAAA-MM-JJ). What
ONDE holds besides (INE, authorizations, passage) is of no use here and is not read: nothing is kept without a need.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from marelle.domain.onboarding.rules.imports.cells import LONGEST_CLASS, Cells
from marelle.domain.onboarding.rules.imports.classes import ClassNames, class_difference
from marelle.domain.onboarding.rules.imports.columns import Column, Where
from marelle.domain.onboarding.rules.imports.kinds import Create, Difference, Entry, Line, Options, Set, Value, Verdict
from marelle.domain.onboarding.rules.imports.known import Known, KnownChild
from marelle.domain.onboarding.rules.imports.matching import Finder, identity_differences
from marelle.foundation.table_files import Row

COLUMNS: Final = (
    Column("last_name", "Nom élève", ("Nom de famille élève", "Nom de famille", "Nom"), is_needed=True),
    Column("usage_name", "Nom d’usage élève", ("Nom d’usage", "Nom usage élève")),
    Column("first_name", "Prénom élève", ("Prénom",), is_needed=True),
    Column("birth_date", "Date naissance", ("Date de naissance", "Né le", "Née le"), is_needed=True),
    Column("level", "Niveau"),
    Column("class_name", "Libellé classe", ("Classe", "Nom de la classe")),
)
NOT_IN_FILE: Final = "Il n’est pas dans le fichier. Coché, il quitte sa classe ; rien d’autre ne change."


class PupilsOfASchool:
    """ONDE, élèves: one row a pupil. Those of the school who are not in the file are shown as having left."""

    code = "onde-eleves"
    title = "ONDE, élèves"
    columns = COLUMNS
    is_of_a_school = True
    is_takeover = False

    def entries(self, rows: Sequence[Row], where: Where, *, on: date) -> tuple[Entry, ...]:
        """Will read the pupils."""
        return tuple(_entry(row, where, on=on) for row in rows)

    def lines(self, entries: Sequence[Entry], known: Known, options: Options) -> tuple[Line, ...]:
        """Will compare the pupils with the children who are known."""
        assert options.facility is not None  # noqa: S101  the school is asked with the file
        school = options.facility
        said = [one.says for one in entries if not one.faults]
        classes = ClassNames(known, [(school, one["class_name"], one["level"]) for one in said])
        finder = Finder(known, options)
        lines = [child_line(one, known, finder, classes, school) for one in entries]
        return (*lines, *left_lines(known, finder, {school}))


def _entry(row: Row, where: Where, *, on: date) -> Entry:
    cells = Cells(row.cells, where)
    says = {
        "last_name": cells.name("last_name", "Nom", is_needed=True),
        "usage_name": cells.name("usage_name", "Nom d’usage"),
        "first_name": cells.name("first_name", "Prénom", is_first=True, is_needed=True),
        "birth_date": cells.birth_date("birth_date", on=on),
        "level": cells.text("level", "Niveau", longest=LONGEST_CLASS).upper(),
        "class_name": cells.text("class_name", "Classe", longest=LONGEST_CLASS),
    }
    return Entry(row.number, says, tuple(cells.faults), tuple(cells.notes))


def child_line(entry: Entry, known: Known, finder: Finder, classes: ClassNames, school: int | None) -> Line:
    """Will compare a child of a file, whose class is of a school (key) if any, with those who are known."""
    says = entry.says
    names = (says.get("usage_name") or says["last_name"], says["last_name"])
    label = " ".join(filter(None, (says["first_name"], names[0]))) or "Sans nom"
    if entry.faults:
        return Line(entry.number, label, Verdict.REFUSED, words=entry.faults, entry=entry)
    found = finder.find(entry, *names)
    wanted = classes.named(school, says["class_name"]) if school is not None else None
    if found.child is None:
        is_new = found.verdict is Verdict.NEW
        acts = (
            *(wanted.acts if wanted else ()),
            new_child(entry.number, says["first_name"], names[0], says["birth_date"], wanted.value if wanted else None),
        )
        words = (*found.words, *entry.notes, *(wanted.notes if wanted and is_new else ()))
        return Line(
            entry.number,
            label,
            found.verdict,
            words=words,
            candidates=found.candidates,
            acts=acts if is_new else (),
            entry=entry,
        )
    differences = (
        *identity_differences(found.child, says, *names),
        *class_difference(found.child, wanted, known),
    )
    words = (*entry.notes, *(wanted.notes if wanted else ()))
    return Line(
        entry.number,
        label,
        Verdict.CHANGED if differences else Verdict.UNCHANGED,
        key=found.child.key,
        words=words,
        differences=differences,
        entry=entry,
    )


def new_child(number: int, first_name: str, last_name: str, birth_date: str, school_class: Value) -> Create:
    """Will return what creates the child of a line."""
    values: tuple[tuple[str, Value], ...] = (
        ("first_name", first_name),
        ("last_name", last_name),
        ("birth_date", date.fromisoformat(birth_date)),
        ("school_class", school_class),
    )
    return Create("child", child_ref(number), values)


def child_ref(number: int) -> str:
    """Will return the name of the child that a line creates."""
    return f"child {number}"


def left_lines(known: Known, finder: Finder, schools: set[int]) -> tuple[Line, ...]:
    """Will return the children of these schools whom no line is about, nor may be."""
    left = [
        one
        for one in known.children
        if one.school_class is not None
        and known.class_of[one.school_class].school in schools
        and one.key not in finder.seen
        and one.key not in finder.maybe
    ]
    return tuple(_left(one, known) for one in left)


def _left(child: KnownChild, known: Known) -> Line:
    act = Set("child", child.key, "school_class", child.school_class, None)
    difference = Difference("school_class", "Classe", known.class_in_words(child.school_class), "", (act,))
    return Line(0, child.name, Verdict.LEFT, key=child.key, words=(NOT_IN_FILE,), differences=(difference,))
