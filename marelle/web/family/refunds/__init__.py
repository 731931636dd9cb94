"""Asking for what the wallet holds."""
