"""Who comes when, for a parent who wants to know it at a glance: children of any number of families and authorities.

What may be reserved, and until when, is the planning's (`planning`); here is only what is recorded.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Exists, OuterRef

from marelle.domain.reservations.models import Absence, CancellationRequest, Reservation, WaitingListEntry
from marelle.domain.reservations.queries.custody import responsible_homes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date


class How(StrEnum):
    """Where the coming of a child stands."""

    RESERVED = "reserved"
    HELD = "held"
    ASKED = "asked"  # to be cancelled: the town hall has not answered
    ABSENT = "absent"  # told; the place stays taken
    WAITING = "waiting"  # for a place
    OTHER_HOME = "other_home"  # reserved by the other home, whose affair the rest is (decision 51)


class Coming(NamedTuple):
    """A child (key) is expected on a day for a product, or waits to be, as a home (key of the family) is told."""

    family: int
    child: int
    date: date
    product: str
    how: How


ORDER = ("product__activity__service__position", "product__activity__position", "product__position", "product_id")


def comings_of(homes: Mapping[int, Collection[int]], *, first: date, last: date) -> list[Coming]:
    """Will return what each home is told of its children on those days, in the order of the day's products.

    `homes` are the children (keys) by family (key). Of what another home reserved, only that it did; nothing on days
    that are of that home alone. Two statements, whatever the number of children, families and authorities in scope;
    one more for each authority where another home reserved.
    """
    where = {"child__in": {child for each in homes.values() for child in each}, "date__range": (first, last)}
    pending = CancellationRequest.objects.filter(reservation=OuterRef("pk"), state=CancellationRequest.State.PENDING)
    told = Absence.objects.filter(reservation=OuterRef("pk"), withdrawn_at__isnull=True)
    rows = (
        Reservation.objects.active()
        .filter(**where)
        .select_related("product__activity")
        .annotate(is_asked=Exists(pending), is_told=Exists(told))
        .order_by("date", *ORDER)
    )
    reserved = [(home, row) for row in rows for home, children in homes.items() if row.child_id in children]
    elsewhere: dict[int, set[int]] = {}
    for home, row in reserved:
        if home != row.family_id:
            elsewhere.setdefault(row.authority_id, set()).add(row.child_id)
    answers = {
        authority: responsible_homes(children, first=first, last=last, authority=authority)
        for authority, children in elsewhere.items()
    }
    comings = []
    for home, row in reserved:
        told_to = (home, row.child_id, row.date, row.product.name)
        if home == row.family_id:
            comings.append(Coming(*told_to, _how(row.state, is_asked=row.is_asked, is_told=row.is_told)))
        elif answers[row.authority_id].may_reserve(home, row.child_id, row.date, row.product.activity.service_id):
            comings.append(Coming(*told_to, How.OTHER_HOME))
    waiting = (
        WaitingListEntry.objects.filter(left_at__isnull=True, family__in=homes, **where)
        .order_by("date", *ORDER)
        .values_list("family_id", "child_id", "date", "product__name")
    )
    return [
        *comings,
        *(
            Coming(home, child, day, product, How.WAITING)
            for home, child, day, product in waiting
            if child in homes[home]
        ),
    ]


def _how(state: str, *, is_asked: bool, is_told: bool) -> How:
    if state == Reservation.State.HELD:
        return How.HELD
    if is_asked:
        return How.ASKED
    return How.ABSENT if is_told else How.RESERVED
