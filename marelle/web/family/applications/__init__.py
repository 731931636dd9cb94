"""Mes demandes: what a family asks, from the first choice to what came of it."""
