"""Mes factures: what is open at this authority, and where to pay."""
