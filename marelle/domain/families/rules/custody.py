"""With whom a child lives from a day on: what is noted of its homes, and what a change makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

MOST_HOMES: Final = 2
# Further back, what the homes reserved and owed is closed; further ahead, it is a year typed wrongly.
FURTHEST_BACK: Final = timedelta(days=366)
FURTHEST_AHEAD: Final = timedelta(days=2 * 366)


class CustodyFault(StrEnum):
    """Why a change of custody is not taken, in words."""

    NO_HOME = "Indiquez chez qui vit l’enfant."
    TOO_MANY = "Un enfant vit chez une famille, ou chez deux en garde alternée."
    OTHER_AUTHORITY = "Cette famille n’est pas de la collectivité."
    BEFORE_BIRTH = "L’enfant n’était pas encore né à cette date."
    TOO_FAR_BACK = "Une garde change à partir d’un jour qui n’est pas à plus d’un an en arrière."
    TOO_FAR_AHEAD = "Une garde change à partir d’un jour qui n’est pas à plus de deux ans d’ici."


class Stay(NamedTuple):
    """A custody that stands (key): the child lives with that family from a day to another, None: until further word."""

    key: int
    family: int
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class CustodyPlan:
    """What a change makes of the stays (keys): those that end the eve, go on without end, or never count any more.

    `begun` are the families (keys) with which a stay begins that day.
    """

    ended: tuple[int, ...] = ()
    lasting: tuple[int, ...] = ()
    withdrawn: tuple[int, ...] = ()
    begun: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        """Will tell whether anything changes."""
        return bool(self.ended or self.lasting or self.withdrawn or self.begun)


def fault_of_custody(
    homes: Collection[int], *, authorities: Collection[int], of: int, starts_on: date, born_on: date, today: date
) -> CustodyFault | None:
    """Will say why a child of the authority `of` (key) cannot live with `homes` (keys, once each) from that day.

    `authorities` are the keys of those of the homes.
    """
    if not homes:
        return CustodyFault.NO_HOME
    if len(homes) > MOST_HOMES:
        return CustodyFault.TOO_MANY
    if set(authorities) != {of}:
        return CustodyFault.OTHER_AUTHORITY
    if starts_on < born_on:
        return CustodyFault.BEFORE_BIRTH
    if starts_on < today - FURTHEST_BACK:
        return CustodyFault.TOO_FAR_BACK
    return CustodyFault.TOO_FAR_AHEAD if starts_on > today + FURTHEST_AHEAD else None


def planned(stays: Sequence[Stay], homes: Collection[int], *, starts_on: date) -> CustodyPlan:
    """Will say what becomes of the stays of a child who lives with exactly `homes` (keys) from that day on.

    What was to begin that day or later with another family never counts; so does what was to begin later with a home,
    which begins that day already. A home where the child lives goes on, without the end that was foreseen.
    """
    there = {
        home: next((one for one in stays if one.family == home and _covers(one, starts_on)), None) for home in homes
    }
    kept = {one.key for one in there.values() if one is not None}
    withdrawn = [
        one.key
        for one in stays
        if one.key not in kept
        and (one.starts_on > starts_on or (one.starts_on == starts_on and one.family not in there))
    ]
    return CustodyPlan(
        ended=tuple(
            one.key
            for one in stays
            if one.family not in there and one.starts_on < starts_on and _covers(one, starts_on)
        ),
        lasting=tuple(one.key for one in there.values() if one is not None and one.ends_on is not None),
        withdrawn=tuple(withdrawn),
        begun=tuple(home for home, one in there.items() if one is None),
    )


def _covers(stay: Stay, day: date) -> bool:
    return stay.starts_on <= day and (stay.ends_on is None or stay.ends_on >= day)
