"""The authority's own calendar: seeded from the published ones, corrected by the authority, whose word is last."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Final

from vacances_scolaires_france import SchoolHolidayDates

from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations import Key, Outcome, Said, save_rows, touch_catalog
from marelle.domain.catalog.models import Holiday
from marelle.domain.catalog.rules.public_holidays import published_public_holidays
from marelle.foundation.actors import Actor
from marelle.foundation.school_days import NamedDays
from marelle.foundation.writes import operation

NAMED_BY: Final = ("kind", "starts_on")
FIRST_MONTH_OF_A_SCHOOL_YEAR: Final = 9
# Public holidays are a matter of law for ever; the calendar is seeded as far as the school holidays are published.
YEARS_AHEAD_WITHOUT_ZONE: Final = 2


@operation
def seed_calendar(
    authority: Authority,
    *,
    except_for: Collection[Key] = frozenset(),
    force: bool = False,
    by: Actor,
    at: datetime,
) -> Outcome[Any]:
    """Will fill the authority's calendar with the published holidays of its zone and department.

    From the first of September before last up to the last published day of class. Days that the authority has changed
    or removed stay as it wants them; `except_for` names (kind, first day) those that are said elsewhere.
    """
    first = _start_of_previous_school_year(at.astimezone(authority.zone).date())
    school = list(published_school_holidays(authority.school_zone, first)) if authority.school_zone else []
    last = max((span.ends_on for span in school), default=date(first.year + 1 + YEARS_AHEAD_WITHOUT_ZONE, 8, 31))
    public = published_public_holidays(authority.department, first, last)
    said = [
        *(_said(Holiday.Kind.SCHOOL, span) for span in school),
        *(_said(Holiday.Kind.PUBLIC, span) for span in public),
    ]
    return save_holidays(authority, [each for each in said if each.key not in except_for], force=force, by=by, at=at)


@operation
def save_holidays(
    authority: Authority, said: Collection[Said], *, force: bool = False, by: Actor, at: datetime
) -> Outcome[Any]:
    """Will create or update days of the calendar, named by kind and first day; see `authorities.save_rows`."""
    outcome = save_rows(authority, Holiday, NAMED_BY, said, force=force, by=by, at=at)
    if outcome.has_changed:
        touch_catalog(authority, by=by, at=at)
    return outcome


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


@cache
def _published() -> SchoolHolidayDates:
    return SchoolHolidayDates()  # reads a file of 14,000 days


def _said(kind: str, span: NamedDays) -> Said:
    return Said((str(kind), span.starts_on), {"name": span.name, "ends_on": span.ends_on})


def _start_of_previous_school_year(today: date) -> date:
    started = today.year if today.month >= FIRST_MONTH_OF_A_SCHOOL_YEAR else today.year - 1
    return date(started - 1, FIRST_MONTH_OF_A_SCHOOL_YEAR, 1)
