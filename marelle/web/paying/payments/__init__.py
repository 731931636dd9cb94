"""A payment, as both sites show it: where it is paid, and what became of it."""
