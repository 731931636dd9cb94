"""Tables of billing, by idea."""

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
    "HiddenInvoice",
    "Invoice",
    "InvoiceLine",
    "LedgerEntry",
    "ManualCharge",
    "NumberSeries",
    "PayerAccount",
    "Posting",
]
