"""Signaler une absence: one child, one product, one day."""
