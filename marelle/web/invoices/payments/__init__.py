"""What became of a payment, for the account that made it or for the browser that began it."""
