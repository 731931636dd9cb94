"""A stand-in for a bank that takes direct debits."""
