"""A guardian's access to a family is removed: what her accounts have under way ends first, then her way in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from marelle.domain.families.models import AccessRemoval, Guardian, Membership
from marelle.domain.families.operations.removals import shut_out
from marelle.domain.payments.models import PaymentAttempt
from marelle.domain.payments.operations.attempts import give_up
from marelle.domain.reservations.operations.shutting_out import drop_baskets, hold_baskets_for
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation

REASON = "access_removed"


@operation
def remove_access(
    guardian: Guardian,
    *,
    kind: str,
    words: str = "",
    addresses: Mapping[str, str] | None = None,
    by: Actor,
    at: datetime,
    machine: datetime,
) -> AccessRemoval:
    """Will remove a guardian's access to her family, everywhere at once (see `families.shut_out`).

    Baskets of her accounts are dropped, and payments of theirs that nobody was sent to pay are given up, with the
    places that they held; one that is being paid is left to the gateway's word, and what it pays is kept. What is
    reserved, billed or asked stays the family's. `at` is the business moment, `machine` the machine's. Raises
    UnableToRemoveError.
    """
    users = list(Membership.objects.filter(guardian=guardian).values_list("user_id", flat=True))
    # *Valider* holds its basket: it is over before this goes on, or finds none.
    hold_baskets_for(users, guardian.family_id)
    mine = PaymentAttempt.objects.open().filter(user__in=users, family=guardian.family_id)
    for attempt in mine.order_by("pk"):
        give_up(attempt, reason=REASON, by=by, at=at)
    drop_baskets(users, guardian.family_id, by=by, at=at)
    return shut_out(guardian, kind=kind, words=words, addresses=addresses or {}, by=by, at=machine)
