"""The authority's own calendar: seeded from the published ones, corrected by the authority, whose word is last."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from marelle.domain.authorities.models import Authority, Facility, LoadedRecord
from marelle.domain.authorities.operations import Key, Outcome, Said, save_rows, touch_catalog
from marelle.domain.catalog.models import ClosureDay, Holiday, Service
from marelle.domain.catalog.operations.slots import open_slots
from marelle.domain.catalog.operations.standing import opened, refuse_if_reserved
from marelle.domain.catalog.rules.published_calendar import (
    published_days,
    published_school_holidays,
    start_of_previous_school_year,
)
from marelle.domain.catalog.rules.standing import Opens
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.school_days import NamedDays
from marelle.foundation.writes import operation

NAMED_BY: Final = ("kind", "starts_on")
ZONES: Final = ("A", "B", "C")


@dataclass(frozen=True, slots=True)
class HolidaySaid:
    """School holidays, a public holiday or a day the town hall is shut, as an agent writes it."""

    kind: str
    name: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class ClosureSaid:
    """Days that close everything, a service or a facility, and why, as families read it."""

    reason: str
    starts_on: date
    ends_on: date
    service: Service | None = None
    facility: Facility | None = None


class AlreadySaidError(Exception):
    """Nothing was written: the calendar has days of that kind, or that closure, beginning on that day."""


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
    today = at.astimezone(authority.zone).date()
    published = published_days(authority.school_zone, authority.department, today)
    said = [Said(key, {"name": name, "ends_on": ends_on}) for key, (name, ends_on) in published.items()]
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


@operation
def save_holiday(
    authority: Authority,
    holiday: Holiday | None,
    said: HolidaySaid,
    *,
    reserved: Mapping[tuple[int, date], int],
    is_confirmed: bool = False,
    by: Actor,
    at: datetime,
) -> Holiday:
    """Will add days to the calendar, or change them, and open the slots of the days that open by it.

    Raises AlreadySaidError, DaysStillReservedError (`reserved`: see `activities.save_activity`).
    """
    others = Holiday.objects.filter(kind=said.kind, starts_on=said.starts_on)
    if others.exclude(pk=holiday.pk if holiday else None).exists():
        raise AlreadySaidError
    before = opened(authority)
    row = Holiday(authority=authority) if holiday is None else Holiday.objects.select_for_update().get(pk=holiday.pk)
    row.kind, row.name, row.starts_on, row.ends_on = said.kind, said.name, said.starts_on, said.ends_on
    row.save()
    _settle(
        authority,
        "save_holiday",
        row,
        key=row.pk,
        before=before,
        reserved=reserved,
        is_confirmed=is_confirmed,
        by=by,
        at=at,
    )
    return row


@operation
def remove_holiday(
    holiday: Holiday,
    *,
    reserved: Mapping[tuple[int, date], int],
    is_confirmed: bool = False,
    by: Actor,
    at: datetime,
) -> None:
    """Will take days off the calendar: an activity of the holidays closes on them. Raises DaysStillReservedError."""
    before = opened(holiday.authority)
    row = Holiday.objects.select_for_update().get(pk=holiday.pk)
    key = row.pk
    row.delete()
    _settle(
        holiday.authority,
        "remove_holiday",
        holiday,
        key=key,
        before=before,
        reserved=reserved,
        is_confirmed=is_confirmed,
        by=by,
        at=at,
    )


@operation
def close_days(
    authority: Authority,
    closure: ClosureDay | None,
    said: ClosureSaid,
    *,
    reserved: Mapping[tuple[int, date], int],
    is_confirmed: bool = False,
    by: Actor,
    at: datetime,
) -> ClosureDay:
    """Will close days, or change a closure. Nothing is cancelled by it: see `rules.standing`.

    Raises AlreadySaidError, DaysStillReservedError.
    """
    others = ClosureDay.objects.filter(starts_on=said.starts_on, service=said.service, facility=said.facility)
    if others.exclude(pk=closure.pk if closure else None).exists():
        raise AlreadySaidError
    before = opened(authority)
    row = (
        ClosureDay(authority=authority)
        if closure is None
        else ClosureDay.objects.select_for_update().get(pk=closure.pk)
    )
    row.reason, row.starts_on, row.ends_on = said.reason, said.starts_on, said.ends_on
    row.service, row.facility = said.service, said.facility
    row.save()
    _settle(
        authority,
        "close_days",
        row,
        key=row.pk,
        before=before,
        reserved=reserved,
        is_confirmed=is_confirmed,
        by=by,
        at=at,
    )
    return row


@operation
def reopen_days(closure: ClosureDay, *, by: Actor, at: datetime) -> None:
    """Will take a closure back, and open the slots of its days."""
    row = ClosureDay.objects.select_for_update().get(pk=closure.pk)
    key = row.pk
    row.delete()
    _settle(closure.authority, "reopen_days", closure, key=key, before={}, reserved={}, is_confirmed=True, by=by, at=at)


@operation
def follow_published_calendar(
    authority: Authority,
    *,
    reserved: Mapping[tuple[int, date], int],
    is_confirmed: bool = False,
    by: Actor,
    at: datetime,
) -> int:
    """Will fill the calendar with what is published for the authority's zone; return how many rows changed.

    School holidays that another zone publishes, written as it publishes them, are taken off: the authority has changed
    its zone. What an agent wrote or removed stays as she wants it. Raises DaysStillReservedError.
    """
    first = start_of_previous_school_year(at.astimezone(authority.zone).date())
    ours = set(published_school_holidays(authority.school_zone, first)) if authority.school_zone else set()
    theirs = {span for zone in ZONES for span in published_school_holidays(zone, first)} - ours
    before = opened(authority)
    gone = [
        row.pk
        for row in Holiday.objects.filter(kind=Holiday.Kind.SCHOOL)
        if NamedDays(row.name, row.starts_on, row.ends_on) in theirs
    ]
    # Forgotten, not only removed: if the authority comes back to that zone, they are seeded again.
    LoadedRecord.objects.filter(kind=Holiday._meta.label_lower, object_key__in=gone).delete()
    Holiday.objects.filter(pk__in=gone).delete()
    outcome = seed_calendar(authority, by=by, at=at)
    changed = len(gone) + outcome.created + len(outcome.changed)
    if not changed:
        return 0
    standing = refuse_if_reserved(authority, before, reserved, is_confirmed=is_confirmed)
    touch_catalog(authority, by=by, at=at)
    slots = open_slots(authority, by=by, at=at)
    audit.record(
        "follow_published_calendar",
        authority=authority.pk,
        of="holiday",
        key=None,
        by=by,
        at=at,
        removed=len(gone),
        changed=changed,
        opened=slots,
        left_standing=standing,
    )
    return changed


def _settle(
    authority: Authority,
    verb: str,
    days: Holiday | ClosureDay,
    *,
    key: int,
    before: Mapping[int, Opens],
    reserved: Mapping[tuple[int, date], int],
    is_confirmed: bool,
    by: Actor,
    at: datetime,
) -> None:
    """Will end a write of the calendar: who would come to a closed door, the slots that open, the line of audit."""
    standing = refuse_if_reserved(authority, before, reserved, is_confirmed=is_confirmed)
    touch_catalog(authority, by=by, at=at)
    slots = open_slots(authority, by=by, at=at)
    audit.record(
        verb,
        authority=authority.pk,
        of=days._meta.model_name or "",
        key=key,
        by=by,
        at=at,
        starts_on=days.starts_on.isoformat(),
        ends_on=days.ends_on.isoformat(),
        opened=slots,
        left_standing=standing,
    )
