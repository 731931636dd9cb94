"""An agent comes to a family's place, and leaves it."""
