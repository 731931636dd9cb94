"""Public holidays: set by law for ever, by department, long after the last school holidays that are published."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import holidays

from marelle.foundation.school_days import Calendar, NamedDays

if TYPE_CHECKING:
    from collections.abc import Mapping

# Alsace and Moselle keep two more days; overseas departments each have their own. Codes of the `holidays` package.
SUBDIVISIONS: Final[Mapping[str, str]] = {
    "57": "57",
    "67": "6AE",
    "68": "6AE",
    "971": "971",
    "972": "972",
    "973": "973",
    "974": "974",
    "975": "PM",
    "976": "976",
    "977": "BL",
    "978": "MF",
    "986": "WF",
    "987": "PF",
    "988": "NC",
}


def published_public_holidays(department: str, first: date, last: date) -> list[NamedDays]:
    """Will return the public holidays of a department from `first` to `last`, both included, in French."""
    days = holidays.country_holidays(
        "FR", subdiv=SUBDIVISIONS.get(department), years=range(first.year, last.year + 1), language="fr"
    )
    return [NamedDays(name.replace("'", "’"), day, day) for day, name in sorted(days.items()) if first <= day <= last]


def estimated_until(calendar: Calendar, department: str, until: date) -> Calendar:
    """Will return `calendar` carried on to `until`: school holidays estimated, public holidays as the law has them.

    What the authority wrote stays as it is: only days after the last one that its own calendar knows are added.
    """
    ends = [span.ends_on for span in calendar.public_holidays]
    if calendar.known_until is not None:
        ends.append(calendar.known_until)
    edge = max(ends, default=None)
    carried = calendar.estimated(until)
    if edge is None or edge >= until:
        return carried
    added = published_public_holidays(department, edge + timedelta(days=1), until)
    return replace(carried, public_holidays=(*carried.public_holidays, *added))
