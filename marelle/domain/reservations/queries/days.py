"""A day at the authority: who is expected for what, what must be known of each child, the places, who waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Count, Exists, OuterRef

from marelle.domain.catalog.models import Slot
from marelle.domain.families.models import HealthRecord
from marelle.domain.reservations.models import (
    Absence,
    Attendance,
    CancellationRequest,
    Reservation,
    WaitingListEntry,
)
from marelle.domain.reservations.queries.french_names import all_folded, in_order
from marelle.domain.reservations.queries.waiting import queues_of, rules_of
from marelle.foundation.many_keys import among

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime, time

    from marelle.domain.catalog.queries import Offer, ProductOffer

FURTHEST_OPEN_DAY = 130  # longer than any summer


class Health(NamedTuple):
    """What must be known to feed and look after a child; empty texts when nothing is.

    `care_plan_until` is the last day on which the care plan holds; None when nobody said.
    """

    diet: str = ""
    allergies: str = ""
    care_plan: str = ""
    care_plan_until: date | None = None

    @property
    def is_watched(self) -> bool:
        """Will tell whether anything is to be minded."""
        return bool(self.diet or self.allergies or self.care_plan)

    @property
    def is_alert(self) -> bool:
        """Will tell whether there is a danger: an allergy or a care plan."""
        return bool(self.allergies or self.care_plan)


class DayChild(NamedTuple):
    """A child of the day, with her class when she has one.

    `health` says nothing when whoever looks may not know it, which `is_health_known` tells from a child in good health.
    """

    pk: int
    public_id: str
    first_name: str
    last_name: str
    birth_date: date
    class_name: str
    class_teacher: str
    class_order: tuple[int, str, int]
    health: Health
    is_health_known: bool

    @property
    def full_name(self) -> str:
        """Will return first and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def order(self) -> tuple[Any, ...]:
        """Will sort by last name, then first name, as a French list does."""
        return (*in_order(self.last_name, self.first_name), self.pk)


class Mark(NamedTuple):
    """What is known of a child for a product that day. `state` is empty for one who came without a reservation.

    `is_told`: the family told that the child does not come; the place stays taken.
    """

    state: str
    family: str
    held_until: datetime | None = None
    is_asked: bool = False
    seen: str = ""
    is_told: bool = False
    minutes: int | None = None
    late_minutes: int = 0
    fetched_at: time | None = None

    @property
    def is_held(self) -> bool:
        """Will tell whether the place is only held."""
        return self.state == Reservation.State.HELD


@dataclass(frozen=True, slots=True)
class DaySlot:
    """A part of the day at one activity, with its places (None: no limit)."""

    pk: int
    activity: int
    template: int
    name: str
    starts_at: time
    ends_at: time
    capacity: int | None
    taken: int


@dataclass(frozen=True, slots=True)
class DayWait:
    """A child who waits for a place of a slot; ranks begin at 1."""

    child: int
    product: int
    slot: int
    family: str
    rank: int
    asked_at: datetime


@dataclass(frozen=True)
class Day:
    """All of it. `marks` are by child and product keys."""

    date: date
    products: tuple[ProductOffer, ...]
    children: dict[int, DayChild]
    marks: dict[tuple[int, int], Mark]
    slots: tuple[DaySlot, ...]
    waits: tuple[DayWait, ...]

    @property
    def expected(self) -> frozenset[int]:
        """Will return the keys of the children who have a place, confirmed or held."""
        return frozenset(child for (child, _product), mark in self.marks.items() if mark.state)

    def told_absent(self, products: Iterable[int]) -> int:
        """Will count what was reserved of these products (keys) for children told absent, and not seen there."""
        wanted = set(products)
        return sum(
            product in wanted and mark.is_told and mark.seen != Attendance.State.PRESENT
            for (_child, product), mark in self.marks.items()
        )

    def starts_at(self, child: DayChild, product: ProductOffer) -> time | None:
        """Will return when the child's own part of the day begins, None when it is not known."""
        parts = {part.pk for part in product.parts_for(child.birth_date, self.date)}
        return min((slot.starts_at for slot in self.slots if slot.template in parts), default=None)

    def ends_at(self, child: DayChild, product: ProductOffer) -> time | None:
        """Will return when the child's own part of the day ends, None when it is not known."""
        parts = {part.pk for part in product.parts_for(child.birth_date, self.date)}
        return max((slot.ends_at for slot in self.slots if slot.template in parts), default=None)


