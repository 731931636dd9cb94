"""What two homes, or two children who are one, reserved becomes what one did. Inside the operation that unites them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import F

from marelle.domain.reservations.models import (
    Absence,
    Attendance,
    AttendanceMark,
    Basket,
    BasketLine,
    CancellationRequest,
    Confirmation,
    CustodyDay,
    CustodyProposal,
    CustodyTurn,
    Enrollment,
    Reservation,
    SharedCustody,
    WaitingListEntry,
)
from marelle.domain.reservations.operations.by_agents import cancel_days_for_family
from marelle.domain.reservations.queries.twice import reserved_twice
from marelle.domain.reservations.rules.enrolling import widened
from marelle.foundation.periods import Period

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from marelle.foundation.actors import Actor

RESERVED_TWICE: Final = "Ce jour était réservé deux fois, dans deux dossiers du même enfant, qui ont été réunis."


def hold_baskets_of(families: Collection[int]) -> None:
    """Will hold the baskets of these families (keys): none is confirmed nor paid until the end."""
    rows = Basket.objects.select_for_update().filter(family__in=list(families))
    list(rows.order_by("pk").values_list("pk"))


def unite_homes(ended: int, kept: int) -> dict[str, int]:
    """Will give what a family (key) reserved and waits for to another, and drop its (held) baskets."""
    BasketLine.objects.filter(basket__family=ended).delete()
    Basket.objects.filter(family=ended).delete()
    _unite_custody(ended, kept)
    return {
        "confirmations": Confirmation.objects.filter(family=ended).update(family=kept),
        "reservations": Reservation.objects.filter(family=ended).update(family=kept),
        "waiting": WaitingListEntry.objects.filter(family=ended).update(family=kept),
    }


def unite_children(ended: int, kept: int, *, by: Actor, at: datetime) -> dict[str, int]:
    """Will give the days of a (locked) child (key) to another, and return how many rows of each kind went.

    A day reserved for both is reserved once: the first one recorded stays, the other is cancelled as an agent does, and
    given back whole. What the family said of it is said of the one that stays.
    """
    twice = reserved_twice(ended, kept)
    for lost, stays in twice.items():
        _pass_words(lost, stays)
    if twice:
        cancel_days_for_family(list(twice), reason=RESERVED_TWICE, is_refunded=True, by=by, at=at)
    baskets = list(BasketLine.objects.filter(child=ended).values_list("basket", flat=True))
    BasketLine.objects.filter(child=ended).delete()
    # What was seen is no longer what is there: « Valider » shows it again.
    Basket.objects.filter(pk__in=baskets).update(revision=F("revision") + 1)
    moved = {
        "twice": len(twice),
        "enrollments": _join_enrollments(ended, kept),
        "reservations": Reservation.objects.filter(child=ended).update(child=kept),
        "attendance": _move_attendance(ended, kept),
    }
    _unite_custodies_of(ended, kept, at=at)
    _leave_twice(ended, kept, at=at)
    moved["waiting"] = WaitingListEntry.objects.filter(child=ended).update(child=kept)
    return moved


def _unite_custody(ended: int, kept: int) -> None:
    """Will make what was settled with a family (key) settled with another. Between the two of them nothing is left."""
    both = (ended, kept)
    SharedCustody.objects.filter(first_home__in=both, second_home__in=both).delete()
    CustodyProposal.objects.filter(from_home__in=both, to_home__in=both).delete()
    CustodyTurn.objects.filter(family__in=both, beside__in=both).delete()
    for model, name in (
        (SharedCustody, "first_home"),
        (SharedCustody, "second_home"),
        (CustodyProposal, "from_home"),
        (CustodyProposal, "to_home"),
        (CustodyDay, "family"),
        (CustodyTurn, "family"),
        (CustodyTurn, "beside"),
    ):
        model.objects.filter(**{name: ended}).update(**{name: kept})


def _unite_custodies_of(ended: int, kept: int, *, at: datetime) -> None:
    """Will make what was settled of a child (key) settled of another, unless something is settled of that one."""
    if SharedCustody.objects.filter(child=kept, withdrawn_at__isnull=True).exists():
        SharedCustody.objects.filter(child=ended, withdrawn_at__isnull=True).update(withdrawn_at=at)
        CustodyDay.objects.filter(child=ended, withdrawn_at__isnull=True).update(withdrawn_at=at)
        CustodyTurn.objects.filter(child=ended).delete()
    else:
        CustodyDay.objects.filter(child=kept, withdrawn_at__isnull=True).update(withdrawn_at=at)
        CustodyTurn.objects.filter(child=kept).delete()
    asked = CustodyProposal.objects.filter(state__in=CustodyProposal.OPEN)
    if asked.filter(child=kept).exists():
        asked.filter(child=ended).update(state=CustodyProposal.State.EXPIRED, answered_at=at)
    for model in (SharedCustody, CustodyProposal, CustodyDay, CustodyTurn):
        model.objects.filter(child=ended).update(child=kept)


def _pass_words(lost: int, stays: int) -> None:
    """Will make what was said of a reservation (key) said of the one that stays, unless it has its own."""
    if not Absence.objects.filter(reservation=stays, withdrawn_at__isnull=True).exists():
        Absence.objects.filter(reservation=lost, withdrawn_at__isnull=True).update(reservation=stays)
    pending = CancellationRequest.objects.filter(state=CancellationRequest.State.PENDING)
    if not pending.filter(reservation=stays).exists():
        pending.filter(reservation=lost).update(reservation=stays)


def _join_enrollments(ended: int, kept: int) -> int:
    """Will enroll a child (key) on the days of another: never twice on a day, under the formula it already has."""
    rows = list(Enrollment.objects.filter(child=ended).order_by("activity", "starts_on"))
    for row in rows:
        known = {one.starts_on: one for one in Enrollment.objects.filter(child=kept, activity=row.activity_id)}
        change = widened(
            Period(row.starts_on, row.ends_on), [Period(one.starts_on, one.ends_on) for one in known.values()]
        )
        for first, last in change.prolonged.items():
            known[first].ends_on = last
            known[first].save(update_fields=["ends_on"])
        for one in known.values():
            if not one.formula and not one.options and one.starts_on <= row.ends_on and row.starts_on <= one.ends_on:
                one.formula, one.options = row.formula, row.options
                one.save(update_fields=["formula", "options"])
        if change.added is None:
            row.delete()
        else:
            row.child_id, row.starts_on = kept, change.added.starts_on
            row.ends_on = change.added.ends_on or row.ends_on
            row.save(update_fields=["child", "starts_on", "ends_on"])
    return len(rows)


def _move_attendance(ended: int, kept: int) -> int:
    """Will pass what was seen; of two sheets of a day, the one that says that the child was there is the true one."""
    there = {(one.product_id, one.date): one for one in Attendance.objects.filter(child=kept)}
    gone = []
    for row in Attendance.objects.filter(child=ended):
        other = there.get((row.product_id, row.date))
        if other is not None:
            is_better = row.state == Attendance.State.PRESENT and other.state != Attendance.State.PRESENT
            gone.append(other.pk if is_better else row.pk)
    Attendance.objects.filter(pk__in=gone).delete()
    AttendanceMark.objects.filter(child=ended).update(child=kept)
    return Attendance.objects.filter(child=ended).update(child=kept)


def _leave_twice(ended: int, kept: int, *, at: datetime) -> None:
    """Will take the child that ends off the lists where the other waits already, or has its place."""
    waits = set(WaitingListEntry.objects.filter(child=kept, left_at__isnull=True).values_list("product_id", "date"))
    waits |= set(Reservation.objects.filter(child=kept).active().values_list("product_id", "date"))
    mine = WaitingListEntry.objects.filter(child=ended, left_at__isnull=True).values_list("pk", "product_id", "date")
    twice = [key for key, *named in mine if tuple(named) in waits]
    WaitingListEntry.objects.filter(pk__in=twice).update(left_at=at)
    # The other one waited for a day on which the child that ends had its place.
    held = set(Reservation.objects.filter(child=kept).active().values_list("product_id", "date"))
    rows = WaitingListEntry.objects.filter(child=kept, left_at__isnull=True).values_list("pk", "product_id", "date")
    served = [key for key, *named in rows if tuple(named) in held]
    WaitingListEntry.objects.filter(pk__in=served).update(left_at=at)
