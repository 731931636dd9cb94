"""What is said of a child's health, and until when its care plan (projet d'accueil individualisé, PAI) holds.

A PAI whose day is past is still shown, and said to be renewed: hiding what saves a child because a paper is late would
be worse than showing a paper that is late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from marelle.domain.families.rules.profile import FIELDS

LONGEST_CARE_PLAN: Final = 2000


class HealthFault(StrEnum):
    """Why a note about health is not taken, in words."""

    TOO_LONG = "C’est trop long : raccourcissez."
    NO_CARE_PLAN = "Décrivez le projet d’accueil : une date seule ne dit pas quoi faire."


@dataclass(frozen=True, slots=True)
class HealthNote:
    """What to write of a child's health; None leaves as it is, an empty text says that there is nothing any more.

    `care_plan_until` is the last day on which the care plan holds. It goes with the care plan when that is emptied.
    """

    diet: str | None = None
    allergies: str | None = None
    care_plan: str | None = None
    care_plan_until: date | None = None


@dataclass(frozen=True, slots=True)
class HealthSaid:
    """What a record says of a child's health."""

    diet: str = ""
    allergies: str = ""
    care_plan: str = ""
    care_plan_until: date | None = None


def noted(said: HealthSaid, note: HealthNote) -> HealthSaid | dict[str, HealthFault]:
    """Will return what the record says once `note` is written, or the faults of the note, by its field."""
    texts = {
        "diet": (said.diet, note.diet, FIELDS["child_diet"].longest),
        "allergies": (said.allergies, note.allergies, FIELDS["child_allergies"].longest),
        "care_plan": (said.care_plan, note.care_plan, LONGEST_CARE_PLAN),
    }
    kept = {name: before if new is None else _tidied(new) for name, (before, new, _longest) in texts.items()}
    faults = {name: HealthFault.TOO_LONG for name, (_, _, longest) in texts.items() if len(kept[name]) > longest}
    if note.care_plan_until is not None and not kept["care_plan"]:
        faults["care_plan_until"] = HealthFault.NO_CARE_PLAN
    if faults:
        return faults
    until = note.care_plan_until or said.care_plan_until
    return HealthSaid(**kept, care_plan_until=until if kept["care_plan"] else None)


def is_lapsed(until: date | None, *, on: date) -> bool:
    """Will tell whether a care plan that holds until that day is past it; without a day it never is."""
    return until is not None and until < on


def _tidied(text: str) -> str:
    """Will keep lines, without the spaces around them nor the empty ones."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)