NOTHING_KNOWN = Health()
CHILD_COLUMNS = (
    "child_id",
    "child__public_id",
    "child__first_name",
    "child__last_name",
    "child__birth_date",
    "child__school_class__name",
    "child__school_class__teacher",
    "child__school_class__position",
    "child__school_class_id",
)
_OWN = len(CHILD_COLUMNS)  # where what a row says besides of its child begins


class _Asked(NamedTuple):
    """A child (key) who waits for a product and a slot (keys), since when."""

    child: int
    product: int
    slot: int
    family: str
    asked_at: datetime


def read_day(
    day: date,
    *,
    products: Sequence[ProductOffer],
    health_within: Collection[int],
    offer: Offer | None = None,
    has_waits: bool = True,
) -> Day:
    """Will read who is expected on `day` for `products`, with attendance, places and waiting lists.

    The health of a child is read when one of the products (keys) `health_within` is hers that day: these are those
    of which whoever asks may know it.

    Where a règlement puts some before others on a waiting list, `offer` gives each its rank, with one statement more.
    Whoever shows no waiting list asks for none (`has_waits`), and spares one.

    Five statements, whatever the number of children, classes, products and services.
    """
    keys = [product.pk for product in products]
    pending = CancellationRequest.objects.filter(reservation=OuterRef("pk"), state=CancellationRequest.State.PENDING)
    told = Absence.objects.filter(reservation=OuterRef("pk"), withdrawn_at__isnull=True)
    reservations = list(
        Reservation.objects.active()
        .filter(product__in=keys, date=day)
        .annotate(is_asked=Exists(pending), is_told=Exists(told))
        .values_list(*CHILD_COLUMNS, "product_id", "state", "family__public_id", "held_until", "is_asked", "is_told")
    )
    waiting = WaitingListEntry.objects.filter(product__in=keys, date=day, left_at__isnull=True).order_by(
        "slot_id", "asked_at", "pk"
    )
    waits = (
        list(waiting.values_list(*CHILD_COLUMNS, "product_id", "slot_id", "family__public_id", "asked_at"))
        if has_waits
        else []
    )
    seen = list(
        Attendance.objects.filter(product__in=keys, date=day).values_list(
            *CHILD_COLUMNS, "product_id", "state", "minutes", "late_minutes", "fetched_at"
        )
    )
    slots = tuple(
        DaySlot(*row)
        for row in Slot.objects.filter(activity__in={product.activity.pk for product in products}, date=day)
        .order_by("template__starts_at", "template_id")
        .values_list(
            "pk",
            "activity_id",
            "template_id",
            "template__name",
            "template__starts_at",
            "template__ends_at",
            "capacity",
            "taken",
        )
    )
    everybody = (*waits, *seen, *reservations)
    known = {row[0] for row in everybody if row[_OWN] in health_within}
    health = health_of(known)
    children = {pk: listed_child(row, health, known) for pk, row in {row[0]: row for row in everybody}.items()}
    was_seen = {(row[0], row[_OWN]): row[_OWN + 1 :] for row in seen}
    marks = {
        key: Mark("", "", seen=state, minutes=minutes, late_minutes=late, fetched_at=fetched)
        for key, (state, minutes, late, fetched) in was_seen.items()
    }
    nothing = ("", None, 0, None)
    for row in reservations:
        key = (row[0], row[_OWN])
        came, minutes, late, fetched = was_seen.get(key, nothing)
        _product, state, family, held_until, is_asked, is_told = row[_OWN:]
        marks[key] = Mark(state, family, held_until, is_asked, came, is_told, minutes, late, fetched)
    asked = [_Asked(row[0], *row[_OWN:]) for row in waits]
    return Day(day, tuple(products), children, marks, slots, _ranked(asked, _places(day, asked, offer)))


