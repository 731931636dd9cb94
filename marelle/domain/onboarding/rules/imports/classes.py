"""Classes that a file names: the one that is known, or one to create, the same for all the lines that name it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from marelle.domain.families.rules.likeness import plain_words
from marelle.domain.onboarding.rules.imports.columns import squeezed
from marelle.domain.onboarding.rules.imports.kinds import Act, Create, Difference, Ref, Set
from marelle.domain.onboarding.rules.imports.known import Known, KnownChild

LEVELS: Final = ("TPS", "PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2")
LONGEST_LEVEL: Final = 20
LONGEST_CODE: Final = 40


@dataclass(frozen=True, slots=True)
class NamedClass:
    """A class that a line names: a key, or what creates it."""

    words: str
    value: int | Ref
    acts: tuple[Act, ...] = ()
    notes: tuple[str, ...] = ()


class ClassNames:
    """The classes of a file: each name stands for a known class, or for one that is created once."""

    def __init__(self, known: Known, named: Sequence[tuple[int, str, str]]) -> None:
        """Will read the classes that the file names: a school (key), a name, the level of one of its pupils."""
        self._known = known
        self._codes = {(one.school, one.code) for one in known.classes}
        self._new: dict[tuple[int, str], NamedClass] = {}
        levels: dict[tuple[int, str], list[str]] = {}
        for school, name, level in named:
            levels.setdefault((school, squeezed(name)), []).append(level.upper())
        for school, name, _level in named:
            place = (school, squeezed(name))
            if place[1] and place not in known.class_named and place not in self._new:
                self._new[place] = self._created(school, name, levels[place])

    def named(self, school: int, name: str) -> NamedClass | None:
        """Will return the class of this name; None when the line names none."""
        place = (school, squeezed(name))
        found = self._known.class_named.get(place)
        if found is not None:
            return NamedClass(self._known.class_in_words(found.key), found.key)
        return self._new.get(place)

    def _created(self, school: int, name: str, levels: Sequence[str]) -> NamedClass:
        plain = "-".join(plain_words(name))[: LONGEST_CODE - 4]
        tries = (plain if turn == 1 else f"{plain}-{turn}" for turn in range(1, len(self._codes) + 2))
        code = next(one for one in tries if (school, one) not in self._codes)
        self._codes.add((school, code))
        ref = f"class {school} {code}"
        inside = [one for one in LEVELS if one in levels]
        values = (
            ("facility", school),
            ("code", code),
            ("name", name),
            ("level", ", ".join(inside)[:LONGEST_LEVEL]),
            ("position", LEVELS.index(inside[0]) if inside else len(LEVELS)),
        )
        words = f"{name}, {self._known.school_of[school].name}"
        return NamedClass(
            words, Ref(ref), (Create("class", ref, values),), (f"La classe « {name} » est nouvelle : elle sera créée.",)
        )


def class_difference(child: KnownChild, wanted: NamedClass | None, known: Known) -> tuple[Difference, ...]:
    """Will return how the class of a known child changes; nothing when the file names none, or the same."""
    if wanted is None or wanted.value == child.school_class:
        return ()
    act = Set("child", child.key, "school_class", child.school_class, wanted.value)
    return (
        Difference(
            "school_class", "Classe", known.class_in_words(child.school_class), wanted.words, (*wanted.acts, act)
        ),
    )
