"""An agent answers what families ask to cancel: one request, or several at once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from marelle.domain.reservations.models import CancellationRequest
from marelle.domain.reservations.operations.locking import lock_children
from marelle.domain.reservations.operations.places import exchange_places
from marelle.domain.reservations.queries.requests import is_late_for, left_due
from marelle.foundation import audit, outbox
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from marelle.domain.catalog.queries import Offer
    from marelle.foundation.actors import Actor


class UnableToDecideError(Exception):
    """The request was already answered, or a refusal came without a reason; nothing was written."""


class AnswerToAll(StrEnum):
    """What an agent answers to several requests at once."""

    # What was asked in time costs nothing, what was asked too late stays due: the règlement says so, not the agent.
    AS_RULED = "as_ruled"
    REFUND = "refund"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class DecidedTogether:
    """What became of each request: keys of those refunded, accepted but still due, refused, answered before by others.

    `due_cents` is what the accepted ones still owe: those kept, and what a règlement keeps of one asked in time.
    """

    refunded: tuple[int, ...] = ()
    kept: tuple[int, ...] = ()
    refused: tuple[int, ...] = ()
    already: tuple[int, ...] = ()
    due_cents: int = 0


@operation
def decide_cancellation(
    request: CancellationRequest, *, is_accepted: bool, is_refunded: bool, reason: str, by: Actor, at: datetime
) -> CancellationRequest:
    """Will accept or refuse a pending request, with the reason the family reads and whether it is refunded.

    The place is given back on acceptance. A refusal needs a reason. Raises UnableToDecideError.
    """
    reason = reason.strip()
    if not is_accepted and not reason:
        raise UnableToDecideError
    waiting = _lock([request.pk])
    if not waiting:
        raise UnableToDecideError
    (request,) = waiting
    refunded = {request.pk} if is_accepted and is_refunded else set()
    _answer(waiting, is_accepted=is_accepted, refunded=refunded, reason=reason, by=by, at=at)
    return request


@operation
def decide_cancellations(
    requests: Collection[int], *, answer: AnswerToAll, reason: str, offer: Offer, by: Actor, at: datetime
) -> DecidedTogether:
    """Will give one answer to these requests (keys), and say what became of each.

    One that was answered meanwhile keeps its answer. A refusal needs a reason, which every family reads: without one
    UnableToDecideError is raised. As many statements for one request as for many, but for what is left in the queue.
    """
    reason = reason.strip()
    is_accepted = answer is not AnswerToAll.REFUSE
    if not is_accepted and not reason:
        raise UnableToDecideError
    waiting = _lock(requests)
    late = {one.pk for one in waiting if is_late_for(one, offer)} if answer is AnswerToAll.AS_RULED else set()
    refunded = {one.pk for one in waiting if one.pk not in late} if is_accepted else set()
    _answer(waiting, is_accepted=is_accepted, refunded=refunded, reason=reason, by=by, at=at)
    keys = {one.pk for one in waiting}
    return DecidedTogether(
        refunded=tuple(sorted(refunded)),
        kept=tuple(sorted(late)) if is_accepted else (),
        refused=() if is_accepted else tuple(sorted(keys)),
        already=tuple(sorted(set(requests) - keys)),
        due_cents=sum(left_due(one, is_refunded=one.pk in refunded) for one in waiting) if is_accepted else 0,
    )


def _lock(requests: Collection[int]) -> list[CancellationRequest]:
    """Will hold these requests (keys), after their children, and return those that still wait, with what they ask."""
    rows = CancellationRequest.objects.filter(pk__in=list(requests))
    lock_children(rows.values_list("reservation__child", flat=True))
    return list(
        rows.filter(state=CancellationRequest.State.PENDING)
        .select_for_update(of=("self",))
        .select_related("reservation")
        .order_by("pk")
    )


def _answer(
    waiting: Collection[CancellationRequest],
    *,
    is_accepted: bool,
    refunded: Collection[int],
    reason: str,
    by: Actor,
    at: datetime,
) -> None:
    """Will write one answer on these requests, which are held, give back their places, and tell each family."""
    if not waiting:
        return
    for request in waiting:
        request.state = CancellationRequest.State.ACCEPTED if is_accepted else CancellationRequest.State.REFUSED
        request.decided_at = at
        request.decided_by_id = by.key
        request.reason = reason
        request.is_refunded = request.pk in refunded
    CancellationRequest.objects.bulk_update(waiting, ["state", "decided_at", "decided_by", "reason", "is_refunded"])
    first = next(iter(waiting))
    authority = first.authority_id
    if is_accepted:
        done = exchange_places(
            (),
            authority=authority,
            family=first.reservation.family_id,  # of what is reserved: here nothing is
            at=at,
            releases=[request.reservation_id for request in waiting],
            release_reason=reason,
        )
        if done.freed:
            outbox.post("reservations.places_freed", authority=authority, slots=list(done.freed))
    for request in waiting:
        outbox.post("letters.cancellation_decided", authority=authority, request=request.pk)
    for is_refunded in (True, False):
        keys = [request.pk for request in waiting if request.is_refunded is is_refunded]
        if keys:
            audit.record_all(
                "accept_cancellation" if is_accepted else "refuse_cancellation",
                authority=authority,
                of="cancellation_request",
                keys=keys,
                by=by,
                at=at,
                refunded=is_refunded,
            )