def by_class(children: Iterable[DayChild]) -> list[DayChild]:
    """Will sort children by class, in the school's own order, then by name as a French list does."""
    found = list(children)
    last, first = all_folded([one.last_name for one in found]), all_folded([one.first_name for one in found])
    ranks = {order: rank for rank, order in enumerate(sorted({one.class_order for one in found}))}
    keyed = [(ranks[one.class_order], name, given, one.pk) for one, name, given in zip(found, last, first, strict=True)]
    by_pk = {one.pk: one for one in found}
    return [by_pk[pk] for _rank, _name, _given, pk in sorted(keyed)]


def listed_child(row: tuple[Any, ...], health: Mapping[int, Health], known: Collection[int]) -> DayChild:
    """Will return the child of a row that begins with CHILD_COLUMNS; those `known` (keys) say what `health` holds."""
    pk, public_id, first_name, last_name, birth_date, class_name, teacher, position, school_class = row[:_OWN]
    return DayChild(
        pk,
        public_id,
        first_name,
        last_name,
        birth_date,
        class_name or "",
        teacher or "",
        # Classes in the school's own order, children without a class last.
        (position, _class_in_order(class_name), school_class) if school_class is not None else (1_000_000, "", 0),
        health.get(pk, NOTHING_KNOWN),
        pk in known,
    )


@lru_cache(maxsize=1_000)
def _class_in_order(name: str) -> str:
    """Will return the key of a class among others: each child of a list says the name of hers."""
    return in_order(name)[0]


def health_of(children: Iterable[int]) -> dict[int, Health]:
    """Will return what must be known of these children (keys), for those of whom something is."""
    keys = list(children)
    if not keys:
        return {}
    return {
        child: Health(*words)
        for child, *words in HealthRecord.objects.filter(child__in=among(keys)).values_list(
            "child_id", "diet", "allergies", "care_plan", "care_plan_until"
        )
    }


def expected_by_facility(day: date, products: Collection[int]) -> dict[int, int]:
    """Will return how many children have a place on `day` for these products (keys), by facility (key).

    One statement.
    """
    rows = (
        Reservation.objects.active()
        .filter(product__in=products, date=day)
        .order_by()
        .values_list("product__activity__facility")
        .annotate(Count("child", distinct=True))
    )
    return dict(rows)


def is_open(day: date, *, products: Iterable[ProductOffer], offer: Offer) -> bool:
    """Will tell whether one of `products` is delivered on `day`."""
    return any(offer.day(product, day).closed is None for product in products)


def open_day_near(day: date, step: int, *, products: Sequence[ProductOffer], offer: Offer) -> date | None:
    """Will return the first open day after (`step` 1) or before (`step` -1) `day`; None when there is none near."""
    for distance in range(1, FURTHEST_OPEN_DAY):
        candidate = day + timedelta(days=step * distance)
        if is_open(candidate, products=products, offer=offer):
            return candidate
    return None


def _places(day: date, asked: Sequence[_Asked], offer: Offer | None) -> dict[tuple[int, int, int], int]:
    """Will return the ranks (by slot, child and product) that a règlement gives; none where the order is of asking."""
    if offer is None or not any(rules_of(one.product, day, offer=offer).priorities for one in asked):
        return {}
    queues = queues_of({one.slot for one in asked}, offer=offer)
    return {(one.slot, one.child, one.product): one.rank for queue in queues.values() for one in queue}


def _ranked(asked: Iterable[_Asked], places: Mapping[tuple[int, int, int], int]) -> tuple[DayWait, ...]:
    ranked: list[DayWait] = []
    count: dict[int, int] = {}
    for one in asked:
        count[one.slot] = count.get(one.slot, 0) + 1
        rank = places.get((one.slot, one.child, one.product), count[one.slot])
        ranked.append(DayWait(one.child, one.product, one.slot, one.family, rank, one.asked_at))
    return tuple(ranked)
