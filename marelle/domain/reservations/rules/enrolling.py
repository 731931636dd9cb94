"""Whether a child may be enrolled in an activity from a day to a day, and what that adds to what is recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from marelle.foundation.periods import Period, age_on

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

A_DAY = timedelta(days=1)


class WhyNotEnrolled(StrEnum):
    """Why a child is not enrolled, in words."""

    OTHER_AUTHORITY = "Cette activité est d’une autre collectivité."
    PERIOD_OVER = "Cette activité est terminée."
    REVERSED = "La fin vient avant le début : vérifiez les deux jours."
    OUT_OF_PERIOD = "Ces jours sortent de la période de l’activité : vérifiez le début et la fin."
    WRONG_AGE = "Cette activité n’est pas ouverte à l’âge de l’enfant."


class Ages(NamedTuple):
    """The ages, in whole years and both included, that a part of the day takes; None: no limit on that side."""

    lowest: int | None = None
    highest: int | None = None


def against_enrolling(
    activity: Period, ages: Collection[Ages], *, birth_date: date, starts_on: date, ends_on: date, on: date
) -> WhyNotEnrolled | None:
    """Will tell why a child cannot be enrolled, as seen on a day; None: it can.

    `activity` is the period of the activity, `ages` those of its parts of the day: none is known when it is empty. A
    child who has the age on some of its days is enrolled: each day is judged again when it is reserved.
    """
    if ends_on < starts_on:
        return WhyNotEnrolled.REVERSED
    if activity.ends_on is not None and activity.ends_on < on:
        return WhyNotEnrolled.PERIOD_OVER
    if starts_on not in activity or ends_on not in activity:
        return WhyNotEnrolled.OUT_OF_PERIOD
    youngest, oldest = age_on(starts_on, birth_date), age_on(ends_on, birth_date)
    if ages and not any(_meet(one, youngest, oldest) for one in ages):
        return WhyNotEnrolled.WRONG_AGE
    return None


def _meet(ages: Ages, youngest: int, oldest: int) -> bool:
    return (ages.lowest is None or oldest >= ages.lowest) and (ages.highest is None or youngest <= ages.highest)


@dataclass(frozen=True, slots=True)
class Widened:
    """What makes enrollments cover a wanted period: one more, or none; and the last day of others, by their first."""

    added: Period | None = None
    prolonged: Mapping[date, date] = field(default_factory=dict)


def widened(wanted: Period, known: Iterable[Period]) -> Widened:
    """Will return what is to be recorded so that the child is enrolled on each day of `wanted`, and never twice.

    An enrollment is known by its first day, which is never moved: what comes before it is another one.
    """
    last = _last_day(wanted)
    met = sorted((one for one in known if _last_day(one) >= wanted.starts_on and one.starts_on <= last), key=_first_day)
    if not met:
        return Widened(wanted)
    added = None
    if wanted.starts_on < met[0].starts_on:
        added = Period(wanted.starts_on, met[0].starts_on - A_DAY)
    prolonged: dict[date, date] = {}
    until = [*(following.starts_on - A_DAY for following in met[1:]), last]
    furthest = met[0]
    for one, end in zip(met, until, strict=True):
        furthest = max(furthest, one, key=_last_day)
        if _last_day(furthest) < end:
            prolonged[furthest.starts_on] = end
    return Widened(added, prolonged)


def _first_day(period: Period) -> date:
    return period.starts_on


def _last_day(period: Period) -> date:
    return period.ends_on or date.max
