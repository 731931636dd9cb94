"""Whom a message is for: a filter of codes, read as it was typed, and said in words. It holds no person.

Within a kind one is enough (a child of the canteen or of the holidays); between kinds all must hold, for the same child
when they are about children. « unpaid » tells who owes: it is for agents who may see accounts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

from marelle.foundation.french_dates import in_full

RESIDENTS, OTHERS = "residents", "others"
LONGEST_CODE: Final = 120
MOST_CODES: Final = 500


@dataclass(frozen=True, slots=True)
class FamilyFilter:
    """A filter. Services, facilities: their codes; activities: their public ids; classes: « school/class », codes.

    `reserved_on`: with something reserved that day. `residence`: RESIDENTS, OTHERS, or both when empty.
    `disruption`: whom an event is about, by its public id; the rest is then not asked.
    """

    services: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    facilities: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    reserved_on: date | None = None
    residence: str = ""
    categories: tuple[str, ...] = ()
    is_unpaid: bool = False
    is_unconfirmed: bool = False
    is_not_activated: bool = False
    disruption: str = ""

    @property
    def is_about_children(self) -> bool:
        """Will tell whether it asks something of a child of the family."""
        return bool(self.services or self.activities or self.facilities or self.classes or self.reserved_on)

    @property
    def asks_activities(self) -> bool:
        """Will tell whether it asks what a child is enrolled in."""
        return bool(self.services or self.activities or self.facilities)

    def as_data(self) -> dict[str, Any]:
        """Will write it as data, without what it does not ask."""
        said: dict[str, Any] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if value:
                said[one.name] = list(value) if isinstance(value, tuple) else value
        if self.reserved_on:
            said["reserved_on"] = self.reserved_on.isoformat()
        return said


def read_filter(data: Any) -> FamilyFilter:
    """Will read a filter back from data; what cannot be read asks nothing."""
    said = data if isinstance(data, Mapping) else {}
    residence = said.get("residence")
    return FamilyFilter(
        services=_codes(said.get("services")),
        activities=_codes(said.get("activities")),
        facilities=_codes(said.get("facilities")),
        classes=_codes(said.get("classes")),
        reserved_on=_day(said.get("reserved_on")),
        residence=residence if residence in (RESIDENTS, OTHERS) else "",
        categories=_codes(said.get("categories")),
        is_unpaid=said.get("is_unpaid") is True,
        is_unconfirmed=said.get("is_unconfirmed") is True,
        is_not_activated=said.get("is_not_activated") is True,
        disruption=next(iter(_codes([said.get("disruption")])), ""),
    )


def filter_in_words(wanted: FamilyFilter, names: Mapping[tuple[str, str], str]) -> str:
    """Will say whom it is for, in one sentence; `names` names a code, by its kind (« services »…) and itself.

    A code that is not there any more is said by itself.
    """

    def named(kind: str) -> list[str]:
        return [names.get((kind, code), code) for code in getattr(wanted, kind)]

    told: list[str] = []
    if wanted.disruption:
        return f"Les familles concernées par {names.get(('disruption', wanted.disruption), 'un événement')}."
    if wanted.reserved_on:
        told.append(f"avec une réservation le {in_full(wanted.reserved_on, year=True)}")
    if wanted.asks_activities:
        where = [*named("services"), *named("activities")]
        verb = "pour" if wanted.reserved_on else "dont un enfant est inscrit à"
        if where:
            told.append(f"{verb} {_either(where)}")
        if wanted.facilities:
            told.append(f"{'à' if where or wanted.reserved_on else verb} {_either(named('facilities'))}")
    if wanted.classes:
        told.append(f"avec un enfant en classe de {_either(named('classes'))}")
    if wanted.residence:
        told.append("qui habitent la commune" if wanted.residence == RESIDENTS else "qui n’habitent pas la commune")
    if wanted.categories:
        told.append(f"de la catégorie {_either(wanted.categories)}")
    kinds = (
        (wanted.is_unpaid, "qui ont des factures impayées"),
        (wanted.is_unconfirmed, "qui n’ont pas confirmé leur dossier"),
        (wanted.is_not_activated, "dont personne n’a activé de compte"),
    )
    told += [words for holds, words in kinds if holds]
    return f"Les familles {', '.join(told)}." if told else "Toutes les familles."


def _either(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} ou {last}" if first else last


def _codes(said: Any) -> tuple[str, ...]:
    if not isinstance(said, Collection) or isinstance(said, str | Mapping):
        return ()
    good = [one for one in said if isinstance(one, str) and 0 < len(one) <= LONGEST_CODE]
    return tuple(dict.fromkeys(good))[:MOST_CODES]


def _day(said: Any) -> date | None:
    if isinstance(said, date):
        return said
    try:
        return date.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
