"""What tablets said of a day, what stands of it, who may be ticked without a reservation, which sheets are not done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef

from marelle.domain.catalog.models import Slot
from marelle.domain.families.models import Child
from marelle.domain.reservations.models import Attendance, AttendanceMark, Enrollment, Reservation
from marelle.domain.reservations.queries.french_names import in_order
from marelle.domain.reservations.rules.attendance import Mark, Seen, Standing, standing
from marelle.foundation import tenancy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date, datetime, time

    from django.db.models import QuerySet

    from marelle.domain.catalog.queries import ProductOffer

    Key = tuple[int, int]

COLUMNS = (
    "child_id",
    "product_id",
    "uid",
    "device",
    "seq",
    "state",
    "minutes",
    "late_minutes",
    "fetched_at",
    "seen_at",
    "knew",
)


class UnfinishedSheet(NamedTuple):
    """A day of a service at a facility (keys) where children were expected and not all were ticked."""

    date: date
    facility_pk: int
    service_pk: int
    expected: int
    seen: int


class EnrolledChild(NamedTuple):
    """A child enrolled on a day in the activities of these products (keys): its name and class, nothing more."""

    pk: int
    public_id: str
    first_name: str
    last_name: str
    birth_date: date
    class_name: str
    products: tuple[int, ...]

    @property
    def full_name(self) -> str:
        """Will return first and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def order(self) -> tuple[Any, ...]:
        """Will sort by last name, then first name, as a French list does."""
        return (*in_order(self.last_name, self.first_name), self.pk)


def marks_by_key(keys: Collection[Key], *, day: date) -> dict[Key, list[Mark]]:
    """Will return all marks of `day` of these (child, product), in keys. One statement, none for no key."""
    if not keys:
        return {}
    rows = AttendanceMark.objects.filter(
        date=day, product__in={product for _child, product in keys}, child__in={child for child, _product in keys}
    )
    return {key: marks for key, marks in _by_key(rows).items() if key in keys}


def standing_on(day: date, products: Collection[int]) -> dict[Key, Standing]:
    """Will return what stands of the marks of `day` for these products (keys). One statement."""
    return _standing(_by_key(AttendanceMark.objects.filter(date=day, product__in=list(products))))


def standing_since(day: date, products: Collection[int], *, since: datetime) -> dict[Key, Standing]:
    """Will return what stands where a mark of `day` for these products (keys) came at `since` or later."""
    of_the_day = AttendanceMark.objects.filter(date=day, product__in=list(products))
    recent = of_the_day.filter(received_at__gte=since, child=OuterRef("child"), product=OuterRef("product"))
    return _standing(_by_key(of_the_day.filter(Exists(recent))))


def enrolled_on(day: date, products: Iterable[ProductOffer]) -> tuple[EnrolledChild, ...]:
    """Will return the children enrolled on `day` in the activities of `products`, in no order: few are shown.

    One statement.
    """
    by_activity: dict[int, list[int]] = {}
    for product in products:
        by_activity.setdefault(product.activity.pk, []).append(product.pk)
    authorities = tenancy.current_scope()
    values: dict[str, Any] = {
        "activities": list(by_activity),
        "day": day,
        "authorities": sorted(authorities or ()),
        "every_authority": authorities is None,
    }
    with connection.cursor() as cursor:
        cursor.execute(ENROLLED, values)
        rows = cursor.fetchall()
    # Most children are enrolled in the same activities as others.
    alike: dict[str, tuple[int, ...]] = {}
    children = []
    for pk, public_id, first, last, born, class_name, found in rows:
        hers = alike.get(found)
        if hers is None:
            each = sorted({int(activity) for activity in found.split()})
            hers = alike[found] = tuple(product for activity in each for product in by_activity[activity])
        children.append(EnrolledChild(pk, public_id, first, last, born, class_name or "", hers))
    return tuple(children)


class Markable(NamedTuple):
    """A child (key) of whom a tick may be kept on a day, and for which products (keys)."""

    pk: int
    birth_date: date
    products: frozenset[int]


def markable(public_ids: Collection[str], *, day: date, products: Iterable[ProductOffer]) -> dict[str, Markable]:
    """Will return, by public id, those of these children who may be ticked on `day` for some of `products`.

    Whoever reserved, was seen or is enrolled there. Four statements.
    """
    within = {product.pk: product.activity.pk for product in products}
    children = {
        pk: (public_id, born)
        for pk, public_id, born in Child.objects.filter(public_id__in=list(public_ids)).values_list(
            "pk", "public_id", "birth_date"
        )
    }
    of_them: dict[str, Any] = {"child__in": list(children)}
    on_the_day: dict[str, Any] = {**of_them, "date": day, "product__in": list(within)}
    hers: dict[int, set[int]] = {}
    for rows in (Reservation.objects.active().filter(**on_the_day), Attendance.objects.filter(**on_the_day)):
        for child, product in rows.values_list("child_id", "product_id"):
            hers.setdefault(child, set()).add(product)
    enrolled = Enrollment.objects.filter(
        **of_them, activity__in=set(within.values()), starts_on__lte=day, ends_on__gte=day
    )
    for child, activity in enrolled.values_list("child_id", "activity_id"):
        hers.setdefault(child, set()).update(product for product, of in within.items() if of == activity)
    return {
        public_id: Markable(pk, born, frozenset(hers[pk])) for pk, (public_id, born) in children.items() if pk in hers
    }


