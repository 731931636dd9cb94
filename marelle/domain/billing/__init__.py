"""Quotes; charges and invoices are to come."""
