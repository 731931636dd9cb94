"""Mes demandes: what the family asked and what was answered."""
