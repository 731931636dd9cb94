"""Named writes of families."""
