"""Events: whom one would touch, what it did, who is still expected, which days are closed by one."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q

from marelle.domain.families.models import Child
from marelle.domain.reservations.models import (
    Absence,
    Attendance,
    CancellationRequest,
    Disruption,
    DisruptionLine,
    Enrollment,
    Place,
    Reservation,
)
from marelle.domain.reservations.rules.disruptions import Effect
from marelle.foundation.periods import days_between

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date, datetime

    from django.db.models import QuerySet

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.catalog.rules.absences import AbsenceRules
    from marelle.domain.reservations.rules.disruptions import Said

WAS_PRESENT, ALREADY_TOLD, IS_HELD, IS_ASKED = "was_present", "already_told", "is_held", "is_asked"
DID = DisruptionLine.Did


@dataclass(frozen=True, slots=True)
class Met:
    """A reservation that an event meets; `left_for` says why it leaves it as it is, empty when it does not.

    `request` is the pending request of its family to cancel it (key), `due_cents` what the règlement left due by it.
    """

    reservation: int
    child: int
    family: int
    product: int
    date: date
    state: str
    held_until: datetime | None
    price_cents: int | None
    left_for: str = ""
    request: int | None = None
    due_cents: int | None = None


def met_by(said: Said) -> QuerySet[Reservation]:
    """Will return the reservations that an event is about."""
    found = Reservation.objects.active().filter(product__in=said.products, date__range=(said.starts_on, said.ends_on))
    return found.filter(child__school_class__in=said.classes) if said.classes else found


def children_of(said: Said) -> set[int]:
    """Will return the children (keys) who may be expected, or come to be, for what an event is about."""
    enrolled = Enrollment.objects.filter(
        activity__products__in=said.products, starts_on__lte=said.ends_on, ends_on__gte=said.starts_on
    )
    if said.classes:
        enrolled = enrolled.filter(child__school_class__in=said.classes)
    return {*enrolled.values_list("child_id", flat=True), *met_by(said).values_list("child_id", flat=True)}


def read_met(said: Said) -> list[Met]:
    """Will return what an event meets, in order, and what it leaves as it is. One statement."""
    same = {"child": OuterRef("child"), "product": OuterRef("product"), "date": OuterRef("date")}
    pending = CancellationRequest.objects.filter(reservation=OuterRef("pk"), state=CancellationRequest.State.PENDING)
    rows = (
        met_by(said)
        .annotate(
            present=Exists(Attendance.objects.filter(**same, state=Attendance.State.PRESENT)),
            told=Exists(Absence.objects.filter(reservation=OuterRef("pk"), withdrawn_at__isnull=True)),
            pending=pending.values("pk")[:1],
            due=pending.values("due_cents")[:1],
        )
        .order_by("date", "product_id", "pk")
        .values_list("pk", "child_id", "family_id", "product_id", "date", "state", "held_until", "price_cents",
                     "present", "told", "pending", "due")
    )  # fmt: skip
    found = []
    for row in rows:
        reservation, child, family, product, day, state, held_until, price, present, told, request, due = row
        why = _left_for(said.effect, state, is_present=present, is_told=told, request=request)
        found.append(Met(reservation, child, family, product, day, state, held_until, price, why, request, due))
    return found


def _left_for(effect: Effect, state: str, *, is_present: bool, is_told: bool, request: int | None) -> str:
    if is_present:
        return WAS_PRESENT
    if effect is not Effect.ABSENCE:
        return ""
    if state == Reservation.State.HELD:
        return IS_HELD
    if request is not None:
        return IS_ASKED
    return ALREADY_TOLD if is_told else ""


def slots_of(reservations: Collection[int]) -> dict[int, tuple[int, ...]]:
    """Will return the slots (keys) where each of these reservations has its places."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = Place.objects.filter(reservation__in=list(reservations)).order_by("slot_id")
    for reservation, slot in rows.values_list("reservation_id", "slot_id"):
        found[reservation].append(slot)
    return {key: tuple(slots) for key, slots in found.items()}


def disruptions_on(first: date, last: date) -> QuerySet[Disruption]:
    """Will return the events that stand on some of these days, in the order of their days."""
    return Disruption.objects.filter(undone_at=None, starts_on__lte=last, ends_on__gte=first).order_by(
        "starts_on", "pk"
    )


def closed_by_events(first: date, last: date) -> dict[tuple[int, date], str]:
    """Will return what a standing event closes for everybody, by product (key) and day (both included): its title."""
    return closed_by(disruptions_on(first, last), first, last)


def closed_by(events: Iterable[Disruption], first: date, last: date) -> dict[tuple[int, date], str]:
    """Will return the same, of events that were read. One that is about some classes alone closes nothing."""
    found = {}
    for one in events:
        if one.effect == Effect.CANCEL.value and not one.classes:
            for day in days_between(max(first, one.starts_on), min(last, one.ends_on)):
                for product in one.products:
                    found[product, day] = one.title
    return found


