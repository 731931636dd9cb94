"""Days written as RFC 5545 says, by the library `icalendar`: what telephones and mail programs read.

Moments are in universal time, so that no agenda has to know the rules of summer time over there.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from icalendar import Calendar, Event

from marelle.foundation.derived_secrets import digest_of_code
from marelle.web.family.agenda import wording

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from zoneinfo import ZoneInfo

    from marelle.domain.reservations.queries.agenda import AgendaDay

PRODUCT: Final = "-//Marelle//Agenda//FR"
# How often a program may come back for what changed: most choose by themselves.
EVERY: Final = "PT6H"


def calendar_of(days: Iterable[AgendaDay], *, name: str, host: str, zone: ZoneInfo) -> bytes:
    """Will write these days as one calendar: an event each, named alike for ever, so that a change replaces it."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-published-ttl", EVERY)
    for day in days:
        calendar.add_component(_event(day, host=host, zone=zone))
    return bytes(calendar.to_ical())


def _event(day: AgendaDay, *, host: str, zone: ZoneInfo) -> Event:
    event = Event()
    event.add("uid", f"{digest_of_code('agenda_day', str(day.key))[:32]}@{host}")
    event.add("dtstamp", day.reserved_at.astimezone(UTC))
    if day.starts_at is not None and day.ends_at is not None and day.starts_at < day.ends_at:
        event.add("dtstart", _moment(day.date, day.starts_at, zone))
        event.add("dtend", _moment(day.date, day.ends_at, zone))
    else:
        event.add("dtstart", day.date)
        event.add("dtend", day.date + timedelta(days=1))
    event.add("summary", f"{day.child} : {day.product}")
    event.add("location", ", ".join(filter(None, (day.place, " ".join(day.address.split())))))
    event.add("description", "\n".join(filter(None, (day.activity, wording.HELD if day.is_held else ""))))
    event.add("status", "TENTATIVE" if day.is_held else "CONFIRMED")
    event.add("class", "PRIVATE")
    # It is the child who is busy, not the parent.
    event.add("transp", "TRANSPARENT")
    return event


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
