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
from marelle.domain.payments.models.receipts import Receipt, ReceiptSeries
from marelle.domain.payments.models.statements import BankStatement, StatementLine

__all__ = [
    "BankDeposit",
    "BankStatement",
    "CashCount",
    "DepositSeries",
    "PaymentAttempt",
    "PaymentLine",
    "PaymentSettings",
    "Receipt",
    "ReceiptSeries",
    "RegieAct",
    "RegieHandover",
    "RegisseurTerm",
    "StatementLine",
]
