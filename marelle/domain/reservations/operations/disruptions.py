"""An event, declared and undone in one act each, however many children: see decision 46."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.models import Slot
from marelle.domain.reservations.models import (
    Absence,
    CancellationRequest,
    Disruption,
    DisruptionLine,
    Enrollment,
    Place,
    Reservation,
)
from marelle.domain.reservations.operations.kitchen import tell_kitchen
from marelle.domain.reservations.operations.locking import lock_children
from marelle.domain.reservations.operations.places import Restored, exchange_places, restore_places
from marelle.domain.reservations.queries.disruptions import children_of, disruptions_on, read_met, slots_of
from marelle.domain.reservations.rules.disruptions import (
    CAUSES,
    Back,
    Cancelled,
    Effect,
    Kind,
    coming_back,
    faults_of,
    may_be_undone,
)
from marelle.foundation import audit, outbox
from marelle.foundation.periods import Period, days_between
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.reservations.queries.disruptions import Met
    from marelle.domain.reservations.rules.disruptions import Said
    from marelle.foundation.actors import Actor

DID = DisruptionLine.Did
ASKED = CancellationRequest.State
FAMILIES_AT_ONCE = 50
# Places are judged by one statement; between the look at what is left and it, somebody may take one.
TRIES = 5
BATCH = 2000


class WrongDisruptionError(Exception):
    """The event cannot be; `faults` says why, in French, by field. Nothing was written."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        """Will keep why."""
        super().__init__(sorted(faults))
        self.faults = dict(faults)


class AlreadyDeclaredError(Exception):
    """The very same event stands already: `disruption`. Nothing was written."""

    def __init__(self, disruption: Disruption) -> None:
        """Will keep which one."""
        super().__init__(disruption.pk)
        self.disruption = disruption


class NotStandingError(Exception):
    """The event was undone already, or is too old to be undone as a whole. Nothing was written."""


class PlacesMovedError(Exception):
    """Places went each time that they were looked at. Nothing was written: it is to be tried again."""


@operation
def declare_disruption(said: Said, *, offer: Offer, by: Actor, at: datetime) -> Disruption:
    """Will record an event and do to the reservations that it meets what it says, in a dozen statements.

    Cancelled: the places are given back, nothing is due, a request that was pending is granted, and nobody reserves
    these days while it stands. Absences: told at that moment, of that cause. A child who was seen present is left
    alone. What was invoiced of it is given back by a task, family by family. Nobody is written to: who tells does.
    Raises WrongDisruptionError, AlreadyDeclaredError.
    """
    faults = faults_of(said, today=at.astimezone(offer.zone).date())
    if faults:
        raise WrongDisruptionError(faults)
    # Two agents who declare the same one meet here: the second finds the first's.
    Authority.objects.select_for_update(no_key=True).only("pk").get(pk=offer.authority)
    same = disruptions_on(said.starts_on, said.ends_on).filter(
        kind=said.kind.value,
        effect=said.effect.value,
        starts_on=said.starts_on,
        ends_on=said.ends_on,
        products=sorted(said.products),
        classes=sorted(said.classes),
    )
    found = same.first()
    if found is not None:
        raise AlreadyDeclaredError(found)
    # All who could reserve meanwhile, not only those who have: whoever waits here then reads that it is closed.
    lock_children(children_of(said))
    disruption = Disruption.objects.create(
        authority_id=offer.authority,
        kind=said.kind.value,
        effect=said.effect.value,
        title=" ".join(said.title.split()),
        words=said.words.strip(),
        starts_on=said.starts_on,
        ends_on=said.ends_on,
        products=sorted(said.products),
        classes=sorted(said.classes),
        declared_at=at,
        declared_by_id=by.key,
    )
    met = read_met(said)
    changed = [one for one in met if not one.left_for and said.effect is not Effect.KEEP]
    slots = slots_of([one.reservation for one in changed]) if said.effect is Effect.CANCEL else {}
    if said.effect is Effect.CANCEL:
        _cancel(changed, disruption, by=by, at=at)
    elif said.effect is Effect.ABSENCE:
        _tell(changed, disruption, by=by, at=at)
    _write_lines(disruption, met, slots)
    _have_billed_again(disruption, {one.family for one in changed})
    _tell_kitchens(disruption, offer=offer, by=by, at=at)
    audit.record(
        "declare_disruption",
        authority=offer.authority,
        of="disruption",
        key=disruption.pk,
        by=by,
        at=at,
        effect=said.effect.value,
        reservations=len(changed),
    )
    return disruption


def _cancel(changed: Sequence[Met], disruption: Disruption, *, by: Actor, at: datetime) -> None:
    if not changed:
        return
    pending = [one.request for one in changed if one.request is not None]
    CancellationRequest.objects.filter(pk__in=pending, state=ASKED.PENDING).update(
        state=ASKED.ACCEPTED,
        decided_at=at,
        decided_by_id=by.key,
        reason=disruption.title,
        is_refunded=True,
        due_cents=None,
    )
    done = exchange_places(
        (),
        authority=disruption.authority_id,
        family=changed[0].family,
        at=at,
        releases=[one.reservation for one in changed],
    )
    if done.freed:
        outbox.post("reservations.places_freed", authority=disruption.authority_id, slots=list(done.freed))


def _tell(changed: Sequence[Met], disruption: Disruption, *, by: Actor, at: datetime) -> None:
    Absence.objects.bulk_create(
        [
            Absence(
                authority_id=disruption.authority_id,
                reservation_id=one.reservation,
                cause=CAUSES[Kind(disruption.kind)].value,
                told_at=at,
                told_by_id=by.key,
            )
            for one in changed
        ],
        batch_size=BATCH,
    )


def _write_lines(disruption: Disruption, met: Sequence[Met], slots: Mapping[int, tuple[int, ...]]) -> None:
    did = {Effect.CANCEL: DID.CANCELLED, Effect.ABSENCE: DID.TOLD, Effect.KEEP: DID.LEFT}[Effect(disruption.effect)]
    DisruptionLine.objects.bulk_create(
        [
            DisruptionLine(
                authority_id=disruption.authority_id,
                disruption=disruption,
                reservation_id=one.reservation,
                did=DID.LEFT if one.left_for else did,
                left_for=one.left_for,
                former_state=one.state,
                former_held_until=one.held_until,
                slots=list(slots.get(one.reservation, ())),
                former_due_cents=one.due_cents,
            )
            for one in met
        ],
        batch_size=BATCH,
    )


def _have_billed_again(disruption: Disruption, families: Collection[int]) -> None:
    keys = sorted(families)
    for first in range(0, len(keys), FAMILIES_AT_ONCE):
        outbox.post(
            "billing.settle_disruption",
            authority=disruption.authority_id,
            disruption=disruption.pk,
            families=keys[first : first + FAMILIES_AT_ONCE],
        )


def _tell_kitchens(disruption: Disruption, *, offer: Offer, by: Actor, at: datetime) -> None:
    """Will tell again the kitchens whose orders were frozen already."""
    products = [offer.product_by_pk[pk] for pk in disruption.products if pk in offer.product_by_pk]
    days = days_between(disruption.starts_on, disruption.ends_on)
    tell_kitchen(days, {product.activity.facility_pk for product in products}, offer=offer, by=by, at=at)


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing an event came to: how many reservations are as before, and the lines that are not."""

    disruption: Disruption
    back: int
    not_back: tuple[DisruptionLine, ...]


