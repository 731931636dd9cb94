"""What is known of the families and schools of an authority, as the comparisons ask for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Final

from marelle.domain.families.rules.likeness import Likeness, Named, likeness, plain_words
from marelle.domain.families.rules.removals import KeptOutOf
from marelle.domain.onboarding.rules.imports.columns import squeezed
from marelle.foundation.french_dates import in_digits

UNKNOWN_DAY: Final = date.min


@dataclass(frozen=True, slots=True)
class KnownSchool:
    """A school (key)."""

    key: int
    name: str


@dataclass(frozen=True, slots=True)
class KnownClass:
    """A class (key) of a school (key)."""

    key: int
    school: int
    code: str
    name: str
    level: str = ""
    teacher: str = ""


@dataclass(frozen=True, slots=True)
class KnownChild:
    """A child (key) and its class (key)."""

    key: int
    first_name: str
    last_name: str
    birth_date: date
    school_class: int | None = None

    @property
    def name(self) -> str:
        """Will return first and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def words(self) -> str:
        """Will return what tells it from another of the same name."""
        return f"{self.name}, {in_digits(self.birth_date)}"


@dataclass(frozen=True, slots=True)
class KnownFamily:
    """A family (key)."""

    key: int
    code: str
    name: str
    address: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class KnownGuardian:
    """A guardian (key) of a family (key)."""

    key: int
    family: int
    first_name: str
    last_name: str
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Known:
    """An authority: its schools and classes, children, families and guardians, and who lives with whom today (keys).

    `kept_out` are those whose access to a family is removed.
    """

    schools: tuple[KnownSchool, ...] = ()
    classes: tuple[KnownClass, ...] = ()
    children: tuple[KnownChild, ...] = ()
    families: tuple[KnownFamily, ...] = ()
    guardians: tuple[KnownGuardian, ...] = ()
    homes: tuple[tuple[int, int], ...] = field(default=())  # child, family
    kept_out: tuple[KeptOutOf, ...] = ()

    @cached_property
    def school_of(self) -> Mapping[int, KnownSchool]:
        """Will return schools by key."""
        return {one.key: one for one in self.schools}

    @cached_property
    def class_of(self) -> Mapping[int, KnownClass]:
        """Will return classes by key."""
        return {one.key: one for one in self.classes}

    @cached_property
    def child_of(self) -> Mapping[int, KnownChild]:
        """Will return children by key."""
        return {one.key: one for one in self.children}

    @cached_property
    def family_of(self) -> Mapping[int, KnownFamily]:
        """Will return families by key."""
        return {one.key: one for one in self.families}

    @cached_property
    def families_of_child(self) -> Mapping[int, list[int]]:
        """Will return the families (keys) where each child lives."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        for child, family in self.homes:
            found[child].append(family)
        return found

    @cached_property
    def children_of_family(self) -> Mapping[int, list[int]]:
        """Will return the children (keys) who live in each family."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        for child, family in self.homes:
            found[family].append(child)
        return found

    @cached_property
    def guardians_of_family(self) -> Mapping[int, list[KnownGuardian]]:
        """Will return the guardians of each family."""
        found: defaultdict[int, list[KnownGuardian]] = defaultdict(list)
        for one in self.guardians:
            found[one.family].append(one)
        return found

    @cached_property
    def families_of_guardian(self) -> Mapping[frozenset[str], list[int]]:
        """Will return the families (keys) that have a guardian of these words."""
        found: defaultdict[frozenset[str], list[int]] = defaultdict(list)
        for one in self.guardians:
            found[name_key(one.first_name, one.last_name)].append(one.family)
        return found

    @cached_property
    def family_by_code(self) -> Mapping[str, int]:
        """Will return families (keys) by their code, whatever its case."""
        return {one.code.casefold(): one.key for one in self.families}

    @cached_property
    def class_named(self) -> Mapping[tuple[int, str], KnownClass]:
        """Will return classes by school (key) and name, or else by code."""
        by_code = {(one.school, squeezed(one.code)): one for one in self.classes}
        return by_code | {(one.school, squeezed(one.name)): one for one in self.classes}

    @cached_property
    def children_by_name(self) -> Mapping[frozenset[str], list[KnownChild]]:
        """Will return children by the words of their names."""
        found: defaultdict[frozenset[str], list[KnownChild]] = defaultdict(list)
        for one in self.children:
            found[name_key(one.first_name, one.last_name)].append(one)
        return found

    @cached_property
    def _children_born(self) -> Mapping[date, list[KnownChild]]:
        found: defaultdict[date, list[KnownChild]] = defaultdict(list)
        for one in self.children:
            found[one.birth_date].append(one)
        return found

    def like(self, asked: Named) -> tuple[list[KnownChild], list[KnownChild]]:
        """Will return the children who are the one named, and those who may be (`families.rules.likeness`)."""
        near = [*self._children_born.get(asked.birth_date, ()), *self._children_born.get(turned(asked.birth_date), ())]
        found: dict[Likeness, list[KnownChild]] = {Likeness.SAME: [], Likeness.CLOSE: []}
        for one in dict.fromkeys(near):
            found.get(likeness(asked, Named(one.first_name, one.last_name, one.birth_date)), []).append(one)
        return found[Likeness.SAME], found[Likeness.CLOSE]

    def class_in_words(self, key: int | None) -> str:
        """Will return a class with its school; nothing for none."""
        if key is None:
            return ""
        found = self.class_of[key]
        return f"{found.name}, {self.school_of[found.school].name}"


def name_key(*names: str) -> frozenset[str]:
    """Will return by what a name is found, whatever the order of its words."""
    return frozenset(plain_words(" ".join(names)))


def turned(day: date) -> date:
    """Will return the day whose day and month changed places; none that anybody was born when there is no such one."""
    try:
        return date(day.year, day.day, day.month)
    except ValueError:
        return UNKNOWN_DAY
