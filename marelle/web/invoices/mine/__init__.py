"""Mes factures: all those of an account, at every authority that has joined."""
