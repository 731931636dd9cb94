"""Which home answers for a child that day, said beside its name on the lists that agents hold: whom to call first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from marelle.domain.families.models import Family
from marelle.domain.reservations.queries.custody import responsible_homes
from marelle.domain.reservations.queries.custody_changes import children_shared
from marelle.web.office.custody.shown import home_names
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

    One statement when none has two homes, three otherwise.
    """
    if not (visit.may(ROLES.RECORD_ATTENDANCE) or visit.may(ROLES.READ_FAMILIES)):
        return {}
    shared = children_shared(on=day).intersection(children)
    found = responsible_homes(shared, first=day, last=day, authority=visit.authority.pk)
    homes = {child: home for child in shared if (home := found.home(child, day)) is not None}
    if not homes:
        return {}
    families = Family.objects.in_bulk(set(homes.values()))
    names = home_names(families.values())
    when = "Aujourd’hui" if day == visit.today else "Ce jour-là"
    return {
        child: HomeOfDay(home, families[home].public_id, f"{when} chez {names[home]}") for child, home in homes.items()
    }
