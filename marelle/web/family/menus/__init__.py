"""Menus of the week, and all of them as open data."""
