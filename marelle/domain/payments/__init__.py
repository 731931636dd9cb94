"""Paying: checkout, attempts at a gateway, what they settle, receipts, deposits, debits, refunds."""
