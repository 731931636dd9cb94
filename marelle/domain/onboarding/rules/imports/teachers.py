"""The teachers of a school, as ONDE extracts them: what its classes are called beside, on lists and sheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from marelle.domain.onboarding.rules.imports.cells import LONGEST_CLASS, Cells
from marelle.domain.onboarding.rules.imports.classes import ClassNames
from marelle.domain.onboarding.rules.imports.columns import Column, Where, folded, squeezed
from marelle.domain.onboarding.rules.imports.kinds import Act, Create, Difference, Entry, Line, Options, Set, Verdict
from marelle.domain.onboarding.rules.imports.known import Known
from marelle.foundation.table_files import Row

COLUMNS: Final = (
    Column("civility", "Civilité"),
    Column("usage_name", "Nom usage", ("Nom d’usage",)),
    Column("last_name", "Nom", ("Nom de famille",), is_needed=True),
    Column("class_name", "Classe", ("Libellé classe",), is_needed=True),
)
LONGEST_TEACHER: Final = 80
_CIVILITIES: Final = {"mme": "Mme", "madame": "Mme", "mlle": "Mme", "m": "M.", "mr": "M.", "monsieur": "M."}


class TeachersOfASchool:
    """ONDE, enseignants: one row a teacher. Her first name, address and telephone are not read: of no use here."""

    code = "onde-enseignants"
    title = "ONDE, enseignants"
    columns = COLUMNS
    is_of_a_school = True
    is_takeover = False

    def entries(self, rows: Sequence[Row], where: Where, *, on: date) -> tuple[Entry, ...]:
        """Will read the teachers."""
        return tuple(_entry(row, where) for row in rows)

    def lines(self, entries: Sequence[Entry], known: Known, options: Options) -> tuple[Line, ...]:
        """Will compare the teachers of each class with those who are known; a class's first line names all."""
        assert options.facility is not None  # noqa: S101  the school is asked with the file
        school = options.facility
        read = [one for one in entries if not one.faults and squeezed(one.says["class_name"])]
        classes = ClassNames(known, [(school, one.says["class_name"], "") for one in read])
        of_class: dict[str, list[Entry]] = {}
        for one in read:
            of_class.setdefault(squeezed(one.says["class_name"]), []).append(one)
        return tuple(_line(one, of_class, classes, known, school) for one in entries)


def _entry(row: Row, where: Where) -> Entry:
    cells = Cells(row.cells, where)
    last_name = cells.name("last_name", "Nom", is_needed=True)
    civility = cells.raw("civility")
    says = {
        "teacher": " ".join(
            filter(None, (_CIVILITIES.get(folded(civility), ""), cells.name("usage_name", "Nom d’usage") or last_name))
        ),
        "class_name": cells.text("class_name", "Classe", longest=LONGEST_CLASS),
    }
    return Entry(row.number, says, tuple(cells.faults), tuple(cells.notes))


def _line(entry: Entry, of_class: dict[str, list[Entry]], classes: ClassNames, known: Known, school: int) -> Line:
    name = entry.says["class_name"]
    label = ", ".join(filter(None, (name, entry.says["teacher"]))) or "Sans nom"
    if entry.faults:
        return Line(entry.number, label, Verdict.REFUSED, words=entry.faults, entry=entry)
    wanted = classes.named(school, name)
    if wanted is None:
        return Line(entry.number, label, Verdict.UNCHANGED, words=("Sans classe.",), entry=entry)
    together = of_class[squeezed(name)]
    if together[0] is not entry:
        words = (f"Avec la ligne {together[0].number}.",)
        return Line(entry.number, label, Verdict.UNCHANGED, words=words, entry=entry)
    teacher = " et ".join(dict.fromkeys(one.says["teacher"] for one in together))
    if len(teacher) > LONGEST_TEACHER:
        teacher = together[0].says["teacher"]
    if not isinstance(wanted.value, int):
        acts = tuple(_taught(act, teacher) for act in wanted.acts)
        return Line(entry.number, f"{name}, {teacher}", Verdict.NEW, words=wanted.notes, acts=acts, entry=entry)
    found = known.class_of[wanted.value]
    if folded(found.teacher) == folded(teacher):
        return Line(entry.number, f"{name}, {teacher}", Verdict.UNCHANGED, key=found.key, entry=entry)
    act = Set("class", found.key, "teacher", found.teacher, teacher)
    difference = Difference("teacher", "Enseignant ou enseignante", found.teacher, teacher, (act,))
    return Line(
        entry.number, f"{name}, {teacher}", Verdict.CHANGED, key=found.key, differences=(difference,), entry=entry
    )


def _taught(act: Act, teacher: str) -> Act:
    assert isinstance(act, Create)  # noqa: S101  what creates a class
    return replace(act, values=(*act.values, ("teacher", teacher)))
