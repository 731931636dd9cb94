"""Taking a family's place, from the office."""