@operation
def undo_disruption(disruption: Disruption, *, offer: Offer, by: Actor, at: datetime) -> Undone:
    """Will undo an event: the very reservations come back with their places, the absences are taken back.

    What cannot come back (a place that somebody else took meanwhile, a child who left) is kept as it is and said; the
    rest does. A request that it had granted waits again. Raises NotStandingError, PlacesMovedError.
    """
    Authority.objects.select_for_update(no_key=True).only("pk").get(pk=offer.authority)
    disruption = Disruption.objects.select_for_update(of=("self",)).get(pk=disruption.pk)
    today = at.astimezone(offer.zone).date()
    if disruption.undone_at is not None or not may_be_undone(disruption.ends_on, today=today):
        raise NotStandingError
    lines = list(
        DisruptionLine.objects.filter(disruption=disruption)
        .exclude(did=DID.LEFT)
        .select_related("reservation", "reservation__product")
        .order_by("pk")
    )
    lock_children(line.reservation.child_id for line in lines)
    # Before the days are looked at: from here on they are closed by no event, or by another one.
    disruption.undone_at, disruption.undone_by_id = at, by.key
    disruption.save(update_fields=["undone_at", "undone_by"])
    cancelled = [line for line in lines if line.did == DID.CANCELLED]
    told = [line for line in lines if line.did == DID.TOLD]
    said = _bring_back(cancelled, disruption, offer=offer, at=at)
    _ask_again([line for line in cancelled if said[line.reservation_id] is Back.BACK], disruption)
    said |= _take_back(told, disruption, at=at)
    by_end: dict[Back, list[int]] = {}
    for line in lines:
        line.back_as = said[line.reservation_id].value
        by_end.setdefault(said[line.reservation_id], []).append(line.pk)
    # A statement an end: written row by row, thousands of lines take seconds.
    for end, keys in by_end.items():
        DisruptionLine.objects.filter(pk__in=keys).update(back_as=end.value)
    _have_billed_again(disruption, {line.reservation.family_id for line in lines})
    _tell_kitchens(disruption, offer=offer, by=by, at=at)
    not_back = tuple(line for line in lines if line.back_as != Back.BACK.value)
    audit.record(
        "undo_disruption",
        authority=offer.authority,
        of="disruption",
        key=disruption.pk,
        by=by,
        at=at,
        reservations=len(lines) - len(not_back),
        not_back=len(not_back),
    )
    return Undone(disruption, len(lines) - len(not_back), not_back)


