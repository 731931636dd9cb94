"""A school year is copied into the next in one write, and taken back while nobody has done anything with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.models import Activity, Slot
from marelle.domain.catalog.operations.slots import open_slots
from marelle.domain.catalog.operations.years import Again, begin_again, take_back
from marelle.domain.onboarding.models import ActivityCopy
from marelle.domain.onboarding.queries.next_year import lived_in
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation

# A copy lasts a year, or two: beyond, somebody mistyped.
MOST_YEARS: Final = 2


class Unwanted(Enum):
    """What stands against the days of a copy."""

    ENDS_BEFORE = "ends_before"
    OVERLAPS = "overlaps"  # it would begin before the activity that it copies has ended
    TOO_FAR = "too_far"  # no copy is that long after


class UnableToCopyError(Exception):
    """Nothing was written: the days of an activity (key) will not do, and why."""

    def __init__(self, activity: int, why: Unwanted) -> None:
        """Will keep which and why, for a form to show it in its place."""
        super().__init__(why.value)
        self.activity = activity
        self.why = why


class YearInUseError(Exception):
    """Nothing was undone: somebody is enrolled, comes or waits in some of the copies; `activities` are their keys."""

    def __init__(self, activities: frozenset[int]) -> None:
        """Will keep which."""
        super().__init__(f"{len(activities)} activities in use")
        self.activities = activities


@dataclass(frozen=True, slots=True)
class CopiedYear:
    """How many activities were made, and how many slots they have."""

    activities: int
    slots: int


@operation
def copy_year(
    authority: Authority, wanted: Sequence[Again], *, year: int, resolution: str = "", by: Actor, at: datetime
) -> CopiedYear:
    """Will copy activities of the school year that began in `year` into the next one, and open their slots.

    One that was copied already is left: asked twice, nothing more is made. Enrollments are not copied. Raises
    UnableToCopyError; KeyError for an activity of another authority.
    """
    Authority.objects.select_for_update(no_key=True).get(pk=authority.pk)
    copied = set(ActivityCopy.objects.values_list("source", flat=True))
    sources = {row.pk: row for row in Activity.objects.filter(pk__in=[one.activity for one in wanted]).order_by("pk")}
    chosen = [one for one in wanted if one.activity not in copied]
    for one in chosen:
        _judge(one, sources[one.activity])
    made = begin_again(authority, chosen, year=year + 1, resolution=resolution, by=by, at=at)
    ActivityCopy.objects.bulk_create(
        [
            ActivityCopy(authority=authority, source_id=source, copy=copy, school_year=year, copied_at=at)
            for source, copy in made.items()
        ]
    )
    slots = 0
    if made:
        open_slots(authority, by=by, at=at)
        slots = Slot.objects.filter(activity__in=[copy.pk for copy in made.values()]).count()
        audit.record(
            "copy_year",
            authority=authority.pk,
            of="activitycopy",
            key=None,
            by=by,
            at=at,
            year=year,
            activities=len(made),
            slots=slots,
        )
    return CopiedYear(len(made), slots)


@operation
def undo_copy(authority: Authority, *, year: int, by: Actor, at: datetime) -> int:
    """Will remove all the copies of the school year that began in `year` and return how many.

    Raises YearInUseError.
    """
    Authority.objects.select_for_update(no_key=True).get(pk=authority.pk)
    copies = list(ActivityCopy.objects.filter(school_year=year).order_by("pk").values_list("copy", flat=True))
    # Nobody enrolls a child in a row that is locked, and nobody reserves without being enrolled.
    list(Activity.objects.select_for_update().filter(pk__in=copies).order_by("pk"))
    in_use = lived_in(copies)
    if in_use:
        raise YearInUseError(in_use)
    if copies:
        take_back(authority, copies, by=by, at=at)
        audit.record(
            "undo_copy",
            authority=authority.pk,
            of="activitycopy",
            key=None,
            by=by,
            at=at,
            year=year,
            undone=len(copies),
        )
    return len(copies)


def _judge(one: Again, source: Activity) -> None:
    if one.ends_on < one.starts_on:
        raise UnableToCopyError(one.activity, Unwanted.ENDS_BEFORE)
    if one.starts_on <= source.ends_on:
        raise UnableToCopyError(one.activity, Unwanted.OVERLAPS)
    if one.ends_on.year > source.ends_on.year + MOST_YEARS:
        raise UnableToCopyError(one.activity, Unwanted.TOO_FAR)
