"""Who waits for the slots of an authority, in the order in which places are offered, and what is offered to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Exists, F, OuterRef, Q

from marelle.domain.catalog.models import Slot
from marelle.domain.catalog.rules.acts import NON_RESIDENT, RESIDENT
from marelle.domain.catalog.rules.waiting import SIBLING, WaitingRules
from marelle.domain.families.models import Custody
from marelle.domain.reservations.models import FreedPlace, PlaceOffer, Reservation, WaitingListEntry
from marelle.domain.reservations.rules.waiting import Waiting, in_order, reasons

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date, datetime

    from django.db.models import QuerySet

    from marelle.domain.catalog.queries import Offer

DEFAULT: Final = WaitingRules()


@dataclass(frozen=True, slots=True)
class Queued:
    """One who waits (keys), at its rank among those who wait for the same slot, and why it has that rank.

    `reasons` are the priorities that it has (codes). `is_offered`: a place is offered to it now, or was until a moment
    ago. `told_at`: when it was told, or offered one.
    """

    waiting: Waiting
    child: int
    birth_date: date
    family: int
    product: int
    date: date
    slot: int
    rank: int
    reasons: tuple[str, ...]
    told_at: datetime | None
    is_offered: bool

    @property
    def entry(self) -> int:
        """Will return the key of the entry."""
        return self.waiting.key


def rules_of(product: int, day: date, *, offer: Offer) -> WaitingRules:
    """Will return what the règlement of a product (key) says of its waiting list that day."""
    one = offer.product_by_pk.get(product)
    rules = one.rules_on(day) if one else None
    return rules.waiting if rules else DEFAULT


def queues_of(slots: Collection[int], *, offer: Offer) -> dict[int, list[Queued]]:
    """Will return who waits for each of these slots (keys), next first; no child that left the home.

    One statement; another where a règlement puts brothers and sisters first.
    Of several règlements for one slot, the order is that of the product for which somebody waits first.
    """
    offered = PlaceOffer.objects.filter(entry=OuterRef("pk"), state=PlaceOffer.State.OFFERED)
    lives = Custody.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=OuterRef("date")),
        child=OuterRef("child"),
        family=OuterRef("family"),
        starts_on__lte=OuterRef("date"),
    )
    rows = (
        WaitingListEntry.objects.filter(Exists(lives), slot__in=list(slots), left_at__isnull=True)
        .annotate(is_offered=Exists(offered))
        .order_by("asked_at", "pk")
        .values(
            "pk",
            "asked_at",
            "told_at",
            "child_id",
            "child__birth_date",
            "child__school_class__facility_id",
            "family_id",
            "family__is_resident",
            "family__categories",
            "product_id",
            "date",
            "slot_id",
            "is_offered",
        )
    )
    asked = [(row["product_id"], row["date"]) for row in rows]
    expected = _expected(rows) if any(SIBLING in rules_of(*one, offer=offer).priorities for one in set(asked)) else {}
    found: dict[int, list[tuple[Waiting, dict[str, Any]]]] = {}
    for row in rows:
        product = offer.product_by_pk.get(row["product_id"])
        school = row["child__school_class__facility_id"]
        one = Waiting(
            row["pk"],
            row["asked_at"],
            has_sibling=product is not None
            and bool(
                expected.get((row["family_id"], row["date"], product.activity.service.pk), set()) - {row["child_id"]}
            ),
            is_at_school=product is not None and school == product.activity.facility_pk,
            audiences=frozenset({RESIDENT if row["family__is_resident"] else NON_RESIDENT, *row["family__categories"]}),
        )
        found.setdefault(row["slot_id"], []).append((one, row))
    return {slot: _queue(members, offer) for slot, members in found.items()}


def _expected(rows: Iterable[dict[str, Any]]) -> dict[tuple[int, date, int], set[int]]:
    """Will return the children of these homes who have a place on these days, by home, day and service (keys)."""
    found: dict[tuple[int, date, int], set[int]] = {}
    booked = Reservation.objects.active().filter(
        family__in={row["family_id"] for row in rows}, date__in={row["date"] for row in rows}
    )
    for home, day, service, child in booked.values_list(
        "family_id", "date", "product__activity__service_id", "child_id"
    ):
        found.setdefault((home, day, service), set()).add(child)
    return found


def _queue(members: list[tuple[Waiting, dict[str, Any]]], offer: Offer) -> list[Queued]:
    first = members[0][1]
    rules = rules_of(first["product_id"], first["date"], offer=offer)
    rows = {one.key: row for one, row in members}
    return [
        Queued(
            waiting=one,
            child=row["child_id"],
            birth_date=row["child__birth_date"],
            family=row["family_id"],
            product=row["product_id"],
            date=row["date"],
            slot=row["slot_id"],
            rank=rank,
            reasons=reasons(one, rules),
            told_at=row["told_at"],
            is_offered=row["is_offered"],
        )
        for rank, one in enumerate(in_order((one for one, _row in members), rules), start=1)
        for row in (rows[one.key],)
    ]


def running_offers(*, at: datetime) -> QuerySet[PlaceOffer]:
    """Will return the offers that may be accepted at `at`: in time, and what keeps their place still holds."""
    return PlaceOffer.objects.filter(
        Q(reservation__state=Reservation.State.HELD)
        | Q(
            reservation__isnull=True,
            freed__state=FreedPlace.State.OPEN,
            freed__reservation__state=Reservation.State.RESERVED,
        ),
        state=PlaceOffer.State.OFFERED,
        expires_at__gt=at,
    )


def waits_with_a_free_place(products: Collection[int], *, since: date) -> QuerySet[WaitingListEntry]:
    """Will return who waits for these products (keys) from that day on while a place is free, and is offered none."""
    running = PlaceOffer.objects.filter(entry=OuterRef("pk"), state=PlaceOffer.State.OFFERED)
    return WaitingListEntry.objects.filter(
        ~Exists(running),
        product__in=list(products),
        date__gte=since,
        left_at__isnull=True,
        slot__taken__lt=F("slot__capacity"),
    )


def offered_places(*, at: datetime) -> QuerySet[Reservation]:
    """Will return the reservations that are held for an offer that nobody has answered."""
    offers = PlaceOffer.objects.filter(state=PlaceOffer.State.OFFERED, reservation__isnull=False)
    return Reservation.objects.filter(pk__in=offers.values("reservation"))


def offers_of_family(family: int, *, at: datetime | None = None) -> QuerySet[PlaceOffer]:
    """Will return the places that a family (key) was offered, those that end first first; only those of now, `at`."""
    offers = PlaceOffer.objects.all() if at is None else running_offers(at=at).filter(entry__left_at__isnull=True)
    return (
        offers.filter(entry__family=family)
        .select_related("entry__child", "entry__product", "reservation", "freed__reservation")
        .order_by("expires_at", "pk")
    )


def waits_of_family(family: int, *, since: date) -> QuerySet[WaitingListEntry]:
    """Will return what a family (key) waits for from that day on, by day."""
    return (
        WaitingListEntry.objects.filter(family=family, date__gte=since, left_at__isnull=True)
        .select_related("child", "product")
        .order_by("date", "pk")
    )


def let_go_by(family: int, *, since: date) -> QuerySet[FreedPlace]:
    """Will return the places that a family (key) lets go from that day on, by day."""
    return (
        FreedPlace.objects.filter(
            reservation__family=family,
            reservation__date__gte=since,
            reservation__state=Reservation.State.RESERVED,
            state=FreedPlace.State.OPEN,
        )
        .select_related("reservation__child", "reservation__product")
        .order_by("reservation__date", "pk")
    )


@dataclass(frozen=True, slots=True)
class SlotQueue:
    """A slot for which somebody waits, its places (capacity None: no limit), who waits, next first, and the offers."""

    slot: int
    activity: int
    date: date
    name: str
    capacity: int | None
    taken: int
    queue: list[Queued]
    offers: dict[int, PlaceOffer]

    @property
    def free(self) -> int:
        """Will return the places that are neither taken nor held; 0 where there is no limit, as nobody need wait."""
        return 0 if self.capacity is None else max(0, self.capacity - self.taken)


def queues_ahead(products: Collection[int], *, since: date, most: int, offer: Offer, at: datetime) -> list[SlotQueue]:
    """Will return the slots from that day on for which somebody waits, of these products (keys), the first days first.

    At most `most` slots. Four statements at most, whatever their number and that of who waits.
    """
    waited = WaitingListEntry.objects.filter(slot=OuterRef("pk"), product__in=list(products), left_at__isnull=True)
    slots = list(
        Slot.objects.filter(Exists(waited), date__gte=since)
        .order_by("date", "activity__position", "template__starts_at", "pk")
        .values_list("pk", "activity_id", "date", "template__name", "capacity", "taken")[:most]
    )
    queues = queues_of([slot for slot, *_ in slots], offer=offer)
    offers: dict[int, dict[int, PlaceOffer]] = {}
    for one in running_offers(at=at).filter(entry__slot__in=[slot for slot, *_ in slots]).select_related("entry"):
        offers.setdefault(one.entry.slot_id, {})[one.entry_id] = one
    return [
        SlotQueue(slot, activity, day, name, capacity, taken, queue=queues[slot], offers=offers.get(slot, {}))
        for slot, activity, day, name, capacity, taken in slots
        if slot in queues
    ]
