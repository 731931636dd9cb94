"""Families as the agents look for them, and what a family has ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from marelle.domain.families.models import Custody, Family, Guardian
from marelle.domain.reservations.models import CancellationRequest, Enrollment, Reservation
from marelle.domain.reservations.queries.french_names import folded_column, words_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from django.db.models import QuerySet

    from marelle.domain.reservations.queries.reach import Reach


def families_within(reach: Reach) -> QuerySet[Family]:
    """Will return the families an agent may open: all of them, or those with a child enrolled within her reach."""
    families = Family.objects.annotate(sorted_name=folded_column("name")).order_by("sorted_name", "pk")
    if reach.is_whole:
        return families
    enrolled = Enrollment.objects.filter(child__custodies__family=OuterRef("pk"), activity__in=reach.activity_keys)
    return families.filter(Exists(enrolled))


def families_named(text: str, *, reach: Reach) -> QuerySet[Family]:
    """Will return the families in which each word of `text` is in a name of theirs, or is their number."""
    families = families_within(reach)
    for word in words_of(text):
        guardians = Guardian.objects.annotate(
            first=folded_column("first_name"), last=folded_column("last_name")
        ).filter(Q(first__contains=word) | Q(last__contains=word), family=OuterRef("pk"))
        children = Custody.objects.annotate(
            first=folded_column("child__first_name"), last=folded_column("child__last_name")
        ).filter(Q(first__contains=word) | Q(last__contains=word), family=OuterRef("pk"))
        families = families.filter(
            Q(sorted_name__contains=word) | Q(code__iexact=word) | Exists(guardians) | Exists(children)
        )
    return families


def enrollments_of(children: Collection[int], *, on: date) -> QuerySet[Enrollment]:
    """Will return the enrollments of these children (keys) that are not over on that day."""
    return Enrollment.objects.filter(child__in=list(children), ends_on__gte=on).order_by(
        "activity__position", "activity__name", "starts_on", "pk"
    )


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
        .filter(family=family, product__in=list(products))
        .annotate(is_asked=Exists(pending))
        .select_related("child")
        .order_by("date", "child__birth_date", "child_id", "product__position", "pk")
    )
