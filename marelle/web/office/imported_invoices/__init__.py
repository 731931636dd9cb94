"""The invoices of other softwares: brought in by a file, looked at, withdrawn."""
