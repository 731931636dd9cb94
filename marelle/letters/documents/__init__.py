"""PDF documents: invoices, receipts and tax certificates, from values alone. No table, no setting, no clock.

`invoices`, `receipts` and `certificates` say what a document holds and refuse amounts that do not add up; `wording`
writes it in French; `drawing` hands it to typst.
"""
