"""September: each class goes to the next, or leaves; a child may do otherwise. By the levels, then as one says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from marelle.domain.onboarding.rules.imports.classes import LEVELS
from marelle.domain.onboarding.rules.imports.columns import Column, Where, folded
from marelle.domain.onboarding.rules.imports.kinds import Candidate, Difference, Entry, Line, Options, Set, Verdict
from marelle.domain.onboarding.rules.imports.known import Known, KnownClass
from marelle.foundation.table_files import Row

# What is answered of a class or a child who goes to none.
LEAVES: Final = "0"
STAYS: Final = ""
GONE: Final = "Cet enfant n’est plus connu."


class ClassChange:
    """Changement de classe: made without a file, from what an agent says of each class. An answer is a class (key)."""

    code = "changement-de-classe"
    title = "Changement de classe"
    columns: tuple[Column, ...] = ()
    is_of_a_school = False
    is_takeover = False

    def entries(self, rows: Sequence[Row], where: Where, *, on: date) -> tuple[Entry, ...]:
        """Will read nothing: there is no file."""
        return ()

    def lines(self, entries: Sequence[Entry], known: Known, options: Options) -> tuple[Line, ...]:
        """Will say which class each child goes to, unless something else was answered of it."""
        return tuple(_line(one, known, options.answer_to(one.number) or one.says["to"]) for one in entries)


def _line(entry: Entry, known: Known, to: str) -> Line:
    child = known.child_of.get(int(entry.says["child"]))
    target = int(to)
    if child is None or (target and target not in known.class_of):
        return Line(entry.number, entry.says["name"], Verdict.REFUSED, words=(GONE,), entry=entry)
    wanted = target or None
    schools = {known.class_of[key].school for key in (child.school_class, wanted) if key is not None}
    candidates = tuple(
        Candidate(one.key, known.class_in_words(one.key)) for one in known.classes if one.school in schools
    )
    if wanted == child.school_class:
        return Line(entry.number, child.name, Verdict.UNCHANGED, key=child.key, candidates=candidates, entry=entry)
    act = Set("child", child.key, "school_class", child.school_class, wanted)
    difference = Difference(
        "school_class",
        "Classe",
        known.class_in_words(child.school_class),
        known.class_in_words(wanted) or "Quitte l’école",
        (act,),
        is_meant=True,
    )
    return Line(
        entry.number,
        child.name,
        Verdict.CHANGED,
        key=child.key,
        differences=(difference,),
        candidates=candidates,
        entry=entry,
    )


def moved(moves: Mapping[int, str], known: Known) -> tuple[Entry, ...]:
    """Will return an entry for each child of the classes (keys) that go to another (a key) or leave (LEAVES)."""
    children = [one for one in known.children if one.school_class is not None and moves.get(one.school_class)]
    children.sort(key=lambda one: (list(moves).index(one.school_class or 0), folded(one.last_name), one.key))
    return tuple(
        Entry(
            number,
            {"child": str(one.key), "name": one.name, "to": moves[one.school_class or 0]},
        )
        for number, one in enumerate(children, start=1)
    )


def proposed(classes: Sequence[KnownClass]) -> dict[int, str]:
    """Will propose where each class of a school goes: the first class of the next level, or nowhere after the last.

    A class of several levels goes by its highest one, and one whose level nobody said stays: an agent chooses.
    """
    level_of = {one.key: _level(one) for one in classes}
    last = max((level for level in level_of.values() if level is not None), default=None)
    found: dict[int, str] = {}
    for one in classes:
        level = level_of[one.key]
        if level is None:
            found[one.key] = STAYS
        elif level == last:
            found[one.key] = LEAVES
        else:
            next_ones = [other for other in classes if level_of[other.key] == level + 1]
            found[one.key] = str(next_ones[0].key) if next_ones else STAYS
    return found


def _level(one: KnownClass) -> int | None:
    """Will return the rank of the highest level of a class, as its level or its name says it."""
    for text in (one.level, one.name):
        words = folded(text).upper().split()
        ranks = [LEVELS.index(word) for word in words if word in LEVELS]
        if ranks:
            return max(ranks)
    return None
