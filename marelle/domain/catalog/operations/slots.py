"""Slots: a row for each part of each open day, made ahead so that taking a place only ever updates."""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.models import Activity, ClosureDay, SlotTemplate
from marelle.domain.catalog.queries import calendar_of
from marelle.domain.catalog.rules.opening import OpeningDays, closed
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.periods import Period, days_between
from marelle.foundation.school_days import NamedDays
from marelle.foundation.writes import operation


@operation
def open_slots(authority: Authority, *, by: Actor, at: datetime) -> int:
    """Will make the slots that are missing, one for each template and open day of its activity; return how many.

    Existing ones are left as they are. No day is opened beyond the last one for which school holidays are published:
    what is taught then is not known.
    """
    calendar = calendar_of(authority)
    closures = list(ClosureDay.objects.order_by("pk").values())
    open_days: dict[int, list[date]] = {}
    for activity in Activity.objects.order_by("pk"):
        opening = OpeningDays(
            Period(activity.starts_on, activity.ends_on),
            frozenset(activity.term_weekdays),
            frozenset(activity.holiday_weekdays),
        )
        own_closures = tuple(
            NamedDays(row["reason"], row["starts_on"], row["ends_on"])
            for row in closures
            if row["service_id"] in {None, activity.service_id} and row["facility_id"] in {None, activity.facility_id}
        )
        last = min(activity.ends_on, calendar.known_until or activity.ends_on)
        open_days[activity.pk] = [
            day for day in days_between(activity.starts_on, last) if not closed(day, opening, calendar, own_closures)
        ]
    rows = [
        (template.pk, template.activity_id, day, template.capacity)
        for template in SlotTemplate.objects.order_by("pk")
        for day in open_days[template.activity_id]
    ]
    if not rows:
        return 0
    templates, activities, days, capacities = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO catalog_slot (authority_id, template_id, activity_id, date, capacity, taken)
            SELECT %s, wanted.template, wanted.activity, wanted.day, wanted.capacity, 0
            FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::integer[])
                 AS wanted(template, activity, day, capacity)
            LEFT JOIN catalog_slot present
                   ON present.authority_id = %s AND present.template_id = wanted.template AND present.date = wanted.day
            WHERE present.id IS NULL
            ON CONFLICT (authority_id, template_id, date) DO NOTHING
            """,
            [authority.pk, list(templates), list(activities), list(days), list(capacities), authority.pk],
        )
        opened: int = cursor.rowcount
    if opened:
        audit.record("open_slots", authority=authority.pk, of="slot", key=None, by=by, at=at, opened=opened)
    return opened
