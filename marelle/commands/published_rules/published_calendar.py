"""The calendar that a file of published rules gives, and the days about which it says something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from marelle.foundation.school_days import Calendar, NamedDays

Days = tuple[date, date]  # first and last, both included

ONE_DAY: Final = timedelta(days=1)
# Between two public holidays of France, and between two school holidays, never longer: beyond, some are missing.
LONGEST_WITHOUT_PUBLIC_HOLIDAY: Final = 120
LONGEST_TERM: Final = 110
SEPTEMBER: Final = 9
AUTUMN_HOLIDAYS: Final = (10, 11)
# No public holiday between these two days of a year (month, day), so that the first or last one listed says more.
QUIET_BEFORE: Final = {(11, 1): 77, (1, 1): 6}
QUIET_AFTER: Final = {(8, 15): 77, (12, 25): 6}


@dataclass(frozen=True, slots=True)
class PublishedCalendar:
    """Public holidays, sorted; by zone, school holidays as (first day off, first day of class again).

    `unknown` are fields of the calendar that are not known: what is counted with it would be a guess.
    """

    public: tuple[date, ...] = ()
    school: Mapping[str, tuple[Days, ...]] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    def of(self, school_zone: str | None) -> Calendar:
        """Will return the calendar of a zone; of the public holidays only, without one."""
        return Calendar(
            school_holidays=tuple(
                NamedDays("vacances scolaires", first, back - ONE_DAY)
                for first, back in self.school.get(school_zone or "", ())
            ),
            public_holidays=tuple(NamedDays("jour férié", day, day) for day in self.public),
        )

    def knows_public_holidays(self, span: Days) -> bool:
        """Will tell whether the file lists the public holidays of the whole span."""
        single = [(day, day) for day in self.public]
        return any(
            first - timedelta(days=QUIET_BEFORE.get((first.month, first.day), 0)) <= span[0]
            and span[1] <= last + timedelta(days=QUIET_AFTER.get((last.month, last.day), 0))
            for first, last in _runs(single, LONGEST_WITHOUT_PUBLIC_HOLIDAY)
        )

    def knows_school_holidays(self, school_zone: str, span: Days) -> bool:
        """Will tell whether the file lists the school holidays of the zone in the whole span."""
        return any(
            _start_of_class(first) <= span[0] and span[1] <= last
            for first, last in _runs(sorted(self.school.get(school_zone, ())), LONGEST_TERM)
        )


def _runs(spans: list[Days], longest_gap: int) -> list[Days]:
    """Will join spans that follow each other without too long a gap."""
    runs: list[Days] = []
    for first, last in spans:
        if runs and (first - runs[-1][1]).days <= longest_gap:
            runs[-1] = (runs[-1][0], max(last, runs[-1][1]))
        else:
            runs.append((first, last))
    return runs


def _start_of_class(first: date) -> date:
    return date(first.year, SEPTEMBER, 1) if first.month in AUTUMN_HOLIDAYS else first
