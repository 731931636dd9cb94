"""Paying an invoice without an account: its reference and its amount open it."""
