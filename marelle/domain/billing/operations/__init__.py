"""Named writes of billing."""
