"""What a browser began to pay without an account: it knows the words of its payments, and their places (positions)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.payments.models import PaymentAttempt, Receipt
from marelle.domain.payments.queries.paying import AttemptWithLines, with_lines
from marelle.foundation import tenancy

if TYPE_CHECKING:
    from collections.abc import Mapping


def payment_begun(checkout: str, position: int) -> list[AttemptWithLines]:
    """Will return one payment of a press of *Payer*, and its tries; none of those paid with it. Needs no scope."""
    with tenancy.every_authority():
        rows = PaymentAttempt.objects.filter(
            checkout=checkout, position=position, purpose=PaymentAttempt.Purpose.INVOICES
        )
        return with_lines(rows.select_related("authority", "regie", "confirmation", "posting__receipt").order_by("pk"))


def receipt_begun(begun: Mapping[str, int], public_id: str) -> Receipt | None:
    """Will return a receipt given for one of these payments (position by word of the press). Needs no scope."""
    with tenancy.every_authority():
        rows = PaymentAttempt.objects.filter(checkout__in=begun, posting__receipt__public_id=public_id)
        paid = next((one for one in rows if begun[one.checkout] == one.position), None)
        if paid is None:
            return None
        found: Receipt | None = (
            Receipt.objects.filter(posting=paid.posting_id)
            .select_related("authority", "regie", "payer", "posting", "cancels")
            .first()
        )
        return found
