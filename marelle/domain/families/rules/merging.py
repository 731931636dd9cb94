"""Two files of one family, or of one child, become one: what is alike, what is kept, what stands against it.

Nothing is decided without an agent: what both files say and say otherwise is chosen by her, field by field; what one of
them says alone is kept; what is of a child's health is never lost, nor chosen by who may not read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from marelle.domain.families.rules.custody import MOST_HOMES
from marelle.domain.families.rules.health import LONGEST_CARE_PLAN, HealthSaid
from marelle.domain.families.rules.likeness import Likeness, Named, likeness, plain_words
from marelle.domain.families.rules.profile import FIELDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

# What is compared of each, in the order of the screen. The number of the file is that of the file that is kept.
FAMILY_FIELDS: Final = (
    "name", "address", "email", "phone", "other_phone", "department", "is_resident", "categories",
)  # fmt: skip
GUARDIAN_FIELDS: Final = ("relation", "email", "phone")
CHILD_FIELDS: Final = ("first_name", "last_name", "birth_date", "school_class")
HEALTH_FIELDS: Final = ("diet", "allergies", "care_plan")
A_DAY: Final = timedelta(days=1)


class Side(StrEnum):
    """Whose value is kept, where both say something; both is for health alone."""

    KEPT = "kept"
    ENDED = "ended"
    BOTH = "both"


class Obstacle(StrEnum):
    """Why two files are not united, in words."""

    SAME = "Ce sont deux fois le même dossier."
    GONE = "Un de ces dossiers a déjà été réuni avec un autre."
    HEALTH_UNKNOWN = (
        "Les fiches sanitaires des deux dossiers ne disent pas la même chose : demandez à un agent qui a le droit de "
        "lire la santé de les réunir."
    )
    HEALTH_TO_CHOOSE = "Choisissez ce qui est gardé de chaque fiche sanitaire."
    HEALTH_TOO_LONG = "Les deux fiches sanitaires ensemble sont trop longues : raccourcissez-en une d’abord."
    TOO_MANY_HOMES = "L’enfant vivrait chez plus de deux familles : corrigez d’abord sa garde."
    TWO_PEOPLE = "Un même compte agit pour deux personnes différentes de ces dossiers : dites que c’est la même."
    REMOVED = (
        "L’accès d’une personne d’un de ces dossiers à l’autre est retiré : elle verrait de nouveau l’enfant. "
        "Rendez-lui d’abord l’accès."
    )
    WRONG_PAIR = "Une personne ou un enfant n’est plus dans ces dossiers : regardez-les de nouveau."
    PAYING = "Un paiement est en cours pour une de ces familles : réessayez dans une heure."
    BILLING = "Une facturation en préparation porte sur une de ces familles : terminez-la ou abandonnez-la d’abord."
    DEBITING = "Un prélèvement annoncé ou remis à la banque est attendu : réunissez les dossiers ensuite."
    REFUNDING = "Une demande de remboursement attend une réponse : répondez-y d’abord."


class Stay(NamedTuple):
    """A custody that stands (key): with which family (key), from a day to another; None: until further word."""

    key: int
    family: int
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class JoinedStays:
    """What becomes of the custodies of two children who are one: the days of those that last, and those that go."""

    lasting: Mapping[int, tuple[date, date | None]]
    gone: tuple[int, ...]


def is_same_person(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Will tell whether two people (first and last name) of two files of one family bear the same name."""
    return _words(one) == _words(other) != frozenset()


def proposed_pairs(ended: Mapping[int, Named], kept: Mapping[int, Named]) -> dict[int, int]:
    """Will propose, for children (keys) of a file, the child of the other one who is surely the same, each once."""
    found: dict[int, int] = {}
    for key, child in ended.items():
        same = [
            other
            for other, known in kept.items()
            if other != key and other not in found.values() and likeness(child, known) is Likeness.SAME
        ]
        if len(same) == 1:
            found[key] = same[0]
    return found


def is_said(value: object) -> bool:
    """Will tell whether a field says something; « no » is something said."""
    return value is False or bool(value)


def differing(kept: Mapping[str, Any], ended: Mapping[str, Any]) -> tuple[str, ...]:
    """Will return the fields where both files say something, and not the same, in order."""
    return tuple(
        name for name, value in kept.items() if is_said(value) and is_said(ended[name]) and value != ended[name]
    )


