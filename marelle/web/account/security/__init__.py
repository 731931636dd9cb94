"""« Sécurité du compte »: what opens the account, where it is open, what changed lately."""
