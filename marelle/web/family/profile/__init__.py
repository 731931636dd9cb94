"""The profile: the family, its guardians, its children."""
