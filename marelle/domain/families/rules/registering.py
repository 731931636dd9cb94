"""A family that is registered at the counter: what is written of it, read at once, each fault beside its field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from marelle.domain.families.rules.likeness import plain_words
from marelle.domain.families.rules.profile import FIELDS, Fault, read_value

MOST_GUARDIANS: Final = 2
MOST_CHILDREN: Final = 8


class RegisterFault(StrEnum):
    """Why a family is not registered, in words, besides what `profile.Fault` says of each field."""

    NO_GUARDIAN = "Écrivez au moins un responsable."
    NO_CHILD = "Écrivez au moins un enfant."
    SAME_GUARDIAN = "Ce responsable est écrit deux fois."
    SAME_CHILD = "Cet enfant est écrit deux fois."


@dataclass(frozen=True, slots=True)
class NewGuardian:
    """A guardian as it is kept."""

    first_name: str
    last_name: str
    relation: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class NewChild:
    """A child as it is kept; class and activities are keys."""

    first_name: str
    last_name: str
    birth_date: date
    school_class: int | None = None
    activities: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class NewHome:
    """A family as it is kept."""

    name: str
    address: str
    is_resident: bool
    guardians: tuple[NewGuardian, ...]
    children: tuple[NewChild, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """What an agent wrote: the home's fields, then each guardian's and each child's, in the order of the screen.

    One of whom nothing is written is nobody. `places` says, for each child, its class and its activities (keys).
    """

    home: Mapping[str, str]
    guardians: Sequence[Mapping[str, str]]
    children: Sequence[Mapping[str, str]]
    is_resident: bool = True
    places: Sequence[tuple[int | None, frozenset[int]]] = ()


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong, in words: by field of the home, then by rank (from 0) and field of a guardian or of a child."""

    home: dict[str, str] = field(default_factory=dict)
    guardians: dict[tuple[int, str], str] = field(default_factory=dict)
    children: dict[tuple[int, str], str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Will tell whether there is any."""
        return bool(self.home or self.guardians or self.children)


_GUARDIAN: Final = {
    "first_name": FIELDS["guardian_first_name"],
    "last_name": FIELDS["guardian_last_name"],
    "email": FIELDS["guardian_email"],
    "phone": FIELDS["guardian_phone"],
}
_CHILD: Final = {
    "first_name": FIELDS["child_first_name"],
    "last_name": FIELDS["child_last_name"],
    "birth_date": FIELDS["child_birth_date"],
}
LONGEST_RELATION: Final = 40


def read_home(given: Given, *, on: date) -> NewHome | Faults:
    """Will return the family as it is kept, or all that is wrong with it; `on` is today.

    A family without a name has that of its first guardian, a child without a last name that of the family.
    """
    faults = Faults()
    guardians = _guardians(given, faults, on=on)
    name = _home_name(given, guardians, faults, on=on)
    address = read_value(FIELDS["family_address"], given.home.get("address", ""), on=on)
    if isinstance(address, Fault):
        faults.home["address"] = address
    children = _children(given, name, faults, on=on)
    if faults:
        return faults
    return NewHome(name, address, given.is_resident, tuple(guardians), tuple(children))


def _is_blank(person: Mapping[str, str]) -> bool:
    return not any(value.strip() for value in person.values())


def _guardians(given: Given, faults: Faults, *, on: date) -> list[NewGuardian]:
    people: list[NewGuardian] = []
    written = [(rank, one) for rank, one in enumerate(given.guardians[:MOST_GUARDIANS]) if not _is_blank(one)]
    if not written:
        faults.guardians[0, "last_name"] = RegisterFault.NO_GUARDIAN
    for rank, one in written:
        said = {column: read_value(as_kept, one.get(column, ""), on=on) for column, as_kept in _GUARDIAN.items()}
        relation = " ".join(one.get("relation", "").split())
        wrong: dict[str, str] = {column: value for column, value in said.items() if isinstance(value, Fault)}
        if len(relation) > LONGEST_RELATION:
            wrong["relation"] = Fault.TOO_LONG
        person = NewGuardian(relation=relation, **said)
        if any(_same(person, other) for other in people) and not wrong:
            wrong["first_name"] = RegisterFault.SAME_GUARDIAN
        faults.guardians.update({(rank, column): words for column, words in wrong.items()})
        people.append(person)
    return people


def _home_name(given: Given, guardians: Sequence[NewGuardian], faults: Faults, *, on: date) -> str:
    written = given.home.get("name", "").strip() or (guardians[0].last_name if guardians else "")
    name = read_value(FIELDS["family_name"], written, on=on)
    if isinstance(name, Fault):
        if given.home.get("name", "").strip():
            faults.home["name"] = name
        return ""
    return name


def _children(given: Given, name: str, faults: Faults, *, on: date) -> list[NewChild]:
    children: list[NewChild] = []
    written = [(rank, one) for rank, one in enumerate(given.children[:MOST_CHILDREN]) if not _is_blank(one)]
    if not written:
        faults.children[0, "first_name"] = RegisterFault.NO_CHILD
    for rank, one in written:
        asked = {**one, "last_name": one.get("last_name", "").strip() or name}
        said = {column: read_value(as_kept, asked.get(column, ""), on=on) for column, as_kept in _CHILD.items()}
        wrong = {column: value for column, value in said.items() if isinstance(value, Fault)}
        if not asked["last_name"]:
            del wrong["last_name"]  # what the family lacks is said once, beside it
        if wrong or not asked["last_name"]:
            faults.children.update({(rank, column): words for column, words in wrong.items()})
            continue
        place, activities = given.places[rank] if rank < len(given.places) else (None, frozenset())
        child = NewChild(
            said["first_name"], said["last_name"], date.fromisoformat(said["birth_date"]), place, activities
        )
        if any(is_same_child(child, other) for other in children):
            faults.children[rank, "first_name"] = RegisterFault.SAME_CHILD
        children.append(child)
    return children


def _same(one: NewGuardian, other: NewGuardian) -> bool:
    return _words(one.first_name, one.last_name) == _words(other.first_name, other.last_name)


def is_same_child(one: NewChild, other: NewChild) -> bool:
    """Will tell whether two children bear the same names and were born the same day."""
    same_name = _words(one.first_name, one.last_name) == _words(other.first_name, other.last_name)
    return same_name and one.birth_date == other.birth_date


def is_same_guardian(one: NewGuardian, other: NewGuardian) -> bool:
    """Will tell whether two guardians bear the same names, accents and hyphens aside."""
    return _same(one, other)


def _words(*names: str) -> tuple[tuple[str, ...], ...]:
    return tuple(plain_words(name) for name in names)