def kept_values(kept: Mapping[str, Any], ended: Mapping[str, Any], *, taken: Collection[str] = ()) -> dict[str, Any]:
    """Will return what the united file says: the value of the file that is kept, unless it is empty or `taken` says."""
    return {
        name: ended[name] if is_said(ended[name]) and (name in taken or not is_said(value)) else value
        for name, value in kept.items()
    }


def health_differs(kept: HealthSaid, ended: HealthSaid) -> bool:
    """Will tell whether somebody must choose: both say something of the same thing, and not the same."""
    return any(
        getattr(kept, name) and getattr(ended, name) and getattr(kept, name) != getattr(ended, name)
        for name in HEALTH_FIELDS
    )


def joined_health(kept: HealthSaid, ended: HealthSaid, side: Side) -> HealthSaid | None:
    """Will return what is said of a child's health when two records are one; None when both texts are too long.

    What only one says is kept whatever the choice. A care plan goes with its day; of two, the first day to come to an
    end counts: it is renewed earlier, which harms nobody.
    """
    longest = {
        "diet": FIELDS["child_diet"].longest,
        "allergies": FIELDS["child_allergies"].longest,
        "care_plan": LONGEST_CARE_PLAN,
    }
    texts = {name: _joined_text(getattr(kept, name), getattr(ended, name), side) for name in HEALTH_FIELDS}
    if any(len(text) > longest[name] for name, text in texts.items()):
        return None
    days = [
        one.care_plan_until
        for one in (kept, ended)
        if one.care_plan and one.care_plan_until is not None and one.care_plan in texts["care_plan"]
    ]
    return HealthSaid(**texts, care_plan_until=min(days, default=None))


def joined_stays(kept: Iterable[Stay], ended: Iterable[Stay]) -> JoinedStays:
    """Will say what becomes of custodies whose child and family are the same now: those that meet make one.

    That of the file that is kept lasts, or the first one; the days are those of all.
    """
    lasting: dict[int, tuple[date, date | None]] = {}
    family_of: dict[int, int] = {}
    gone = []
    for stay in (*kept, *sorted(ended, key=_first_day)):
        days = (stay.starts_on, stay.ends_on)
        meeting = [key for key, other in lasting.items() if family_of[key] == stay.family and _meet(days, other)]
        if not meeting:
            lasting[stay.key], family_of[stay.key] = days, stay.family
            continue
        first, *others = meeting
        lasting[first] = _spanned([days, *(lasting[key] for key in meeting)])
        for key in others:
            del lasting[key]
        gone += [stay.key, *others]
    return JoinedStays(lasting, tuple(gone))


def has_too_many_homes(stays: Sequence[Stay]) -> bool:
    """Will tell whether a child lives on some day with more families than a child may."""
    return any(len({other.family for other in stays if _covers(other, stay.starts_on)}) > MOST_HOMES for stay in stays)


def _joined_text(kept: str, ended: str, side: Side) -> str:
    if not kept or not ended or kept == ended:
        return kept or ended
    if side is Side.BOTH:
        if kept.casefold() in ended.casefold():
            return ended
        return kept if ended.casefold() in kept.casefold() else f"{kept}\n{ended}"
    return kept if side is Side.KEPT else ended


def _words(name: tuple[str, str]) -> frozenset[tuple[str, ...]]:
    first, last = (plain_words(part) for part in name)
    return frozenset({("first", *first), ("last", *last)}) if first and last else frozenset()


def _first_day(stay: Stay) -> date:
    return stay.starts_on


def _covers(stay: Stay, day: date) -> bool:
    return stay.starts_on <= day and (stay.ends_on is None or stay.ends_on >= day)


def _meet(one: tuple[date, date | None], other: tuple[date, date | None]) -> bool:
    """Will tell whether two spans have a day in common, or follow each other without a day between them."""
    return all(end is None or start <= end + A_DAY for start, end in ((other[0], one[1]), (one[0], other[1])))


def _spanned(spans: Sequence[tuple[date, date | None]]) -> tuple[date, date | None]:
    ends = [end for _start, end in spans if end is not None]
    return min(start for start, _end in spans), max(ends) if len(ends) == len(spans) else None
