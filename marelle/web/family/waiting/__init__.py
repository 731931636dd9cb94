"""Mes attentes: the places one waits for, and those that one is offered."""
