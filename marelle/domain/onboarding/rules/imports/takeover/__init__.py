"""What a former software knew in the middle of a year: balances, reservations to come, unpaid invoices, mandates."""
