"""What stands against uniting two families, of their payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from marelle.domain.payments.models import DirectDebit, PaymentAttempt, RefundRequest

if TYPE_CHECKING:
    from collections.abc import Collection


def is_paying(families: Collection[int]) -> bool:
    """Will tell whether somebody is paying for one of these families (keys) at this moment."""
    theirs = Q(family__in=list(families)) | Q(payer__family__in=list(families))
    return bool(PaymentAttempt.objects.open().filter(theirs).exists())


def is_debited(payers: Collection[int]) -> bool:
    """Will tell whether a debit of one of these accounts (keys) is announced, or at the bank."""
    awaited = (DirectDebit.State.ANNOUNCED, DirectDebit.State.SENT)
    return bool(DirectDebit.objects.filter(payer__in=list(payers), state__in=awaited).exists())


def is_refunded(payers: Collection[int]) -> bool:
    """Will tell whether one of these accounts (keys) waits for what its wallet holds."""
    return bool(RefundRequest.objects.filter(payer__in=list(payers), state__in=RefundRequest.OPEN).exists())
