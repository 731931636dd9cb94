"""An account leaves the families it acted for; the families stay."""

from __future__ import annotations

from datetime import datetime

from marelle.domain.families.models import JoinRequest, Membership
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@operation
def leave_families(user: int, *, by: Actor, at: datetime) -> int:
    """Will end what an account (key) may do for every family in scope; returns how many it left.

    The guardian, the children and the other accounts of the family are as before. What the account asked in order to
    join one goes with it.
    """
    JoinRequest.objects.filter(user=user).delete()
    left = list(Membership.objects.select_for_update(of=("self",)).filter(user=user).order_by("pk"))
    for membership in left:
        membership_key = membership.pk
        membership.delete()
        audit.record(
            "leave_family",
            authority=membership.authority_id,
            of="membership",
            key=membership_key,
            by=by,
            at=at,
            family=membership.family_id,
        )
    return len(left)
