"""In what a child may be enrolled, as an agent chooses it: an activity of its school, or of another place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marelle.domain.authorities.models import SchoolClass
from marelle.domain.catalog.models import Activity

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date


@dataclass(frozen=True, slots=True)
class Place:
    """A class: its key, that of its school, what a form calls it and its words."""

    key: int
    facility: int
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Enrollable:
    """What a child may be enrolled in. Of a school, it is one name for the activity of each school."""

    value: str
    label: str
    by_facility: dict[int, int]
    is_of_school: bool

    def at(self, facility: int | None) -> int | None:
        """Will return the activity (key) for a child of that school; None: that school has none."""
        if self.is_of_school:
            return self.by_facility.get(facility or 0)
        return next(iter(self.by_facility.values()))


def classes_to_choose() -> list[Place]:
    """Will return the classes of the authority in scope, by school, in the order in which each lists them."""
    rows = SchoolClass.objects.select_related("facility").order_by("facility__name", "position", "name", "pk")
    return [
        Place(row.pk, row.facility_id, f"{row.facility.code}/{row.code}", f"{row.facility.name}, {row.name}")
        for row in rows
    ]


def enrollables(activities: Collection[int], *, schools: Collection[int], on: date) -> list[Enrollable]:
    """Will return what these activities (keys) offer from `on`; those of `schools` (keys) that bear a name are one."""
    rows = (
        Activity.objects.filter(pk__in=list(activities), ends_on__gte=on)
        .select_related("service", "facility")
        .order_by("service__position", "service__name", "position", "name", "facility__name", "starts_on", "pk")
    )
    found: dict[str, Enrollable] = {}
    for row in rows:
        is_of_school = row.facility_id in schools
        value = f"{row.service.code}:{row.name}" if is_of_school else row.public_id
        label = row.name if is_of_school else f"{row.name} ({row.facility.name})"
        one = found.setdefault(value, Enrollable(value, label, {}, is_of_school))
        # Of two years of the same activity, the first to end is the one under way.
        one.by_facility.setdefault(row.facility_id, row.pk)
    return list(found.values())
