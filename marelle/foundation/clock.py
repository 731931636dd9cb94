"""The only module that reads the clock.

There are two times. *Business time* decides deadlines, prices and what « today » is; the demonstration may visit
another date with it, its hours running on. *Machine time* serves sessions, tokens, throttles and jobs; nothing
moves it.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

PARIS = ZoneInfo("Europe/Paris")


class _Visit:
    """A moment at which the whole process is held: a test's server answers in other threads than the test's own."""

    moment: datetime | None = None


_visit = _Visit()


def machine_now() -> datetime:
    """Will return the machine's present moment, in UTC."""
    return datetime.now(UTC)


def business_now() -> datetime:
    """Will return the present moment of business, in UTC.

    When the site is visited at another date (`MARELLE_BUSINESS_DAYS_AHEAD`), the wall clock of Paris is kept and only
    the day is moved, so that 8:59 stays 8:59 across the nights the clock changes.
    """
    if _visit.moment is not None:
        return _visit.moment
    days_ahead = settings.BUSINESS_DAYS_AHEAD
    now = machine_now()
    if not days_ahead:
        return now
    wall_clock = now.astimezone(PARIS).replace(tzinfo=None) + timedelta(days=days_ahead)
    return wall_clock.replace(tzinfo=PARIS).astimezone(UTC)


def business_today(zone: ZoneInfo = PARIS) -> date:
    """Will return the present business day in `zone`."""
    return business_now().astimezone(zone).date()


@contextmanager
def visiting(moment: datetime) -> Iterator[None]:
    """Will hold the business time of this process at `moment` (aware): for tests, and for replaying a day."""
    if moment.tzinfo is None:
        message = "a moment of business has a time zone"
        raise ValueError(message)
    previous, _visit.moment = _visit.moment, moment.astimezone(UTC)
    try:
        yield
    finally:
        _visit.moment = previous
