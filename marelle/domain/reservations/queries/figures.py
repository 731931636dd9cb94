"""What was reserved, seen and full over months and years, counted by the database; each read is one statement.

A town of 1,200 children has a million rows in three years: days past are counted each night (`operations.figures`) and
read from there, the last weeks are counted as they are asked for (decision 47).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db import connection
from django.db.models import Count, Sum

from marelle.domain.catalog.models import Slot
from marelle.domain.families.models import FamilyQuotient
from marelle.domain.reservations.models import Enrollment, FiguresCount
from marelle.domain.reservations.rules.figures import Counts, DayCounts, Filled, Step
from marelle.domain.reservations.rules.forecast import Past, shifts
from marelle.foundation import tenancy
from marelle.foundation.periods import days_between
from marelle.foundation.school_days import A_YEAR_OF_WEEKS, ONE_DAY

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


_STEPS: Final = {Step.DAY: "day", Step.WEEK: "week", Step.MONTH: "month"}


class Sitting(NamedTuple):
    """A part of the day of an activity (keys, and its name)."""

    activity: int
    name: str


@dataclass(frozen=True, slots=True)
class Hours:
    """What a product (key) was in a period for children of an age and of a scheme, in minutes.

    `is_young`: under six on the day. `provider` is who pays the family's benefits (« CNAF », « MSA »), empty when its
    quotient does not say. `noted` of the `presences` have the minutes that an agent noted; the others last as long as
    the part of the day does. `unticked` are the reservations of days that are over of which nobody said who came.
    """

    product: int
    is_young: bool
    provider: str
    presences: int
    noted: int
    minutes: int
    unticked: int = 0


def counted_until(authority: int) -> FiguresCount | None:
    """Will return until when the days of an authority (key) are counted, None before the first night."""
    return FiguresCount.objects.filter(authority=authority, until__isnull=False).first()


def day_counts(
    authority: int, *, products: Collection[int], first: date, last: date, step: Step, until: date | None
) -> list[DayCounts]:
    """Will count these products (keys) of an authority (key), both days included, by days, weeks or months.

    Days up to `until` are read as they were counted at night, those after it now. The day of each is the first of its
    step, even before `first`.
    """
    values = {**_period(products, first, last, until), "step": _STEPS[step]}
    return [DayCounts(product, day, Counts(*counts)) for product, day, *counts in _rows(COUNTS, authority, values)]


def fillings(authority: int, *, activities: Collection[int], first: date, last: date) -> dict[Sitting, Filled]:
    """Will count the places of the sessions of these activities (keys), both days included, by part of the day."""
    values = {"activities": list(activities), "first": first, "last": last}
    return {Sitting(activity, name): Filled(*counts) for activity, name, *counts in _rows(FILLED, authority, values)}


def booked_ahead(authority: int, *, products: Collection[int], first: date, last: date) -> dict[tuple[int, date], int]:
    """Will count what is reserved or held of each product (key) on each day, both days included."""
    values = {"products": list(products), "first": first, "last": last}
    return {(product, day): count for product, day, count in _rows(BOOKED, authority, values)}


def enrolled_ahead(*, activities: Collection[int], first: date, last: date) -> dict[tuple[int, date], int]:
    """Will count who is enrolled in each of these activities (keys) of those in scope on each day, both included."""
    spans = (
        Enrollment.objects.filter(activity__in=list(activities), starts_on__lte=last, ends_on__gte=first)
        .values_list("activity_id", "starts_on", "ends_on")
        .annotate(children=Count("child", distinct=True))
    )
    found: dict[tuple[int, date], int] = {}
    for activity, starts_on, ends_on, children in spans:
        for day in days_between(max(first, starts_on), min(last, ends_on)):
            found[activity, day] = found.get((activity, day), 0) + children
    return found


def places_ahead(*, activities: Collection[int], first: date, last: date) -> dict[tuple[int, date], int | None]:
    """Will add up the places of each of these activities (keys) of those in scope on each day, both included.

    None where one of its parts of that day has no limit.
    """
    rows = (
        Slot.objects.filter(activity__in=list(activities), date__range=(first, last))
        .values_list("activity_id", "date")
        .annotate(places=Sum("capacity"), limited=Count("capacity"), parts=Count("pk"))
    )
    return {(activity, day): places if limited == parts else None for activity, day, places, limited, parts in rows}


def year_before(
    authority: int, *, products: Mapping[int, int], first: date, last: date, today: date, zone: str
) -> dict[int, list[Past]]:
    """Will return what the days about a year before `first` to `last` had in the end, and so long before.

    `products` says in which group (a key of the caller's) each product (key) is counted; the answer is by group. So
    long before, is what the midnight of `zone` that ended the day fifty-two weeks before `today` found reserved: some
    weeks earlier or later for the days around, as `rules.forecast` asks.
    """
    weeks = shifts()
    values = {
        "products": list(products),
        "groups": list(products.values()),
        "first": first - A_YEAR_OF_WEEKS + timedelta(weeks=min(weeks)),
        "last": last - A_YEAR_OF_WEEKS + timedelta(weeks=max(weeks)),
        "zone": zone,
    }
    cuts = {
        f"cut_{place}": today - A_YEAR_OF_WEEKS + timedelta(weeks=shift, days=1) for place, shift in enumerate(weeks)
    }
    found: dict[int, list[Past]] = {}
    for group, day, final, *then in _rows(YEAR_BEFORE, authority, {**values, **cuts}):
        found.setdefault(group, []).append(Past(day, final, dict(zip(weeks, then, strict=True))))
    return found


def standing_quotients(*, on: date) -> list[int | None]:
    """Will return the quotient (cents) of each family in scope with a child enrolled on a day; None without one.

    In no order, and nobody is named. Two statements.
    """
    enrolled = Enrollment.objects.filter(starts_on__lte=on, ends_on__gte=on)
    homes = set(
        enrolled.filter(child__custodies__starts_on__lte=on)
        .exclude(child__custodies__ends_on__lt=on)
        .values_list("child__custodies__family_id", flat=True)
    )
    known = dict(
        FamilyQuotient.objects.filter(family__in=homes, withdrawn_at__isnull=True, valid_from__lte=on)
        .order_by("family_id", "-valid_from")
        .distinct("family_id")
        .values_list("family_id", "value_cents")
    )
    return [known.get(home) for home in homes]


def hours_of(
    authority: int, *, products: Collection[int], first: date, last: date, until: date | None, today: date
) -> list[Hours]:
    """Will add up how long children were present for these products (keys), both days included.

    As `day_counts` for `until`. Days before `today` are over.
    """
    values = {**_period(products, first, last, until), "today": today}
    return [Hours(*row) for row in _rows(HOURS, authority, values)]


def _period(products: Collection[int], first: date, last: date, until: date | None) -> dict[str, Any]:
    live = first if until is None else max(first, until + ONE_DAY)
    return {"products": list(products), "first": first, "live": live, "last": last}


def _rows(statement: str, authority: int, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    if not tenancy.is_in_scope(authority):
        raise tenancy.UnscopedQueryError
    with connection.cursor() as cursor:
        cursor.execute(statement, {"authority": authority, **values})
        return cursor.fetchall()


# How long each product lasts at each age: a part of the day may be for some ages only.
LENGTHS: Final = """
lengths AS (
    SELECT p.product_id, ages.age,
        (sum(extract(epoch FROM t.ends_at - t.starts_at)) / 60)::int AS minutes
    FROM catalog_productslot AS p
    JOIN catalog_slottemplate AS t ON t.authority_id = p.authority_id AND t.id = p.template_id
    CROSS JOIN generate_series(0, 18) AS ages (age)
    WHERE p.authority_id = %(authority)s AND p.product_id = ANY(%(products)s::bigint[])
        AND (t.min_age IS NULL OR ages.age >= t.min_age) AND (t.max_age IS NULL OR ages.age <= t.max_age)
    GROUP BY p.product_id, ages.age
)
"""

# Days as they are now, from `live` to `last`. Who pays the benefits of a child's home is what the latest quotient says
# that does, of the home by the first key when it has two.
COUNTED_NOW: Final = f"""
{LENGTHS}, providers AS (
    SELECT DISTINCT ON (u.child_id) u.child_id, q.provider
    FROM families_custody AS u
    JOIN families_familyquotient AS q ON q.authority_id = u.authority_id AND q.family_id = u.family_id
    WHERE u.authority_id = %(authority)s AND q.withdrawn_at IS NULL AND q.provider <> ''
        AND q.valid_from <= %(last)s AND u.starts_on <= %(last)s AND (u.ends_on IS NULL OR u.ends_on >= %(live)s)
    ORDER BY u.child_id, q.valid_from DESC, u.family_id
), known AS (
    SELECT c.id, c.birth_date, coalesce(p.provider, '') AS provider
    FROM families_child AS c LEFT JOIN providers AS p ON p.child_id = c.id
    WHERE c.authority_id = %(authority)s
), lived AS (
    SELECT child_id, product_id, date, r.child_id IS NOT NULL AS is_booked, a.state, a.minutes
    FROM (
        SELECT child_id, product_id, date FROM reservations_reservation
        WHERE authority_id = %(authority)s AND product_id = ANY(%(products)s::bigint[])
            AND date BETWEEN %(live)s AND %(last)s AND state = 'reserved'
    ) AS r
    FULL JOIN (
        SELECT child_id, product_id, date, state, minutes FROM reservations_attendance
        WHERE authority_id = %(authority)s AND product_id = ANY(%(products)s::bigint[])
            AND date BETWEEN %(live)s AND %(last)s
    ) AS a USING (child_id, product_id, date)
), aged AS (
    SELECT lived.*, known.provider, extract(year FROM age(lived.date, known.birth_date))::int AS age
    FROM lived JOIN known ON known.id = lived.child_id
), counted_now AS (
    SELECT aged.product_id, aged.date, aged.age < 6 AS is_young, aged.provider,
        count(*) FILTER (WHERE is_booked)::int AS reserved,
        count(*) FILTER (WHERE is_booked AND state = 'present')::int AS present,
        count(*) FILTER (WHERE is_booked AND state = 'absent')::int AS absent,
        count(*) FILTER (WHERE NOT is_booked AND state = 'present')::int AS unbooked,
        count(aged.minutes) FILTER (WHERE state = 'present')::int AS noted,
        coalesce(sum(coalesce(aged.minutes, lengths.minutes)) FILTER (WHERE state = 'present'), 0)::int AS minutes
    FROM aged
    LEFT JOIN lengths ON lengths.product_id = aged.product_id AND lengths.age = least(aged.age, 18)
    GROUP BY 1, 2, 3, 4
)
"""  # noqa: S608  our own columns, no value
COLUMNS: Final = "product_id, date, is_young, provider, reserved, present, absent, unbooked, noted, minutes"
# The same of older days, as they were counted at night.
COUNTED: Final = f"""
WITH {COUNTED_NOW}, counted AS (
    SELECT {COLUMNS} FROM counted_now
    UNION ALL
    SELECT {COLUMNS} FROM reservations_dayfigure
    WHERE authority_id = %(authority)s AND product_id = ANY(%(products)s::bigint[])
        AND date >= %(first)s AND date < %(live)s AND date <= %(last)s
)
"""  # noqa: S608  our own columns, no value
COUNTS: Final = f"""{COUNTED}
SELECT product_id, date_trunc(%(step)s, date::timestamp)::date AS start, sum(reserved)::int, sum(present)::int,
    sum(absent)::int, sum(unbooked)::int
FROM counted GROUP BY product_id, start ORDER BY start, product_id
"""  # noqa: S608  our own columns, no value
HOURS: Final = f"""{COUNTED}
SELECT product_id, is_young, provider, sum(present + unbooked)::int, sum(noted)::int, sum(minutes)::bigint,
    coalesce(sum(reserved - present - absent) FILTER (WHERE date < %(today)s), 0)::int
FROM counted GROUP BY product_id, is_young, provider
ORDER BY product_id, is_young DESC, provider
"""  # noqa: S608  our own columns, no value

FILLED: Final = """
SELECT s.activity_id, t.name, count(*) FILTER (WHERE s.capacity IS NOT NULL),
    count(*) FILTER (WHERE s.capacity IS NOT NULL AND s.taken >= s.capacity),
    coalesce(sum(s.capacity), 0), coalesce(sum(s.taken) FILTER (WHERE s.capacity IS NOT NULL), 0),
    count(*) FILTER (WHERE s.capacity IS NULL), coalesce(sum(s.taken) FILTER (WHERE s.capacity IS NULL), 0)
FROM catalog_slot AS s
JOIN catalog_slottemplate AS t ON t.authority_id = s.authority_id AND t.id = s.template_id
WHERE s.authority_id = %(authority)s AND s.activity_id = ANY(%(activities)s::bigint[])
    AND s.date BETWEEN %(first)s AND %(last)s
GROUP BY s.activity_id, t.name, t.starts_at ORDER BY t.starts_at, t.name, s.activity_id
"""

BOOKED: Final = """
SELECT product_id, date, count(*) FROM reservations_reservation
WHERE authority_id = %(authority)s AND product_id = ANY(%(products)s::bigint[])
    AND date BETWEEN %(first)s AND %(last)s AND state IN ('reserved', 'held')
GROUP BY product_id, date
"""

_THEN: Final = ",\n    ".join(
    f"count(*) FILTER (WHERE r.reserved_at < (%(cut_{place})s::date::timestamp AT TIME ZONE %(zone)s) "
    f"AND (r.cancelled_at IS NULL OR r.cancelled_at >= (%(cut_{place})s::date::timestamp AT TIME ZONE %(zone)s)))"
    for place in range(len(shifts()))
)
YEAR_BEFORE: Final = f"""
SELECT g.grouped, r.date, count(*) FILTER (WHERE r.state = 'reserved'),
    {_THEN}
FROM reservations_reservation AS r
JOIN unnest(%(products)s::bigint[], %(groups)s::bigint[]) AS g (product, grouped) ON g.product = r.product_id
WHERE r.authority_id = %(authority)s AND r.product_id = ANY(%(products)s::bigint[])
    AND r.date BETWEEN %(first)s AND %(last)s
GROUP BY g.grouped, r.date ORDER BY r.date
"""  # noqa: S608  our own columns, no value
