"""Garde: whose days they are, of a child who lives in two homes, and what the homes ask of each other."""
