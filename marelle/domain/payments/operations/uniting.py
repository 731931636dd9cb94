"""What was paid, and how, for a family that is united with another. Inside the operation that unites them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.payments.models import DirectDebitMandate, PaymentAttempt, RefundRequest
from marelle.domain.payments.models.direct_debits import LIVING_STATES

if TYPE_CHECKING:
    from collections.abc import Collection

    from marelle.domain.billing.models import PayerAccount


def unite_homes(ended: int, kept: int, meeting: Collection[tuple[PayerAccount, PayerAccount]]) -> dict[str, int]:
    """Will give what a family (key) paid, signed and asked back to another.

    `meeting` are its accounts that end in another one of the same régie: a mandate goes to the account that goes on,
    so that the next invoices are debited, unless that one has its own.
    """
    for account, other in meeting:
        if not DirectDebitMandate.objects.filter(payer=other, state__in=LIVING_STATES).exists():
            DirectDebitMandate.objects.filter(payer=account, state__in=LIVING_STATES).update(payer=other)
    return {
        "payments": PaymentAttempt.objects.filter(family=ended).update(family=kept),
        "mandates": DirectDebitMandate.objects.filter(family=ended).update(family=kept),
        "refunds": RefundRequest.objects.filter(family=ended).update(family=kept),
    }
