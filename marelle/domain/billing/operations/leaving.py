"""A family leaves the authority: what its children had from there on ends, and what was paid ahead comes back."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import Q

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.operations.corrections import UnableToCorrectError, correct
from marelle.domain.billing.operations.redrafting import draft_anew, hold_regies
from marelle.domain.billing.operations.runs import UnableToBillError
from marelle.domain.billing.queries.corrections import correction_of, invoices_with
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Child, Custody, Family
from marelle.domain.families.operations.custody import UnableToChangeCustodyError, change_custody
from marelle.domain.families.operations.pickups import end_pickups
from marelle.domain.families.queries import lives_with
from marelle.domain.families.queries.profile import homes_on
from marelle.domain.reservations.models import Attendance, Reservation, WaitingListEntry
from marelle.domain.reservations.operations.by_agents import cancel_days_for_family
from marelle.domain.reservations.operations.enrollments import end_enrollments
from marelle.domain.reservations.operations.locking import lock_children
from marelle.domain.reservations.operations.waiting_list import leave_lists
from marelle.foundation import audit
from marelle.foundation.french_dates import in_full
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from marelle.domain.billing.models import BillingRun, Invoice
    from marelle.domain.catalog.queries import Offer
    from marelle.foundation.actors import Actor


class WhyKept(StrEnum):
    """Why something of a family that leaves stays as it is, in words."""

    OTHER_HOME = "Vit aussi dans un autre foyer : ses inscriptions restent."
    SERVICE_OVER = "Le service est passé : ces jours restent réservés."
    WAS_PRESENT = "Une présence est notée : ces jours restent réservés."
    PAID_ELSEWHERE = "Payé hors de Marelle : c’est à la régie de rembourser."


class WhyNotLeft(StrEnum):
    """Why a departure is not recorded at all, in words."""

    RUN_UNDER_WAY = "Une facturation est en cours. Réessayez dans quelques minutes."
    CHANGED = "Une facture a changé à l’instant. Réessayez."


class UnableToLeaveError(Exception):
    """Nothing was written; `why` says what stands against it."""

    def __init__(self, why: WhyNotLeft) -> None:
        """Will keep why."""
        super().__init__(why.name)
        self.why = why


@dataclass(frozen=True, slots=True)
class Kept:
    """What stays of a child (key), and why: some days, none when it is all that it has."""

    why: WhyKept
    child: int
    days: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Left:
    """What ended with a family: its children who leave, how many enrollments and reservations, cents that came back.

    `credit_notes` are those by which they did. `kept` is what an agent may want to look at.
    """

    children: tuple[Child, ...]
    enrollments_ended: int
    reservations_cancelled: int
    credited_cents: int
    kept: tuple[Kept, ...]
    credit_notes: tuple[Invoice, ...] = ()
    waits_left: int = 0
    pickups_ended: int = 0


@operation
def leave_authority(family: Family, *, last_day: date, by: Actor, at: datetime) -> Left:
    """Will end what a family has at its authority after `last_day`; asked again, it ends what is left, if anything.

    The enrollments of the children who then live with it alone, what it reserved (given back whole, the places freed
    and those who wait told), its waits, the persons it let fetch them. A child of another home keeps its enrollments
    and what that home reserved, and lives there alone from then on: its days, and what is due by the month, are of that
    home. What was invoiced ahead of its day comes back by credit notes; days that are over stay,
    and with them what a month's end invoiced. The file of the family stays. Raises UnableToLeaveError.
    """
    authority = family.authority
    offer = offer_of(authority)
    locked = _concerned(family, last_day)
    lock_children(locked)
    children = {child.pk: child for child in _children(family, last_day) if child.pk in locked}
    homes = lives_with(children, after=last_day)
    staying = {pk for pk in children if homes[pk] - {family.pk}}
    leaving = tuple(child for pk, child in children.items() if pk not in staying)
    coming = list(
        Reservation.objects.active().filter(family=family, date__gt=last_day).order_by("date", "product_id", "pk")
    )
    kept, gone = _sorted_out(coming, offer, at)
    runs = _held({one.product_id for one in gone}, offer)
    reason = f"Départ de la famille, dernier jour : {in_full(last_day, year=True)}"
    cancelled = cancel_days_for_family([one.pk for one in gone], reason=reason, is_refunded=True, by=by, at=at)
    credit_notes, elsewhere = _give_back(cancelled, family=family, offer=offer, reason=reason, by=by, at=at)
    credited = {one.regie_id for one in credit_notes}
    for regie, run in runs.items():
        if cancelled and regie not in credited:
            draft_anew(run, family.pk, authority=authority, by=by, at=at)
    keys = [child.pk for child in leaving]
    left = Left(
        children=leaving,
        enrollments_ended=end_enrollments(keys, last_day=last_day, authority=authority.pk, by=by, at=at),
        reservations_cancelled=len(cancelled),
        credited_cents=-sum(one.total_cents for one in credit_notes),
        kept=(*(Kept(WhyKept.OTHER_HOME, pk) for pk in children if pk in staying), *kept, *elsewhere),
        credit_notes=credit_notes,
        waits_left=leave_lists(family.pk, keys, after=last_day, authority=authority.pk, by=by, at=at),
        pickups_ended=end_pickups(family, last_day=last_day, keeping=staying, by=by, at=at),
    )
    _live_elsewhere(family, [children[pk] for pk in children if pk in staying], last_day=last_day, by=by, at=at)
    if left.enrollments_ended or left.reservations_cancelled or left.waits_left or left.pickups_ended:
        audit.record(
            "leave_authority",
            authority=authority.pk,
            of="family",
            key=family.pk,
            by=by,
            at=at,
            last_day=last_day.isoformat(),
            children=sorted(keys),
            cents=left.credited_cents,
        )
    return left


def _live_elsewhere(family: Family, children: Sequence[Child], *, last_day: date, by: Actor, at: datetime) -> None:
    """Will have these children live with their other home alone after `last_day`, where it has them by then."""
    next_day = last_day + timedelta(days=1)
    homes = homes_on(next_day, [child.pk for child in children])
    others = Family.objects.in_bulk({home for found in homes.values() for home in found} - {family.pk})
    for child in children:
        found = homes.get(child.pk, ())
        staying = [others[home] for home in found if home in others]
        if family.pk not in found or not staying:
            continue
        # A day beyond what a custody takes: an agent sees to it.
        with suppress(UnableToChangeCustodyError):
            change_custody(child, staying, starts_on=next_day, by=by, at=at)


def _children(family: Family, last_day: date) -> list[Child]:
    there = Custody.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=last_day), family=family)
    return list(Child.objects.filter(pk__in=there.values("child")).order_by("birth_date", "pk"))


def _concerned(family: Family, last_day: date) -> set[int]:
    """Will return the children (keys) of whom something may end."""
    reserved = Reservation.objects.active().filter(family=family, date__gt=last_day)
    waits = WaitingListEntry.objects.filter(family=family, date__gt=last_day, left_at__isnull=True)
    return {
        *(child.pk for child in _children(family, last_day)),
        *reserved.values_list("child_id", flat=True),
        *waits.values_list("child_id", flat=True),
    }


def _sorted_out(coming: Iterable[Reservation], offer: Offer, at: datetime) -> tuple[list[Kept], list[Reservation]]:
    """Will tell what stays reserved, since it was lived or is over, from what is to be cancelled."""
    coming = [one for one in coming if one.product_id in offer.product_by_pk]
    present = set(
        Attendance.objects.filter(
            state=Attendance.State.PRESENT,
            child__in={one.child_id for one in coming},
            date__in={one.date for one in coming},
        ).values_list("child_id", "product_id", "date")
    )
    stays: dict[tuple[WhyKept, int], list[date]] = defaultdict(list)
    gone = []
    for one in coming:
        if (one.child_id, one.product_id, one.date) in present:
            stays[WhyKept.WAS_PRESENT, one.child_id].append(one.date)
        elif offer.day(offer.product_by_pk[one.product_id], one.date).ends_at <= at:
            stays[WhyKept.SERVICE_OVER, one.child_id].append(one.date)
        else:
            gone.append(one)
    return _kept(stays), gone


def _held(products: set[int], offer: Offer) -> dict[int, BillingRun | None]:
    try:
        return hold_regies(products, offer=offer)
    except UnableToBillError:
        raise UnableToLeaveError(WhyNotLeft.RUN_UNDER_WAY) from None


def _give_back(
    cancelled: tuple[Reservation, ...],
    *,
    family: Family,
    offer: Offer,
    reason: str,
    by: Actor,
    at: datetime,
) -> tuple[tuple[Invoice, ...], list[Kept]]:
    """Will credit what was invoiced of these days, none of which is over; returns what others have to give back too."""
    days: dict[tuple[int, int], set[date]] = defaultdict(set)
    for one in cancelled:
        days[one.child_id, one.product_id].add(one.date)
    if not days:
        return (), []
    credit_notes = []
    for invoice, had in invoices_with(days, family=family.pk).items():
        billed = correction_of(invoice, authority=family.authority, only=had, at=at)
        if billed is None or billed.draft is None or billed.draft.total >= 0:
            continue
        try:
            credit_notes.append(
                correct(
                    invoice,
                    authority=family.authority,
                    reason=reason,
                    expected=billed.draft.total,
                    only=had,
                    by=by,
                    at=at,
                )
            )
        except UnableToCorrectError:
            raise UnableToLeaveError(WhyNotLeft.CHANGED) from None
    stays: dict[tuple[WhyKept, int], list[date]] = defaultdict(list)
    elsewhere = set(Regie.objects.filter(has_billing=False).values_list("pk", flat=True))
    for one in cancelled:
        service = offer.product_by_pk[one.product_id].activity.service
        was_paid = service.is_prepaid and one.state == Reservation.State.RESERVED and bool(one.price_cents)
        if was_paid and service.regie in elsewhere:
            stays[WhyKept.PAID_ELSEWHERE, one.child_id].append(one.date)
    return tuple(credit_notes), _kept(stays)


def _kept(stays: Mapping[tuple[WhyKept, int], list[date]]) -> list[Kept]:
    return [Kept(why, child, tuple(sorted(set(days)))) for (why, child), days in stays.items()]
