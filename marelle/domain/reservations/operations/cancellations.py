"""An agent answers what families ask to cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.reservations.models import CancellationRequest, Reservation
from marelle.domain.reservations.operations.locking import lock_children
from marelle.domain.reservations.operations.places import exchange_places
from marelle.foundation import audit, outbox
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.foundation.actors import Actor


class UnableToDecideError(Exception):
    """The request was already answered, or a refusal came without a reason; nothing was written."""


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
    reservation = Reservation.objects.get(pk=request.reservation_id)
    lock_children([reservation.child_id])
    request = CancellationRequest.objects.select_for_update().get(pk=request.pk)
    if request.state != CancellationRequest.State.PENDING:
        raise UnableToDecideError
    request.state = CancellationRequest.State.ACCEPTED if is_accepted else CancellationRequest.State.REFUSED
    request.decided_at = at
    request.decided_by_id = by.key
    request.reason = reason
    request.is_refunded = is_accepted and is_refunded
    request.save(update_fields=["state", "decided_at", "decided_by", "reason", "is_refunded"])
    if is_accepted:
        done = exchange_places(
            (),
            authority=request.authority_id,
            family=reservation.family_id,
            at=at,
            releases=[reservation.pk],
            release_reason=reason,
        )
        if done.freed:
            outbox.post("reservations.places_freed", authority=request.authority_id, slots=list(done.freed))
    outbox.post("letters.cancellation_decided", authority=request.authority_id, request=request.pk)
    audit.record(
        "accept_cancellation" if is_accepted else "refuse_cancellation",
        authority=request.authority_id,
        of="cancellation_request",
        key=request.pk,
        by=by,
        at=at,
        refunded=request.is_refunded,
    )
    return request
