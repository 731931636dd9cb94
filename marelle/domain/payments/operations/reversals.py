"""Cancelling what was cashed: by a counter-entry and a counter-receipt, never otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.authorities.models import Authority
from marelle.domain.billing.operations.blocks import refresh_unpaid_block
from marelle.domain.billing.operations.ledger import reverse_payment
from marelle.domain.payments.models import Receipt
from marelle.domain.payments.operations.receipts import give_receipt
from marelle.domain.payments.rules.desk import exercice_of_reversal
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import date, datetime

    from marelle.foundation.actors import Actor


@operation
def cancel_receipt(receipt: Receipt, *, reason: str, date: date, by: Actor, at: datetime) -> Receipt:
    """Will cancel what a receipt cashed and return the counter-receipt: a mistake, a bounced cheque, a chargeback.

    Its own deposit, if it has one, does not change: the counter-receipt goes with the next one of its means. Raises
    UnableToReverseError.
    """
    reversal = reverse_payment(receipt.posting, reason=reason, date=date, by=by, at=at)
    counter = give_receipt(
        reversal,
        label=f"Annule la quittance {receipt.number} : {receipt.label}",
        exercice=exercice_of_reversal(receipt.exercice, on=date),
        reason=reason,
        by=by,
        at=at,
    )
    family = reversal.payer.family_id
    if family is not None:
        authority = Authority.objects.defer("logo", "palette_css").get(pk=reversal.authority_id)
        refresh_unpaid_block(family, authority=authority, by=by, at=at)
    return counter
