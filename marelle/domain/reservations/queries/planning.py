"""The planning of children over days: all that a week grid shows and a write asks again, in a fixed number of reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from marelle.domain.catalog.models import Slot
from marelle.domain.reservations.models import (
    Attendance,
    BasketLine,
    CancellationRequest,
    Enrollment,
    Reservation,
    WaitingListEntry,
)
from marelle.domain.reservations.rules.decisions import Booked, Facts, Wish
from marelle.domain.reservations.rules.squares import Seen, Square, square
from marelle.foundation.periods import Period

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from marelle.domain.catalog.queries import Offer, ProductOffer


class DayKey(NamedTuple):
    """One square: a child, a product (keys), a day."""

    child: int
    product: int
    date: date


class ChildFacts(NamedTuple):
    """What the planning needs to know of a child."""

    pk: int
    birth_date: date


class SlotFacts(NamedTuple):
    """A slot of a day: its key, its places (None: no limit) and how many are taken."""

    pk: int
    capacity: int | None
    taken: int

    @property
    def left(self) -> int | None:
        """Will return the places left, None without limit."""
        return None if self.capacity is None else max(0, self.capacity - self.taken)


class BookedFacts(NamedTuple):
    """An active reservation."""

    pk: int
    state: Booked
    family: int
    held_until: datetime | None


class Answer(NamedTuple):
    """The latest cancellation request of a square and what was answered."""

    state: str
    asked_at: datetime
    decided_at: datetime | None
    is_refunded: bool | None
    reason: str


@dataclass(frozen=True)
class Planning:
    """What is recorded for some children and products over some days.

    `family` is the home that looks: what another home reserved is seen, and cannot be changed.
    """

    offer: Offer
    family: int
    children: dict[int, ChildFacts]
    enrollments: dict[tuple[int, int], tuple[Period, ...]]
    slots: dict[tuple[int, date], SlotFacts]
    booked: dict[DayKey, BookedFacts]
    cancelled: frozenset[DayKey]
    answers: dict[DayKey, Answer]
    seen: dict[DayKey, Seen]
    wishes: dict[DayKey, Wish]
    ranks: dict[DayKey, int]
    waiting: dict[int, int]
    _expected: dict[tuple[int, date], set[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Will know for which products each child is expected each day: reserved, or about to be."""
        for key in self.booked:
            self._expected.setdefault((key.child, key.date), set()).add(key.product)
        for key, wish in self.wishes.items():
            self.wish(key, wish)

    def wish(self, key: DayKey, wish: Wish) -> None:
        """Will count a wish with those of the basket."""
        self.wishes[key] = wish
        if wish is Wish.RESERVE:
            self._expected.setdefault((key.child, key.date), set()).add(key.product)

    def same_time(self, key: DayKey) -> str:
        """Will name another product for which the child is expected in a same part of that day; empty when there is none."""
        others = self._expected.get((key.child, key.date), set()) - {key.product}
        if not others:
            return ""
        birth_date = self.children[key.child].birth_date
        mine = {part.pk for part in self.offer.product_by_pk[key.product].parts_for(birth_date, key.date)}
        for other in sorted(others):
            product = self.offer.product_by_pk[other]
            if mine & {part.pk for part in product.parts_for(birth_date, key.date)}:
                return product.name
        return ""

    def slots_for(self, key: DayKey) -> tuple[SlotFacts, ...] | None:
        """Will return the slots where this child takes its places; None when one is not open, or none suits."""
        product = self.offer.product_by_pk[key.product]
        parts = product.parts_for(self.children[key.child].birth_date, key.date)
        if product.parts and not parts:
            return None
        found = tuple(self.slots.get((part.pk, key.date)) for part in parts)
        return None if None in found else found  # type: ignore[return-value]

    def is_enrolled(self, child: int, activity: int, day: date) -> bool:
        """Will tell whether the child is enrolled in the activity on that day."""
        return any(day in period for period in self.enrollments.get((child, activity), ()))

    def facts(self, key: DayKey) -> Facts:
        """Will return what the rules need to decide this square."""
        product = self.offer.product_by_pk[key.product]
        rule = self.offer.day(product, key.date)
        if rule.closed is not None and key not in self.booked:
            return Facts(rule, is_enrolled=False)
        booked = self.booked.get(key)
        slots = self.slots_for(key)
        lefts = [slot.left for slot in slots or () if slot.capacity is not None]
        answer = self.answers.get(key)
        return Facts(
            rule,
            is_enrolled=self.is_enrolled(key.child, product.activity.pk, key.date),
            booked=booked.state if booked else None,
            is_other_home=booked is not None and booked.family != self.family,
            is_asked=answer is not None and answer.state == CancellationRequest.State.PENDING and booked is not None,
            places_left=min(lefts, default=None),  # type: ignore[type-var]
            has_slots=slots is not None,
            same_time=self.same_time(key),
        )

    def square(self, key: DayKey, *, at: datetime) -> Square:
        """Will return what the square shows at `at`."""
        return square(
            self.facts(key),
            at=at,
            wish=self.wishes.get(key),
            seen=self.seen.get(key),
            rank=self.ranks.get(key),
            was_cancelled=key in self.cancelled,
        )

    def full_slot(self, key: DayKey) -> SlotFacts | None:
        """Will return the slot that has no place left for this square, if any: the one to wait for."""
        return next((slot for slot in self.slots_for(key) or () if slot.left == 0), None)


