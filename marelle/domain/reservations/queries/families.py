"""Families as the agents look for them, and what a family has ahead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from marelle.domain.families.models import Child, Custody, Family
from marelle.domain.families.queries.searching import families_found
from marelle.domain.reservations.models import CancellationRequest, Enrollment, Reservation
from marelle.domain.reservations.queries.french_names import folded, folded_column

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from django.db.models import QuerySet

    from marelle.domain.reservations.queries.reach import Reach


def families_within(reach: Reach) -> QuerySet[Family]:
    """Will return the families an agent may open: all of them, or those with a child enrolled within her reach."""
    families = (
        Family.objects.filter(merged_into__isnull=True)
        .annotate(sorted_name=folded_column("name"))
        .order_by("sorted_name", "pk")
    )
    if reach.is_whole:
        return families
    enrolled = Enrollment.objects.filter(child__custodies__family=OuterRef("pk"), activity__in=reach.activity_keys)
    return families.filter(Exists(enrolled))


@dataclass(frozen=True, slots=True)
class FamiliesFound:
    """Families, the best first, with their people; `is_whole` is False when there may be others."""

    families: list[Family]
    is_whole: bool


def families_named(text: str, *, authority: int, reach: Reach, most: int) -> FamiliesFound:
    """Will return the families within `reach` that bear what somebody types of them, `most` at most.

    See `families.queries.searching`; by name among those that are as good.
    """
    found = families_found(text, authority=authority)
    names = dict(families_within(reach).filter(pk__in=list(found.scores)).order_by().values_list("pk", "name"))
    ranked = [key for key in found.scores if key in names]
    order = {key: (-found.scores[key], folded(names[key]), key) for key in ranked}
    shown = sorted(ranked, key=order.__getitem__)[:most]
    rows = Family.objects.prefetch_related("guardians", "custodies__child").in_bulk(shown)
    return FamiliesFound([rows[key] for key in shown if key in rows], found.is_whole and len(ranked) <= most)


def enrollments_of(children: Collection[int], *, on: date) -> QuerySet[Enrollment]:
    """Will return the enrollments of these children (keys) that are not over on that day."""
    return Enrollment.objects.filter(child__in=list(children), ends_on__gte=on).order_by(
        "activity__position", "activity__name", "starts_on", "pk"
    )


def children_enrolled(activities: Collection[int], *, on: date) -> QuerySet[Enrollment, int]:
    """Will return the keys of the children whose enrollment in one of these activities (keys) is not over on a day."""
    return Enrollment.objects.filter(activity__in=list(activities), ends_on__gte=on).values_list("child", flat=True)


def reserved_after(child: int, family: int, on: date) -> QuerySet[Reservation]:
    """Will return what `family` (key) has reserved for `child` (key) for that day or a later one, the first first.

    For who ends a custody, or leaves: these stay the family's, which owes them, until somebody cancels them.
    """
    return (
        Reservation.objects.active()
        .filter(child=child, family=family, date__gte=on)
        .select_related("product")
        .order_by("date", "product__position", "pk")
    )


def active_reservations_of(family: int, *, products: Collection[int]) -> QuerySet[Reservation]:
    """Will return what a family (key) has reserved of these products (keys), with `is_asked` when it asks to cancel."""
    pending = CancellationRequest.objects.filter(reservation=OuterRef("pk"), state=CancellationRequest.State.PENDING)
    return (
        Reservation.objects.active()
        # By its children, now or before, whose days are indexed: those of a family are not.
        .filter(family=family, child__in=Custody.objects.filter(family=family).values("child"))
        .filter(product__in=list(products))
        .annotate(is_asked=Exists(pending))
        .select_related("child")
        .order_by("date", "child__birth_date", "child_id", "product__position", "pk")
    )


def children_expected(
    family: int, *, products: Collection[int], since: date, besides: Collection[int]
) -> QuerySet[Child]:
    """Will return the children with something that a family (key) has reserved from `since` on, but for `besides`.

    The eldest first; `products` and `besides` are keys. These are children who have left the family, as a rule.
    """
    ahead = (
        Reservation.objects.active()
        .filter(family=family, child__in=Custody.objects.filter(family=family).values("child"))
        .filter(product__in=list(products), date__gte=since)
        .exclude(child__in=list(besides))
    )
    return Child.objects.filter(pk__in=ahead.values("child")).order_by("birth_date", "pk")
