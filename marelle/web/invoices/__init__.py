"""The online invoices site: pay an invoice of any authority that has joined, by one's account or without any."""
