"""What a family may change of its file, field by field: at once, with an agent's approval, or by a request.

An authority chooses for each field among the ways that the field allows; without a choice, the default. What decides a
price, an age limit or a child's safety is never changed at once: somebody at the town hall reads it first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from marelle.domain.families.rules.departments import DEPARTMENTS, department_in_words
from marelle.domain.families.rules.phone_numbers import read_phone
from marelle.foundation.french_dates import in_digits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Way(StrEnum):
    """How a field is changed."""

    AT_ONCE = "at_once"
    APPROVAL = "approval"
    REQUEST = "request"


WAY_WORDS: Final[Mapping[Way, str]] = {
    Way.AT_ONCE: "Modifié tout de suite",
    Way.APPROVAL: "Modifié après votre accord",
    Way.REQUEST: "Sur demande, avec un justificatif",
}


class Subject(StrEnum):
    """Whose field it is."""

    FAMILY = "family"
    GUARDIAN = "guardian"
    CHILD = "child"
    HEALTH = "health"
    PICKUP = "pickup"


SUBJECT_WORDS: Final[Mapping[Subject, str]] = {
    Subject.FAMILY: "Compte famille",
    Subject.GUARDIAN: "Responsables",
    Subject.CHILD: "Enfants",
    Subject.HEALTH: "Enfants",
    Subject.PICKUP: "Personnes autorisées",
}


class Kind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    EMAIL = "email"
    PHONE = "phone"
    DAY = "day"
    DEPARTMENT = "department"


@dataclass(frozen=True, slots=True)
class ProfileField:
    """A field of the file: whose, its column, its words, and the ways that an authority may choose among.

    `longest` is a number of characters.
    """

    subject: Subject
    column: str
    label: str
    default: Way
    ways: tuple[Way, ...] = tuple(Way)
    kind: Kind = Kind.TEXT
    longest: int = 120
    is_required: bool = False


_READ_FIRST: Final = (Way.APPROVAL, Way.REQUEST)

FIELDS: Final[dict[str, ProfileField]] = {
    "family_name": ProfileField(Subject.FAMILY, "name", "Nom de la famille", Way.APPROVAL, is_required=True),
    "family_address": ProfileField(
        Subject.FAMILY, "address", "Adresse du domicile", Way.REQUEST, _READ_FIRST, Kind.LONG_TEXT, 200
    ),
    "family_department": ProfileField(
        Subject.FAMILY, "department", "Département du foyer", Way.AT_ONCE, kind=Kind.DEPARTMENT, longest=3
    ),
    "family_email": ProfileField(
        Subject.FAMILY, "email", "Adresse e-mail de contact", Way.AT_ONCE, kind=Kind.EMAIL, longest=254
    ),
    "family_phone": ProfileField(Subject.FAMILY, "phone", "Téléphone", Way.AT_ONCE, kind=Kind.PHONE, longest=20),
    "family_other_phone": ProfileField(
        Subject.FAMILY, "other_phone", "Autre téléphone", Way.AT_ONCE, kind=Kind.PHONE, longest=20
    ),
    "guardian_first_name": ProfileField(
        Subject.GUARDIAN, "first_name", "Prénom", Way.APPROVAL, longest=60, is_required=True
    ),
    "guardian_last_name": ProfileField(
        Subject.GUARDIAN, "last_name", "Nom", Way.APPROVAL, longest=80, is_required=True
    ),
    "guardian_email": ProfileField(
        Subject.GUARDIAN, "email", "Adresse e-mail de contact", Way.AT_ONCE, kind=Kind.EMAIL, longest=254
    ),
    "guardian_phone": ProfileField(Subject.GUARDIAN, "phone", "Téléphone", Way.AT_ONCE, kind=Kind.PHONE, longest=20),
    "child_first_name": ProfileField(
        Subject.CHILD, "first_name", "Prénom", Way.APPROVAL, _READ_FIRST, longest=60, is_required=True
    ),
    "child_last_name": ProfileField(
        Subject.CHILD, "last_name", "Nom", Way.APPROVAL, _READ_FIRST, longest=80, is_required=True
    ),
    # Ages decide prices and which places a child may take.
    "child_birth_date": ProfileField(
        Subject.CHILD, "birth_date", "Date de naissance", Way.REQUEST, _READ_FIRST, Kind.DAY, 10, is_required=True
    ),
    "child_diet": ProfileField(Subject.HEALTH, "diet", "Régime", Way.APPROVAL, _READ_FIRST, Kind.TEXT, 200),
    # An allergy is told with a doctor's word, so that the kitchen does what it says.
    "child_allergies": ProfileField(
        Subject.HEALTH, "allergies", "Allergies", Way.REQUEST, _READ_FIRST, Kind.LONG_TEXT, 400
    ),
    "pickup": ProfileField(
        Subject.PICKUP, "", "Ajouter une personne autorisée", Way.AT_ONCE, (Way.AT_ONCE, Way.REQUEST)
    ),
}


def ways_of(chosen: Mapping[str, str]) -> dict[str, Way]:
    """Will return how each field is changed where an authority chose `chosen`; a choice that is not allowed is none."""
    ways = {}
    for code, field in FIELDS.items():
        wanted = chosen.get(code, field.default)
        ways[code] = Way(wanted) if wanted in field.ways else field.default
    return ways


def fields_of(*subjects: Subject) -> dict[str, ProfileField]:
    """Will return the fields of these subjects, by code, in the order of the screens."""
    return {code: field for code, field in FIELDS.items() if field.subject in subjects}


class Fault(StrEnum):
    """Why a value is not taken, in words."""

    MISSING = "Écrivez-le : cette information est nécessaire."
    TOO_LONG = "C’est trop long : raccourcissez."
    BAD_EMAIL = "Vérifiez cette adresse : il manque peut-être l’arobase (@) ou la fin."
    BAD_PHONE = "Vérifiez ce numéro : dix chiffres, ou un numéro étranger qui commence par +."
    BAD_DAY = "Indiquez une date de naissance, par exemple 09/04/2017."
    NAME_TAKEN = "Un autre responsable du dossier porte déjà ce nom."
    BAD_DEPARTMENT = "Choisissez un département de la liste."
    CHANGED = (
        "Cette information a changé pendant que vous écriviez : relisez ce que dit le dossier, puis envoyez de nouveau."
    )


# Nobody who comes to a canteen was born before; it also stops « 17 » typed for « 2017 ».
FIRST_BIRTH_YEAR: Final = 1990
_EMAIL_SHAPE: Final = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")


def read_value(field: ProfileField, given: str, *, on: date) -> str | Fault:
    """Will return a value as it is kept (spaces tidied, a day as 2017-04-09), or why it is not taken.

    `on` is today: nobody is born later.
    """
    is_long = field.kind is Kind.LONG_TEXT
    lines = (" ".join(line.split()) for line in given.splitlines())
    text = "\n".join(line for line in lines if line) if is_long else " ".join(given.split())
    if not text:
        return Fault.MISSING if field.is_required else ""
    if len(text) > field.longest and field.kind is not Kind.PHONE:
        return Fault.TOO_LONG
    return _READERS.get(field.kind, _as_given)(text, on)


def _as_given(text: str, _on: date) -> str | Fault:
    return text


def _read_email(text: str, _on: date) -> str | Fault:
    return text.lower() if _EMAIL_SHAPE.fullmatch(text) else Fault.BAD_EMAIL


def _read_phone(text: str, _on: date) -> str | Fault:
    return read_phone(text) or Fault.BAD_PHONE


def _read_department(text: str, _on: date) -> str | Fault:
    return text if text in DEPARTMENTS else Fault.BAD_DEPARTMENT


def _read_day(text: str, on: date) -> str | Fault:
    french = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
    try:
        day = date(int(french[3]), int(french[2]), int(french[1])) if french else date.fromisoformat(text)
    except ValueError:
        return Fault.BAD_DAY
    return day.isoformat() if day.year >= FIRST_BIRTH_YEAR and day <= on else Fault.BAD_DAY


_READERS: Final[dict[Kind, Callable[[str, date], str | Fault]]] = {
    Kind.EMAIL: _read_email,
    Kind.PHONE: _read_phone,
    Kind.DEPARTMENT: _read_department,
    Kind.DAY: _read_day,
}


def in_words(field: ProfileField, value: str) -> str:
    """Will write a value that is kept as people read it; « non renseigné » for nothing."""
    if not value:
        return "non renseigné"
    if field.kind is Kind.DAY:
        return in_digits(date.fromisoformat(value))
    return department_in_words(value) if field.kind is Kind.DEPARTMENT else value


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a family wants of its file, sorted: to do at once, to propose, not for it to change."""

    at_once: dict[str, str]
    to_propose: dict[str, str]
    not_theirs: tuple[str, ...]


