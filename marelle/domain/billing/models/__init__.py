"""Tables of billing, by idea."""

from marelle.domain.billing.models.collection import (
    CollectionBatch,
    CollectionEvent,
    CollectionHold,
    CollectionOrder,
    CollectionReturn,
    CollectionSeries,
    CollectionSettings,
    Debtor,
    Reminder,
    ReminderStage,
)
from marelle.domain.billing.models.invoices import (
    Aid,
    BillingRun,
    HiddenInvoice,
    Invoice,
    InvoiceLine,
    LedgerEntry,
    ManualCharge,
    NumberSeries,
    PayerAccount,
    Posting,
)

__all__ = [
    "Aid",
    "BillingRun",
    "CollectionBatch",
    "CollectionEvent",
    "CollectionHold",
    "CollectionOrder",
    "CollectionReturn",
    "CollectionSeries",
    "CollectionSettings",
    "Debtor",
    "HiddenInvoice",
    "Invoice",
    "InvoiceLine",
    "LedgerEntry",
    "ManualCharge",
    "NumberSeries",
    "PayerAccount",
    "Posting",
    "Reminder",
    "ReminderStage",
]