def absence_rules(said: Said, offer: Offer) -> list[AbsenceRules]:
    """Will return what the règlements of an event's products say of absences, on its first day, each once."""
    found = []
    for key in sorted(said.products):
        rules = offer.day(offer.product_by_pk[key], said.starts_on).rules
        if rules is not None and rules.absence not in found:
            found.append(rules.absence)
    return found


@dataclass(frozen=True, slots=True)
class Counts:
    """What an event comes to: children, families and reservations, by product (key); what those were worth, in cents.

    `left` counts those that it leaves as they are, by reason. Reservations are those that it changes.
    """

    children: int
    families: int
    reservations: int
    by_product: dict[int, int]
    worth_cents: int
    left: dict[str, int]


def counts_of(met: Iterable[Met]) -> Counts:
    """Will count what an event meets."""
    found = list(met)
    changed = [one for one in found if not one.left_for]
    return Counts(
        children=len({one.child for one in changed}),
        families=len({one.family for one in found}),
        reservations=len(changed),
        by_product=dict(Counter(one.product for one in changed)),
        worth_cents=sum(one.price_cents or 0 for one in changed if one.state == Reservation.State.RESERVED),
        left=dict(Counter(one.left_for for one in found if one.left_for)),
    )


@dataclass(frozen=True, slots=True)
class StillThere:
    """A child who is still expected on a day that an event touches: for what (keys of products)."""

    child: Child
    family: int
    date: date
    products: tuple[int, ...]


def still_expected(
    touched: Iterable[tuple[int, date]], but: Collection[int], *, products: Collection[int]
) -> list[StillThere]:
    """Will return who of `touched` (child, day) is still expected that day, `but` these reservations (keys) left out.

    For `products` (keys), those that the agent who looks may see. By day, class and name.
    """
    pairs = set(touched)
    if not pairs:
        return []
    rows = (
        Reservation.objects.active()
        .filter(
            child__in={child for child, _day in pairs},
            date__in={day for _child, day in pairs},
            product__in=list(products),
        )
        .exclude(pk__in=list(but))
        .values_list("child_id", "date", "family_id", "product_id")
        .order_by("date", "child_id", "product__position", "product_id")
    )
    found: dict[tuple[date, int], list[tuple[int, int]]] = defaultdict(list)
    for child, day, family, product in rows:
        if (child, day) in pairs:
            found[day, child].append((family, product))
    children = Child.objects.select_related("school_class").in_bulk({child for _day, child in found})

    def order(key: tuple[date, int]) -> tuple[date, str, str, str, int]:
        child = children[key[1]]
        return key[0], child.school_class.name if child.school_class else "", child.last_name, child.first_name, key[1]

    return [
        StillThere(children[key[1]], found[key][0][0], key[0], tuple(product for _family, product in found[key]))
        for key in sorted(found, key=order)
    ]


def disruptions_within(products: Collection[int], *, is_whole: bool) -> QuerySet[Disruption]:
    """Will return the events of which an agent may see something, the latest first, with what each did.

    Hers are those that are about some of `products` (keys); all of them when her right is whole.
    """
    lines = Q(lines__did__in=(DID.CANCELLED, DID.TOLD))
    found = Disruption.objects.all() if is_whole else Disruption.objects.filter(products__overlap=list(products))
    return found.annotate(  # type: ignore[no-any-return]
        changed=Count("lines", filter=lines), total=Count("lines")
    ).order_by("-starts_on", "-pk")


def lines_of(disruption: Disruption, products: Collection[int]) -> list[DisruptionLine]:
    """Will return what an event did to the reservations of these products (keys), by day and name. One statement."""
    rows = DisruptionLine.objects.filter(disruption=disruption, reservation__product__in=list(products))
    return list(
        rows.select_related("reservation__child", "reservation__family").order_by(
            "reservation__date", "reservation__child__last_name", "reservation__child__first_name", "pk"
        )
    )


def children_named(disruption: Disruption, families: Collection[int]) -> dict[int, list[tuple[str, int, date]]]:
    """Will return what an event is about for each of these families (keys): first name, product (key), day."""
    found: dict[int, list[tuple[str, int, date]]] = defaultdict(list)
    rows = (
        DisruptionLine.objects.filter(disruption=disruption, reservation__family__in=list(families))
        .order_by("reservation__child__birth_date", "reservation__child_id", "reservation__date",
                  "reservation__product__position", "pk")
        .values_list("reservation__family_id", "reservation__child__first_name", "reservation__product_id",
                     "reservation__date")
    )  # fmt: skip
    for family, name, product, day in rows:
        found[family].append((name, product, day))
    return found
