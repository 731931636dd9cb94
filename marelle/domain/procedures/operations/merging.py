"""Two accounts of one person become one: payments first say whether anything is under way, then each room moves."""

from __future__ import annotations

from datetime import datetime

from marelle.domain.accounts.operations.locking import lock_accounts, wait_for_other_mergers
from marelle.domain.accounts.operations.merging import end_merged, move_posts
from marelle.domain.billing.operations.following import move_followed
from marelle.domain.billing.operations.hiding import move_hidden
from marelle.domain.families.operations.merging import hold_requests, move_families, move_removals, move_requests
from marelle.domain.payments.models import PaymentAttempt
from marelle.domain.payments.queries.merging import holding_of
from marelle.domain.payments.rules.merging import Against, against
from marelle.domain.procedures.operations.drafts import move_applications
from marelle.domain.reservations.operations.merging import hold_baskets, move_baskets
from marelle.foundation import audit, tenancy
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


class UnableToMergeError(Exception):
    """Something stands against it: `why`. Nothing was written."""

    def __init__(self, why: tuple[Against, ...]) -> None:
        """Will keep why."""
        super().__init__(", ".join(one.obstacle.value for one in why))
        self.why = why


class AccountGoneError(Exception):
    """One of the two is closed, or is the other: somebody has merged or erased it before. Nothing was written."""


@operation
def merge_accounts(
    ended: int, kept: int, *, keep_session: str | None, site: str, device: str, by: Actor, at: datetime
) -> None:
    """Will end an account in another of the same person (keys), who has proved both. `at` is the machine's time.

    The one that is kept keeps its address, its password and its second factors; those of the other are dropped. What
    gives a right, takes one or is to be done goes to it: families, removals of access, posts with their grants,
    requests to join, baskets, confirmations, payments, applications, followed and hidden invoices. What says who did
    something then stays as it was written, with the row that was closed, which says into which account it went; letters
    and names follow it there.
    Both are signed out but for `keep_session`, and both addresses are written to. There is no way back.

    Raises AccountGoneError, and UnableToMergeError for what `rules.merging` finds against it.
    """
    with tenancy.every_authority():
        wait_for_other_mergers()
        hold_requests({ended, kept})
        accounts = lock_accounts({ended, kept})
        if ended == kept or accounts.keys() != {ended, kept}:
            raise AccountGoneError
        hold_baskets({ended, kept})
        why = against(holding_of(ended).held, holding_of(kept).held)
        if why:
            raise UnableToMergeError(why)
        moved = {
            "families": move_families(ended, kept, by=by, at=at),
            "removals": move_removals(ended, kept, by=by, at=at),
            "posts": move_posts(ended, kept, by=by, at=at),
            "requests": move_requests(ended, kept, by=by, at=at),
            "baskets": move_baskets(ended, kept, by=by, at=at),
            "followed": move_followed(ended, kept, by=by, at=at),
            "hidden": move_hidden(ended, kept, by=by, at=at),
            "applications": move_applications(ended, kept, by=by, at=at),
            "payments": PaymentAttempt.objects.filter(user=ended).update(user=kept),
        }
        end_merged(accounts[ended], accounts[kept], keep_session=keep_session, site=site, device=device, by=by, at=at)
    audit.record("merge_accounts", authority=None, of="user", key=kept, by=by, at=at, former=ended, **moved)