def sorted_changes(current: Mapping[str, str], wanted: Mapping[str, str], ways: Mapping[str, Way]) -> Sorted:
    """Will sort the values `wanted` that differ from the `current` ones by the way in which each is changed."""
    differing = {code: value for code, value in wanted.items() if current[code] != value}
    return Sorted(
        at_once={code: value for code, value in differing.items() if ways[code] is Way.AT_ONCE},
        to_propose={code: value for code, value in differing.items() if ways[code] is Way.APPROVAL},
        not_theirs=tuple(code for code in differing if ways[code] is Way.REQUEST),
    )


def meant(
    current: Mapping[str, str], wanted: Mapping[str, str], seen: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Will return what of the values `wanted` is meant, and the fields of which two people write at once.

    `seen` is what the file said, by field, when the page was opened; a field without one is meant as it is. Where the
    file says something else since, a value that was left as it was seen is not meant: it would undo what the other home
    of a child wrote. One that was rewritten is of two minds: both are kept, and who writes last is told.
    """
    moved = {code for code, value in seen.items() if code in wanted and current[code] != value}
    of_two = tuple(code for code in wanted if code in moved and wanted[code] not in {seen[code], current[code]})
    return {code: value for code, value in wanted.items() if code not in moved}, of_two


class Standing(StrEnum):
    """Where a change that waits stands against the file."""

    FRESH = "fresh"
    STALE = "stale"
    ALREADY_SO = "already_so"


def standing_of(*, old: str, new: str, current: str) -> Standing:
    """Will say whether the file still says what it said when the change was proposed."""
    if current == new:
        return Standing.ALREADY_SO
    return Standing.FRESH if current == old else Standing.STALE
