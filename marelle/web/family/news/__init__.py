"""Actualités, and what one sees before signing in."""
