"""Attentes: who waits for which place, in which order, and what is offered."""
