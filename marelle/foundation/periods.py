"""Spans of days, both ends included, and weeks from Monday to Sunday."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days from `starts_on` to `ends_on`, both included; `ends_on` None means without end."""

    starts_on: date
    ends_on: date | None = None

    def __post_init__(self) -> None:
        """Will raise ValueError when the period ends before it starts."""
        if self.ends_on is not None and self.ends_on < self.starts_on:
            message = f"la période finit le {self.ends_on} avant de commencer le {self.starts_on}"
            raise ValueError(message)

    def __contains__(self, day: date) -> bool:
        """Will tell whether `day` is one of the period's days."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


def days_between(first: date, last: date) -> Iterator[date]:
    """Will yield each day from `first` to `last`, both included; nothing when `last` comes before."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def monday_of(day: date) -> date:
    """Will return the Monday of the week of `day`."""
    return day - timedelta(days=day.weekday())


def age_on(day: date, birth_date: date) -> int:
    """Will return the age in whole years on `day`; a child born on 29 February grows a year older on 1 March."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
