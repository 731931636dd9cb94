"""Bringing files from elsewhere: checked, applied at once, undone for a day."""
