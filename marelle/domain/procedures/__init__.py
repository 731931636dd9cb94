"""Démarches: what the authority lets families ask for, what they ask, how it is answered, and what an answer does."""
