"""Tables of payments, by idea."""

from marelle.domain.payments.models.attempts import PaymentAttempt, PaymentLine, PaymentSettings
from marelle.domain.payments.models.direct_debits import (
    CreditorAccount,
    DirectDebit,
    DirectDebitBatch,
    DirectDebitLine,
    DirectDebitMandate,
    MandateAmendment,
)
from marelle.domain.payments.models.receipts import Receipt, ReceiptSeries
from marelle.domain.payments.models.refunds import RefundRequest, TransferBatch

__all__ = [
    "CreditorAccount",
    "DirectDebit",
    "DirectDebitBatch",
    "DirectDebitLine",
    "DirectDebitMandate",
    "MandateAmendment",
    "PaymentAttempt",
    "PaymentLine",
    "PaymentSettings",
    "Receipt",
    "ReceiptSeries",
    "RefundRequest",
    "TransferBatch",
]
