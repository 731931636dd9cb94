"""Who is expected over some days, to be listed by class, by group or by option; who is to be counted outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Exists, OuterRef

from marelle.domain.catalog.rules.cutoffs import local_moment
from marelle.domain.families.models import Guardian
from marelle.domain.families.queries.profile import homes_on
from marelle.domain.reservations.models import Absence, Attendance, Enrollment, Reservation
from marelle.domain.reservations.queries.days import CHILD_COLUMNS, health_of, listed_child
from marelle.domain.reservations.rules.evacuation import Part, Seen

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from marelle.domain.catalog.queries import ProductOffer
    from marelle.domain.reservations.queries.days import Day, DayChild


class Coming(NamedTuple):
    """A child (key) comes for a product (key) on a day; or was to, and is told absent."""

    child: int
    product: int
    date: date
    is_told: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """All of it. `options` are those of the enrollments, by child and activity (keys)."""

    children: Mapping[int, DayChild]
    comings: tuple[Coming, ...]
    options: Mapping[tuple[int, int], tuple[str, ...]]


def read_list(products: Sequence[ProductOffer], first: date, last: date, *, health_within: Collection[int]) -> Listing:
    """Will read who is expected for `products` from `first` to `last`, with what must be known of whom one may know it.

    The health of a child is read when she comes for one of the products (keys) `health_within`. Three statements,
    whatever the number of children, days and products.
    """
    keys = [product.pk for product in products]
    told = Absence.objects.filter(reservation=OuterRef("pk"), withdrawn_at__isnull=True)
    rows = list(
        Reservation.objects.active()
        .filter(product__in=keys, date__range=(first, last))
        .annotate(is_told=Exists(told))
        .values_list(*CHILD_COLUMNS, "product_id", "date", "is_told")
        .order_by()
    )
    comings = tuple(Coming(row[0], *row[len(CHILD_COLUMNS) :]) for row in rows)
    known = {one.child for one in comings if one.product in health_within}
    health = health_of(known)
    children = {pk: listed_child(row, health, known) for pk, row in {row[0]: row for row in rows}.items()}
    enrolled = Enrollment.objects.filter(
        activity__in={product.activity.pk for product in products}, starts_on__lte=last, ends_on__gte=first
    ).exclude(options=[])
    return Listing(
        children,
        comings,
        {
            (child, activity): tuple(options)
            for child, activity, options in enrolled.values_list("child_id", "activity_id", "options")
        },
    )


def parts_of_day(day: Day, products: Sequence[ProductOffer], *, zone: ZoneInfo) -> list[Part]:
    """Will return what is known of each child at each part of the day of these products, for an evacuation."""
    found = []
    for product in products:
        for (child, key), mark in day.marks.items():
            if key != product.pk:
                continue
            who = day.children[child]
            starts = day.starts_at(who, product)
            ends = max((part.ends_at for part in product.parts_for(who.birth_date, day.date)), default=None)
            if mark.seen:
                seen = Seen.PRESENT if mark.seen == Attendance.State.PRESENT else Seen.ABSENT
            else:
                seen = Seen.ABSENT if mark.is_told else Seen.EXPECTED
            found.append(
                Part(
                    child,
                    seen,
                    local_moment(datetime.combine(day.date, starts), zone) if starts else None,
                    local_moment(datetime.combine(day.date, ends), zone) if ends else None,
                )
            )
    return found


def guardians_on(
    day: date, children: Collection[int], *, first: Mapping[int, int] = MappingProxyType({})
) -> dict[int, list[Guardian]]:
    """Will return who is responsible for each of `children` (keys), in the homes where she lives on `day`.

    Those of the home (key) that `first` names for a child come before the others. Two statements. Somebody noted twice
    is there once.
    """
    homes = homes_on(day, children)
    families = {family for each in homes.values() for family in each}
    by_family: dict[int, list[Guardian]] = {}
    for guardian in Guardian.objects.filter(family__in=families, merged_into__isnull=True).order_by(
        "family_id", "last_name", "first_name", "pk"
    ):
        by_family.setdefault(guardian.family_id, []).append(guardian)
    return {
        child: [
            guardian
            for family in sorted(each, key=lambda family: family != first.get(child))
            for guardian in by_family.get(family, ())
        ]
        for child, each in homes.items()
    }
