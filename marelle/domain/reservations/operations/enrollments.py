"""Enrollments: the right to reserve an activity, from a day to a day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations import Outcome, Said, save_rows
from marelle.domain.catalog.models import Activity
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Child
from marelle.domain.reservations.models import Enrollment
from marelle.domain.reservations.operations.locking import lock_children
from marelle.domain.reservations.rules.enrolling import Ages, WhyNotEnrolled, against_enrolling, widened
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.periods import Period
from marelle.foundation.writes import operation


class UnableToEnrollError(Exception):
    """The child is not enrolled: `why` says it. Nothing was written."""

    def __init__(self, why: WhyNotEnrolled) -> None:
        """Will keep why."""
        super().__init__(why.name)
        self.why = why


@operation
def save_enrollments(
    authority: Authority, said: Collection[Said], *, force: bool = False, by: Actor, at: datetime
) -> Outcome[Any]:
    """Will create or update enrollments as a file says them, named by child, activity and first day.

    See `authorities.save_rows`: what the office has changed since stays as it wants it.
    """
    return save_rows(authority, Enrollment, ("child_id", "activity_id", "starts_on"), said, force=force, by=by, at=at)


@operation
def enroll(
    child: Child, activity: Activity, *, starts_on: date, ends_on: date | None = None, by: Actor, at: datetime
) -> Enrollment:
    """Will enroll `child` from a day to a day (the last of the activity unless said); returns the one of the first day.

    Asked again, it is the one already there. What is recorded of those days is prolonged, under its formula, rather
    than doubled; an enrollment keeps the first day by which a file names it. Raises UnableToEnrollError.
    """
    lock_children([child.pk])
    if child.authority_id != activity.authority_id:
        raise UnableToEnrollError(WhyNotEnrolled.OTHER_AUTHORITY)
    activity = Activity.objects.select_related("authority").get(pk=activity.pk)
    ends_on = ends_on or activity.ends_on
    why = against_enrolling(
        Period(activity.starts_on, activity.ends_on),
        _ages_of(activity),
        birth_date=child.birth_date,
        starts_on=starts_on,
        ends_on=ends_on,
        on=at.astimezone(activity.authority.zone).date(),
    )
    if why is not None:
        raise UnableToEnrollError(why)
    known = {one.starts_on: one for one in Enrollment.objects.filter(child=child, activity=activity)}
    wanted = Period(starts_on, ends_on)
    change = widened(wanted, [Period(one.starts_on, one.ends_on) for one in known.values()])
    for first, last in change.prolonged.items():
        known[first].ends_on = last
        known[first].save(update_fields=["ends_on"])
    if change.added is not None:
        last = change.added.ends_on or ends_on
        # What comes before an enrollment is of the same formula: the family asked for more days, not for another price.
        following = min((one for first, one in known.items() if first > last), key=_first_day, default=None)
        is_before = following is not None and following.starts_on <= ends_on
        found: Enrollment = Enrollment.objects.create(
            authority_id=activity.authority_id,
            child=child,
            activity=activity,
            starts_on=change.added.starts_on,
            ends_on=last,
            formula=following.formula if following is not None and is_before else "",
            options=list(following.options) if following is not None and is_before else [],
        )
    else:
        found = min((one for one in known.values() if starts_on in Period(one.starts_on, one.ends_on)), key=_first_day)
    if change.added is not None or change.prolonged:
        audit.record("enroll", authority=activity.authority_id, of="enrollment", key=found.pk, by=by, at=at)
    return found


@operation
def end_enrollment(enrollment: Enrollment, *, last_day: date, by: Actor, at: datetime) -> bool:
    """Will end an enrollment on `last_day`, forget it when it begins later; tells whether that changed it.

    It is never prolonged. What is reserved beyond stays so: whoever decides cancels it too.
    """
    lock_children([enrollment.child_id])
    return _end(Enrollment.objects.filter(pk=enrollment.pk), last_day, enrollment.authority_id, by, at) > 0


@operation
def end_enrollments(children: Collection[int], *, last_day: date, authority: int, by: Actor, at: datetime) -> int:
    """Will end on `last_day` all that these children (keys) are enrolled in; returns how many enrollments changed."""
    lock_children(children)
    return _end(Enrollment.objects.filter(child__in=list(children)), last_day, authority, by, at)


def _end(enrollments: Any, last_day: date, authority: int, by: Actor, at: datetime) -> int:
    ended = sorted(enrollments.filter(ends_on__gt=last_day).values_list("pk", flat=True))
    if not ended:
        return 0
    beyond = Enrollment.objects.filter(pk__in=ended)
    # A file that speaks of one that is gone does not bring it back: see `authorities.save_rows`.
    beyond.filter(starts_on__gt=last_day).delete()
    beyond.update(ends_on=last_day)
    audit.record(
        "end_enrollment",
        authority=authority,
        of="enrollment",
        key=ended[0] if len(ended) == 1 else None,
        by=by,
        at=at,
        enrollments=ended,
        last_day=last_day.isoformat(),
    )
    return len(ended)


def _first_day(enrollment: Enrollment) -> date:
    return enrollment.starts_on


def _ages_of(activity: Activity) -> list[Ages]:
    parts = [
        part
        for product in offer_of(activity.authority).products
        if product.activity.pk == activity.pk
        for part in product.parts
    ]
    return [Ages(part.min_age, part.max_age) for part in parts]
