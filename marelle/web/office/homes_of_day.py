"""Which home answers for a child that day, said beside its name on the lists that agents hold: whom to call first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from marelle.domain.reservations.queries.custody_effects import homes_named_on
from marelle.web.office.surroundings import ROLES

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from marelle.web.doors import OfficeVisit


class HomeOfDay(NamedTuple):
    """A home (key, and public id) that answers for a child that day, in words."""

    family: int
    public_id: str
    words: str


def homes_of_day(visit: OfficeVisit, children: Collection[int], day: date) -> dict[int, HomeOfDay]:
    """Will return the home of the day of those of these children (keys) who have two, for whoever calls families.

    One statement.
    """
    if not (visit.may(ROLES.RECORD_ATTENDANCE) or visit.may(ROLES.READ_FAMILIES)):
        return {}
    rows = homes_named_on(day, children, authority=visit.authority.pk)
    codes: dict[str, set[str]] = {}
    for row in rows:
        codes.setdefault(row.name, set()).add(row.code)
    when = "Aujourd’hui" if day == visit.today else "Ce jour-là"
    return {
        row.child: HomeOfDay(
            row.family,
            row.public_id,
            f"{when} chez {row.name}{f' ({row.code})' if len(codes[row.name]) > 1 else ''}",
        )
        for row in rows
    }
