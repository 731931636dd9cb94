"""Reservations that a change of the calendar or of an activity would leave standing on a closed day.

Closing a day cancels nothing by itself: whether families are told, credited, or taken elsewhere is decided by somebody.
So the days are named, with how many come, before anything is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marelle.domain.catalog.rules.opening import OpeningDays, closed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from marelle.foundation.school_days import Calendar, NamedDays


@dataclass(frozen=True, slots=True)
class Opens:
    """When an activity is open: its own days, what closes it, and the calendar it is in."""

    opening: OpeningDays
    closures: tuple[NamedDays, ...]
    calendar: Calendar

    def is_open(self, day: date) -> bool:
        """Will tell whether it is open on `day`."""
        return closed(day, self.opening, self.calendar, self.closures) is None


@dataclass(frozen=True, slots=True)
class Standing:
    """So many reservations of an activity (key) would stand on a day that closes."""

    activity: int
    day: date
    count: int


def left_standing(
    reserved: Mapping[tuple[int, date], int], before: Mapping[int, Opens], after: Mapping[int, Opens]
) -> tuple[Standing, ...]:
    """Will return, by day, what stands on the days that `before` opened and `after` closes.

    `reserved` counts the reservations of each (activity, day). A day that was closed already is not said again.
    """
    found = [
        Standing(activity, day, count)
        for (activity, day), count in reserved.items()
        if activity in before
        and before[activity].is_open(day)
        and not (activity in after and after[activity].is_open(day))
    ]
    return tuple(sorted(found, key=lambda one: (one.day, one.activity)))
