"""Bringing families from files: looked over line by line, imported at once, undone for a day."""
