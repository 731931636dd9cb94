"""An event (a strike, an absent teacher, snow): what it may be, what it does, and what undoing brings back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from marelle.domain.catalog.rules.absences import Cause

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from marelle.domain.catalog.rules.absences import AbsenceRules

LONGEST_TITLE: Final = 120
LONGEST_WORDS: Final = 2000
LONGEST_DAYS: Final = 31
# Declared, or undone, at most that long after its day: past a month, invoices are corrected one by one.
KNOWN_FOR: Final = timedelta(days=31)
AHEAD: Final = timedelta(days=366)


class Kind(StrEnum):
    """What happens."""

    STRIKE = "strike"
    ABSENT_TEACHER = "absent_teacher"
    OUTING = "outing"
    SNOW = "snow"
    CLOSURE = "closure"
    OTHER = "other"


class Effect(StrEnum):
    """What it does to the reservations that it meets."""

    CANCEL = "cancel"  # the places are given back, nothing is due
    ABSENCE = "absence"  # each becomes an absence of that cause, told at that moment: the règlement says what is due
    KEEP = "keep"


# The cause that the règlement gives to an absence.
CAUSES: Final[Mapping[Kind, Cause]] = MappingProxyType(
    {
        Kind.STRIKE: Cause.STRIKE,
        Kind.ABSENT_TEACHER: Cause.ABSENT_TEACHER,
        Kind.OUTING: Cause.OUTING,
        Kind.SNOW: Cause.EXCEPTIONAL,
        Kind.CLOSURE: Cause.CLOSURE,
        Kind.OTHER: Cause.OTHER,
    }
)


def proposed_effect(kind: Kind, reglements: Collection[AbsenceRules]) -> Effect:
    """Will propose what to do: as the règlement says, where all of them have a sentence for that cause; else cancel.

    Where no text was voted for it, nobody pays for what is not delivered.
    """
    cause = CAUSES[kind]
    has_words = [any(cause in clause.causes for clause in one.clauses) for one in reglements]
    return Effect.ABSENCE if has_words and all(has_words) else Effect.CANCEL


@dataclass(frozen=True, slots=True)
class Said:
    """An event as an agent says it: the keys of its products, of its classes (none: every child), its days.

    `title` and `words` are read by families.
    """

    kind: Kind
    effect: Effect
    title: str
    starts_on: date
    ends_on: date
    products: frozenset[int]
    classes: frozenset[int] = frozenset()
    words: str = ""


def faults_of(said: Said, *, today: date) -> dict[str, str]:
    """Will say what is wrong with an event, in French, by field; empty: nothing."""
    faults = {}
    if not said.title.strip() or len(said.title) > LONGEST_TITLE:
        faults["title"] = f"Donnez un titre, en {LONGEST_TITLE} caractères au plus."
    if len(said.words) > LONGEST_WORDS:
        faults["words"] = f"{LONGEST_WORDS} caractères au plus."
    if said.ends_on < said.starts_on:
        faults["ends_on"] = "Le dernier jour vient avant le premier."
    elif (said.ends_on - said.starts_on).days >= LONGEST_DAYS:
        faults["ends_on"] = f"Un événement dure {LONGEST_DAYS} jours au plus. Au-delà, fermez des jours."
    if said.starts_on < today - KNOWN_FOR:
        faults["starts_on"] = "Un événement se déclare au plus tard un mois après."
    elif said.starts_on > today + AHEAD:
        faults["starts_on"] = "Un événement se déclare au plus tôt un an avant."
    if not said.products:
        faults["products"] = "Aucune prestation ne correspond à ces choix."
    return faults


def may_be_undone(ends_on: date, *, today: date) -> bool:
    """Will tell whether an event may still be undone as a whole on that day."""
    return today <= ends_on + KNOWN_FOR


class Back(StrEnum):
    """What undoing makes of a reservation."""

    BACK = "back"
    ALREADY = "already"  # somebody gave it back meanwhile
    AGAIN = "again"  # the child comes for it by another reservation
    SAME_TIME = "same_time"  # the child is expected elsewhere at these hours
    NOT_ENROLLED = "not_enrolled"
    CLOSED = "closed"
    HOLD_OVER = "hold_over"
    NO_PLACE = "no_place"


class Cancelled(NamedTuple):
    """A reservation that an event cancelled, as it stands when it is undone; `slots` are where it had its places."""

    key: int
    reserved_at: datetime
    slots: tuple[int, ...]
    is_cancelled: bool = True
    held_until: datetime | None = None
    is_again: bool = False
    is_elsewhere: bool = False
    is_enrolled: bool = True
    is_closed: bool = False


def coming_back(cancelled: Iterable[Cancelled], left: Mapping[int, int | None], *, at: datetime) -> dict[int, Back]:
    """Will say of each reservation (key) whether it comes back at `at` (aware), and why not.

    `left` are the places left in each slot, None without limit; a slot that is not there has none. Where there are
    fewer places than children, those who had reserved first come back.
    """
    places = dict(left)
    found = {}
    for one in sorted(cancelled, key=lambda each: (each.reserved_at, each.key)):
        found[one.key] = _against(one, at) or _placed(one, places)
    return found


def _against(one: Cancelled, at: datetime) -> Back | None:
    against = (
        (not one.is_cancelled, Back.ALREADY),
        (one.is_again, Back.AGAIN),
        (one.is_elsewhere, Back.SAME_TIME),
        (not one.is_enrolled, Back.NOT_ENROLLED),
        (one.is_closed, Back.CLOSED),
        (one.held_until is not None and one.held_until <= at, Back.HOLD_OVER),
    )
    return next((why for holds, why in against if holds), None)


def _placed(one: Cancelled, places: dict[int, int | None]) -> Back:
    rooms = [places.get(slot, 0) for slot in one.slots]
    if any(room is not None and room < 1 for room in rooms):
        return Back.NO_PLACE
    for slot, room in zip(one.slots, rooms, strict=True):
        places[slot] = None if room is None else room - 1
    return Back.BACK
