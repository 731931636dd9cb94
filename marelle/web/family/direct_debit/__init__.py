"""Paying by direct debit: the mandate that a family signs, changes and revokes."""
