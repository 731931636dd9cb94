"""The calendar that the State publishes: the school holidays of each zone, the public holidays of each department."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

from vacances_scolaires_france import SchoolHolidayDates

from marelle.domain.catalog.rules.public_holidays import published_public_holidays
from marelle.foundation.school_days import NamedDays

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHOOL: Final = "school"
PUBLIC: Final = "public"
FIRST_MONTH_OF_A_SCHOOL_YEAR: Final = 9
# Public holidays are a matter of law for ever; the calendar is seeded as far as the school holidays are published.
YEARS_AHEAD_WITHOUT_ZONE: Final = 2


def published_days(
    zone: str, department: str, today: date, *, since: date | None = None
) -> dict[tuple[str, date], tuple[str, date]]:
    """Will return what is published, by kind and first day: its name and its last day.

    From the first of September before last, or from `since` when that is earlier, up to the last published day of
    class. `zone` is A, B, C, or empty where the calendar is the authority's own.
    """
    seeded = start_of_previous_school_year(today)
    first = seeded if since is None else min(seeded, since)
    school = list(published_school_holidays(zone, first)) if zone else []
    last = max((span.ends_on for span in school), default=date(seeded.year + 1 + YEARS_AHEAD_WITHOUT_ZONE, 8, 31))
    public = published_public_holidays(department, first, last)
    return {
        (kind, span.starts_on): (span.name, span.ends_on)
        for kind, spans in ((SCHOOL, school), (PUBLIC, public))
        for span in spans
    }


def published_school_holidays(zone: str, first: date) -> Iterator[NamedDays]:
    """Will yield the school holidays of zone A, B or C that end on `first` or later, as far as they are published."""
    published = _published()
    days: dict[date, str] = {}
    for year in range(first.year, published.max_year + 1):
        for day, facts in published.holidays_for_year_and_zone(year, zone).items():
            days[day] = facts["nom_vacances"]
    span: NamedDays | None = None
    for day in sorted(days):
        name = days[day].replace("'", "’")
        if span and span.name == name and day - span.ends_on == timedelta(days=1):
            span = NamedDays(name, span.starts_on, day)
            continue
        if span and span.ends_on >= first:
            yield span
        span = NamedDays(name, day, day)
    if span and span.ends_on >= first:
        yield span


def start_of_previous_school_year(today: date) -> date:
    """Will return the first of September of the school year before that of `today`."""
    started = today.year if today.month >= FIRST_MONTH_OF_A_SCHOOL_YEAR else today.year - 1
    return date(started - 1, FIRST_MONTH_OF_A_SCHOOL_YEAR, 1)


@cache
def _published() -> SchoolHolidayDates:
    return SchoolHolidayDates()  # reads a file of 14,000 days
