"""Giving a receipt: numbered in the series of its régie and exercice, with no gap, then frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Sum

from marelle.domain.billing.models import LedgerEntry, Posting
from marelle.domain.payments.models import Receipt, ReceiptSeries
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.foundation.actors import Actor


class UnableToGiveReceiptError(Exception):
    """The posting is no payment, nor the reversal of one that had a receipt; nothing was written."""


@operation
def give_receipt(
    posting: Posting, *, label: str, exercice: int | None = None, reason: str = "", by: Actor, at: datetime
) -> Receipt:
    """Will give the receipt of a payment, or of its reversal (below zero, with its `reason`); again: the same one.

    `exercice` is the year of its day unless said: in January, what was due in December may be cashed on the former
    one (journée complémentaire). The series stays locked until the transaction ends: a failure leaves no gap.
    Raises UnableToGiveReceiptError.
    """
    given = Receipt.objects.filter(posting=posting).first()
    if given is not None:
        return given
    cancels = Receipt.objects.filter(posting=posting.reverses_id).first() if posting.reverses_id else None
    is_reversal = posting.kind == Posting.Kind.REVERSAL
    cents = LedgerEntry.objects.filter(posting=posting, account=LedgerEntry.Account.CASH).aggregate(sum=Sum("cents"))
    total = cents["sum"] or 0
    if is_reversal != (cancels is not None) or (total >= 0) == is_reversal or not total:
        raise UnableToGiveReceiptError
    year = exercice or (cancels.exercice if cancels and cancels.date.year == posting.date.year else posting.date.year)
    ReceiptSeries.objects.bulk_create(
        [ReceiptSeries(authority_id=posting.authority_id, regie_id=posting.regie_id, exercice=year)],
        ignore_conflicts=True,
    )
    series = ReceiptSeries.objects.select_for_update().get(regie=posting.regie_id, exercice=year)
    series.last += 1
    series.save(update_fields=["last"])
    receipt = Receipt.objects.create(
        authority_id=posting.authority_id,
        regie_id=posting.regie_id,
        payer_id=posting.payer_id,
        posting=posting,
        cancels=cancels,
        exercice=year,
        sequence=series.last,
        payer_name=posting.payer.name,
        label=label.strip()[:200],
        means=posting.means,
        cents=total,
        date=posting.date,
        given_at=at,
        given_by_id=by.key,
        reason=reason.strip()[:300],
    )
    audit.record(
        "give_receipt", authority=posting.authority_id, of="receipt", key=receipt.pk, by=by, at=at, cents=total
    )
    return receipt
