"""What an account holds of families goes to another one of the same person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from marelle.domain.families.models import JoinRequest, Membership, RemovedMembership
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@operation
def move_families(ended: int, kept: int, *, by: Actor, at: datetime) -> int:
    """Will let an account (key) act where another one did, in scope, and return for how many families more.

    Where both acted for the same guardian of a family, once is enough; two guardians are not looked at here
    (`payments.rules.merging` refuses them).
    """
    own = set(Membership.objects.filter(user=kept).values_list("family_id", flat=True))
    moved = 0
    for row in Membership.objects.select_for_update(of=("self",)).filter(user=ended).order_by("pk"):
        key = row.pk
        if row.family_id in own:
            row.delete()
        else:
            row.user_id = kept
            row.save(update_fields=["user"])
            moved += 1
        audit.record(
            "move_membership", authority=row.authority_id, of="membership", key=key, by=by, at=at, former=ended,
            user=kept, family=row.family_id,
        )  # fmt: skip
    return moved


@operation
def move_removals(ended: int, kept: int, *, by: Actor, at: datetime) -> int:
    """Will keep an account (key) out of all the families that another one was kept out of, in scope; returns how many.

    Where one of them acts for a family that the other is kept out of, nothing is merged (`payments.rules.merging`).
    """
    there = RemovedMembership.objects.filter(user=kept).values("removal")
    RemovedMembership.objects.filter(user=ended, removal__in=list(there.values_list("removal", flat=True))).delete()
    return RemovedMembership.objects.filter(user=ended).update(user=kept)


@operation
def move_requests(ended: int, kept: int, *, by: Actor, at: datetime) -> int:
    """Will make an account (key) the one that asked to join what another had asked, in scope; returns how many.

    An account waits for one answer of an authority at a time: where both do, the request of the one that is kept stays.
    """
    waiting = JoinRequest.objects.filter(user=kept, state=JoinRequest.State.WAITING)
    twice = list(waiting.values_list("authority_id", flat=True))
    JoinRequest.objects.filter(user=ended, state=JoinRequest.State.WAITING, authority__in=twice).delete()
    return JoinRequest.objects.filter(user=ended).update(user=kept)


def hold_requests(users: Collection[int]) -> None:
    """Will hold what these accounts (keys) wait for an answer to: an agent holds a request before its account."""
    waiting = JoinRequest.objects.filter(user__in=users, state=JoinRequest.State.WAITING).order_by("pk")
    list(waiting.select_for_update(of=("self",)).values_list("pk"))
