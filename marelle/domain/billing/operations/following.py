"""An account adds an imported invoice to its list, and takes it off. Nothing else changes, for nobody.

It was found by its reference and its amount: whoever asks has seen the paper. With a customer number, the next invoices
of the same customer show too; without one the account of the payer holds that invoice alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.billing.models import FollowedAccount
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.billing.models import Invoice, PayerAccount
    from marelle.foundation.actors import Actor


class UnableToFollowError(Exception):
    """The invoice is of a family: its members see it already, and nobody else may; nothing was written."""


@operation
def follow_invoice(invoice: Invoice, *, user: int, by: Actor, at: datetime) -> bool:
    """Will add an imported invoice to the list of an account (key); returns whether it was not there.

    A second time writes nothing. Raises UnableToFollowError.
    """
    if not invoice.is_imported or invoice.family_id is not None:
        raise UnableToFollowError
    row, is_new = FollowedAccount.objects.get_or_create(
        authority_id=invoice.authority_id, user_id=user, payer_id=invoice.payer_id, defaults={"followed_at": at}
    )
    if is_new:
        audit.record(
            "follow_invoice", authority=invoice.authority_id, of="followed_account", key=row.pk, by=by, at=at,
            payer=invoice.payer_id,
        )  # fmt: skip
    return bool(is_new)


@operation
def stop_following(payer: PayerAccount, *, user: int, by: Actor, at: datetime) -> bool:
    """Will take the invoices of a payer off the list of an account (key); returns whether they were there."""
    gone, _by_model = FollowedAccount.objects.filter(user=user, payer=payer).delete()
    if gone:
        audit.record("stop_following", authority=payer.authority_id, of="payer_account", key=payer.pk, by=by, at=at)
    return bool(gone)


@operation
def forget_followed(user: int, *, by: Actor, at: datetime) -> int:
    """Will forget what an account (key) added to its list, at every authority in scope; returns how many."""
    gone, _by_model = FollowedAccount.objects.filter(user=user).delete()
    return int(gone)


@operation
def move_followed(ended: int, kept: int, *, by: Actor, at: datetime) -> int:
    """Will add to the list of an account (key) what another one added to its own; returns how many payers were new."""
    already = FollowedAccount.objects.filter(user=kept).values("payer")
    moved = FollowedAccount.objects.filter(user=ended).exclude(payer__in=already).update(user=kept)
    FollowedAccount.objects.filter(user=ended).delete()
    return moved
