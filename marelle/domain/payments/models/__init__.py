"""Tables of payments, by idea."""

from marelle.domain.payments.models.attempts import PaymentAttempt, PaymentLine, PaymentSettings
from marelle.domain.payments.models.desk import (
    BankDeposit,
    CashCount,
    DepositSeries,
    RegieAct,
    RegieHandover,
    RegisseurTerm,
)
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
from marelle.domain.payments.models.statements import BankStatement, StatementLine

__all__ = [
    "BankDeposit",
    "BankStatement",
    "CashCount",
    "CreditorAccount",
    "DepositSeries",
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
    "RegieAct",
    "RegieHandover",
    "RegisseurTerm",
    "StatementLine",
    "TransferBatch",
]