def ends_of_parts(day: date, activities: Collection[int]) -> dict[int, time]:
    """Will return when each part of the day (key of its template) of these activities (keys) ends. One statement."""
    slots = Slot.objects.filter(activity__in=list(activities), date=day)
    return dict(slots.values_list("template_id", "template__ends_at"))


def unfinished_sheets(products: Collection[int], first: date, last: date) -> list[UnfinishedSheet]:
    """Will return the sheets of these products (keys), from a day to a day, where somebody expected was not ticked.

    A sheet is a day of a service at a facility; the oldest first. Who was told absent is not expected. One statement.
    """
    authorities = tenancy.current_scope()
    values: dict[str, Any] = {
        "products": list(products),
        "first": first,
        "last": last,
        "authorities": sorted(authorities or ()),
        "every_authority": authorities is None,
    }
    with connection.cursor() as cursor:
        cursor.execute(UNFINISHED, values)
        return [UnfinishedSheet(*row) for row in cursor]


def _by_key(rows: QuerySet[AttendanceMark]) -> dict[Key, list[Mark]]:
    found: dict[Key, list[Mark]] = {}
    for child, product, uid, device, seq, state, minutes, late, fetched, seen_at, knew in rows.values_list(*COLUMNS):
        mark = Mark(
            str(uid), device, seq, Seen(state, minutes, late, fetched), seen_at, frozenset(str(one) for one in knew)
        )
        found.setdefault((child, product), []).append(mark)
    return found


def _standing(marks: Mapping[Key, list[Mark]]) -> dict[Key, Standing]:
    return {key: one for key, mine in marks.items() if (one := standing(mine))}


# By hand: enrollments are added up by the key of the child, before names are joined. What the ORM writes sorts
# thousands of rows by all that is said of each child, and takes twice as long; arrays are slower to read than words.
ENROLLED = """
SELECT c.id, c.public_id, c.first_name, c.last_name, c.birth_date, l.name, e.activities
FROM (
    SELECT child_id, string_agg(activity_id::text, ' ') AS activities FROM reservations_enrollment
    WHERE (%(every_authority)s OR authority_id = ANY(%(authorities)s::bigint[]))
        AND activity_id = ANY(%(activities)s::bigint[]) AND starts_on <= %(day)s AND ends_on >= %(day)s
    GROUP BY child_id
) AS e
JOIN families_child AS c ON c.id = e.child_id
LEFT JOIN authorities_schoolclass AS l ON l.id = c.school_class_id
"""

# By hand: each table is read once and joined by the whole key. What the ORM writes looks each reservation up, or joins
# by product and day alone, and takes five to ten times as long for a fortnight of a town.
UNFINISHED = """
WITH counted AS (
    SELECT r.authority_id, r.product_id, r.date, count(*) AS expected, count(a.child_id) AS seen
    FROM (
        SELECT authority_id, id, child_id, product_id, date FROM reservations_reservation
        WHERE (%(every_authority)s OR authority_id = ANY(%(authorities)s::bigint[]))
            AND product_id = ANY(%(products)s::bigint[]) AND date BETWEEN %(first)s AND %(last)s
            AND state <> 'cancelled'
    ) AS r
    LEFT JOIN (
        SELECT authority_id, child_id, product_id, date FROM reservations_attendance
        WHERE (%(every_authority)s OR authority_id = ANY(%(authorities)s::bigint[]))
            AND product_id = ANY(%(products)s::bigint[]) AND date BETWEEN %(first)s AND %(last)s
    ) AS a USING (authority_id, child_id, product_id, date)
    LEFT JOIN reservations_absence AS t
        ON t.authority_id = r.authority_id AND t.reservation_id = r.id AND t.withdrawn_at IS NULL
    WHERE t.id IS NULL OR a.child_id IS NOT NULL
    GROUP BY r.authority_id, r.product_id, r.date
)
SELECT c.date, y.facility_id, y.service_id, sum(c.expected)::int, sum(c.seen)::int
FROM counted AS c
JOIN catalog_product AS p ON p.authority_id = c.authority_id AND p.id = c.product_id
JOIN catalog_activity AS y ON y.authority_id = p.authority_id AND y.id = p.activity_id
GROUP BY c.date, y.facility_id, y.service_id HAVING sum(c.seen) < sum(c.expected)
ORDER BY c.date, y.facility_id, y.service_id
"""