def _bring_back(
    lines: Sequence[DisruptionLine], disruption: Disruption, *, offer: Offer, at: datetime
) -> dict[int, Back]:
    """Will bring the cancelled reservations back, those that can; says of each (key) what became of it."""
    if not lines:
        return {}
    facts = _facts_of(lines, disruption, offer)
    by_key = {line.reservation_id: line for line in lines}
    slots = sorted({slot for line in lines for slot in line.slots})
    for _ in range(TRIES):
        left = {
            pk: None if capacity is None else capacity - taken
            for pk, capacity, taken in Slot.objects.filter(pk__in=slots).values_list("pk", "capacity", "taken")
        }
        said = coming_back(facts, left, at=at)
        back = [
            Restored(key, by_key[key].former_state, by_key[key].former_held_until, tuple(by_key[key].slots))
            for key, what in said.items()
            if what is Back.BACK
        ]
        if not back or not restore_places(back, authority=disruption.authority_id):
            return said
    raise PlacesMovedError


def _facts_of(lines: Sequence[DisruptionLine], disruption: Disruption, offer: Offer) -> list[Cancelled]:
    """Will return what stands for and against each reservation; four statements for any number of them."""
    reservations = [line.reservation for line in lines]
    children = {one.child_id for one in reservations}
    first, last = disruption.starts_on, disruption.ends_on
    active = Reservation.objects.active().filter(child__in=children, date__range=(first, last))
    again = set(active.values_list("child_id", "product_id", "date"))
    elsewhere = set(
        Place.objects.filter(reservation__in=active.values("pk")).values_list("reservation__child_id", "slot_id")
    )
    enrolled: dict[tuple[int, int], list[Period]] = {}
    for child, activity, starts_on, ends_on in Enrollment.objects.filter(
        child__in=children, starts_on__lte=last, ends_on__gte=first
    ).values_list("child_id", "activity_id", "starts_on", "ends_on"):
        enrolled.setdefault((child, activity), []).append(Period(starts_on, ends_on))
    closed = _closed_by_others(reservations, disruption)

    def is_closed(one: Reservation) -> bool:
        product = offer.product_by_pk.get(one.product_id)
        return product is None or one.pk in closed or offer.day(product, one.date).closed is not None

    return [
        Cancelled(
            key=one.pk,
            reserved_at=one.reserved_at,
            slots=tuple(line.slots),
            is_cancelled=one.state == Reservation.State.CANCELLED,
            held_until=line.former_held_until if line.former_state == Reservation.State.HELD else None,
            is_again=(one.child_id, one.product_id, one.date) in again,
            is_elsewhere=any((one.child_id, slot) in elsewhere for slot in line.slots),
            is_enrolled=any(one.date in period for period in enrolled.get((one.child_id, one.product.activity_id), ())),
            is_closed=is_closed(one),
        )
        for line, one in zip(lines, reservations, strict=True)
    ]


def _closed_by_others(reservations: Sequence[Reservation], disruption: Disruption) -> set[int]:
    """Will return the reservations (keys) whose day another event that stands closes."""
    others = list(
        disruptions_on(disruption.starts_on, disruption.ends_on)
        .filter(effect=Effect.CANCEL.value)
        .exclude(pk=disruption.pk)
    )
    if not others:
        return set()
    classes = dict(
        Reservation.objects.filter(pk__in=[one.pk for one in reservations]).values_list("pk", "child__school_class_id")
    )
    return {
        one.pk
        for one in reservations
        for other in others
        if other.starts_on <= one.date <= other.ends_on
        and one.product_id in other.products
        and (not other.classes or classes[one.pk] in other.classes)
    }


def _ask_again(lines: Sequence[DisruptionLine], disruption: Disruption) -> None:
    """Will put back in the queue the requests that the event had granted, of the reservations that are back."""
    due = {line.reservation_id: line.former_due_cents for line in lines}
    asked = list(
        CancellationRequest.objects.filter(reservation__in=due, state=ASKED.ACCEPTED, decided_at=disruption.declared_at)
    )
    for one in asked:
        one.state, one.decided_at, one.decided_by_id = ASKED.PENDING, None, None
        one.reason, one.is_refunded, one.due_cents = "", None, due[one.reservation_id]
    CancellationRequest.objects.bulk_update(
        asked, ["state", "decided_at", "decided_by", "reason", "is_refunded", "due_cents"], batch_size=BATCH
    )


def _take_back(lines: Sequence[DisruptionLine], disruption: Disruption, *, at: datetime) -> dict[int, Back]:
    """Will withdraw the absences that the event told; one that the family took back meanwhile is left."""
    told = (
        Absence.objects.select_for_update(of=("self",))
        .filter(
            reservation__in=[line.reservation_id for line in lines],
            told_at=disruption.declared_at,
            withdrawn_at__isnull=True,
        )
        .order_by("pk")
        .values_list("pk", "reservation_id")
    )
    standing = {reservation: pk for pk, reservation in told}
    Absence.objects.filter(pk__in=standing.values()).update(withdrawn_at=at)
    return {line.reservation_id: Back.BACK if line.reservation_id in standing else Back.ALREADY for line in lines}
