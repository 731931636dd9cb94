"""The billing of the office: runs, their review, invoices, accounts, régies."""
