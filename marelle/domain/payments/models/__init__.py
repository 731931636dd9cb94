"""Tables of payments, by idea."""

from marelle.domain.payments.models.attempts import PaymentAttempt, PaymentLine, PaymentSettings
from marelle.domain.payments.models.receipts import Receipt, ReceiptSeries

__all__ = ["PaymentAttempt", "PaymentLine", "PaymentSettings", "Receipt", "ReceiptSeries"]
