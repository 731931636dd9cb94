"""A person erases their account: whether a payment is under way is asked first, then each room forgets."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from marelle.domain.accounts.models import User
from marelle.domain.accounts.operations.people import close_account
from marelle.domain.accounts.queries import agents_of
from marelle.domain.billing.operations.following import forget_followed
from marelle.domain.billing.operations.hiding import forget_hidden
from marelle.domain.families.operations.leaving import leave_families
from marelle.domain.payments.models import PaymentAttempt
from marelle.domain.payments.rules.attempts import State
from marelle.domain.procedures.operations.drafts import forget_drafts
from marelle.domain.reservations.operations.baskets import forget_baskets
from marelle.foundation import tenancy
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation

OPEN_STATES = tuple(state.value for state in State if state.is_open)


class WhyKept(StrEnum):
    """Why an account is not erased now."""

    AGENT = "agent"
    PAYING = "paying"


class UnableToEraseError(Exception):
    """The account is not erased: `why`. Nothing was written."""

    def __init__(self, why: WhyKept) -> None:
        """Will keep why."""
        super().__init__(why.value)
        self.why = why


def why_kept(user: User) -> WhyKept | None:
    """Will say why this account cannot be erased now; None when it can."""
    with tenancy.every_authority():
        if agents_of(user.pk).exists():
            return WhyKept.AGENT
        is_paying = PaymentAttempt.objects.filter(user=user, state__in=OPEN_STATES).exists()
    return WhyKept.PAYING if is_paying else None


@operation
def erase_account(user: User, *, by: Actor, at: datetime) -> bool:
    """Will erase an account at every authority: it can no longer sign in, and nothing says whose it was.

    Goes: the address, the password, what it might do for families, its baskets, its drafts, what it hid or added to its
    list.
    Stays: the families' files, reservations, invoices, receipts, mandates and the journal, which belong to the
    authorities and which the law has them keep; the other accounts of the same families are untouched. Tells whether it
    was open. Raises UnableToEraseError for an agent's account, and while a payment is under way.
    """
    locked = User.objects.select_for_update().get(pk=user.pk)
    if not locked.is_active:
        return False
    why = why_kept(locked)
    if why is not None:
        raise UnableToEraseError(why)
    with tenancy.every_authority():
        forget_baskets(locked.pk, by=by, at=at)
        forget_drafts(locked.pk, by=by, at=at)
        forget_hidden(locked.pk, by=by, at=at)
        forget_followed(locked.pk, by=by, at=at)
        leave_families(locked.pk, by=by, at=at)
    return close_account(locked, by=by, at=at)