def read_planning(
    children: Iterable[ChildFacts],
    products: Sequence[ProductOffer],
    first: date,
    last: date,
    *,
    offer: Offer,
    family: int,
    user: int | None,
) -> Planning:
    """Will read the planning of `children` for `products` from `first` to `last`, both included.

    `family` and `user` are keys; the basket is that of `user` for `family`, none when `user` is None. The number of
    statements does not depend on how many children, products, days or families there are: seven.
    """
    by_child = {child.pk: child for child in children}
    product_keys = [product.pk for product in products]
    activity_keys = sorted({product.activity.pk for product in products})
    days = {"child__in": list(by_child), "product__in": product_keys, "date__range": (first, last)}

    enrollments: dict[tuple[int, int], tuple[Period, ...]] = {}
    for child, activity, starts_on, ends_on in Enrollment.objects.filter(
        child__in=list(by_child), starts_on__lte=last, ends_on__gte=first
    ).values_list("child_id", "activity_id", "starts_on", "ends_on"):
        enrollments[child, activity] = (*enrollments.get((child, activity), ()), Period(starts_on, ends_on))

    slots = {
        (template, day): SlotFacts(pk, capacity, taken)
        for pk, template, day, capacity, taken in Slot.objects.filter(
            activity__in=activity_keys, date__range=(first, last)
        ).values_list("pk", "template_id", "date", "capacity", "taken")
    }

    booked: dict[DayKey, BookedFacts] = {}
    cancelled: set[DayKey] = set()
    # Of every product: a child reserved elsewhere at the same hours cannot be reserved here.
    whole_days = {"child__in": list(by_child), "date__range": (first, last)}
    for pk, child, product, day, state, owner, held_until in Reservation.objects.filter(**whole_days).values_list(
        "pk", "child_id", "product_id", "date", "state", "family_id", "held_until"
    ):
        key = DayKey(child, product, day)
        if state == Reservation.State.CANCELLED:
            cancelled.add(key)
        else:
            booked[key] = BookedFacts(pk, Booked(state), owner, held_until)

    answers = {
        DayKey(child, product, day): Answer(*answer)
        for child, product, day, *answer in CancellationRequest.objects.filter(
            **{f"reservation__{name}": value for name, value in days.items()}
        )
        .order_by("asked_at", "pk")
        .values_list(
            "reservation__child_id",
            "reservation__product_id",
            "reservation__date",
            "state",
            "asked_at",
            "decided_at",
            "is_refunded",
            "reason",
        )
    }
    seen = {
        DayKey(child, product, day): Seen(state)
        for child, product, day, state in Attendance.objects.filter(**days).values_list(
            "child_id", "product_id", "date", "state"
        )
    }
    wishes = {}
    if user is not None:
        wishes = {
            DayKey(child, product, day): Wish(wish)
            for child, product, day, wish in BasketLine.objects.filter(
                basket__user=user, basket__family=family, **whole_days
            ).values_list("child_id", "product_id", "date", "wish")
        }
    ranks, waiting = _waiting(set(by_child), activity_keys, first, last)
    return Planning(
        offer,
        family,
        by_child,
        enrollments,
        slots,
        booked,
        frozenset(cancelled),
        answers,
        seen,
        wishes,
        ranks,
        waiting,
    )


def _waiting(
    children: set[int], activities: list[int], first: date, last: date
) -> tuple[dict[DayKey, int], dict[int, int]]:
    """Will return the rank of each wait of these children, and how many wait for each slot."""
    rows = (
        WaitingListEntry.objects.filter(
            left_at__isnull=True, slot__activity__in=activities, slot__date__range=(first, last)
        )
        .annotate(
            rank=Window(RowNumber(), partition_by=F("slot"), order_by=(F("asked_at").asc(), F("pk").asc())),
            total=Window(Count("pk"), partition_by=F("slot")),
        )
        .values_list("child_id", "product_id", "date", "slot_id", "rank", "total")
    )
    ranks, waiting = {}, {}
    for child, product, day, slot, rank, total in rows:
        waiting[slot] = total
        if child in children:
            ranks[DayKey(child, product, day)] = rank
    return ranks, waiting
