"""Named writes of accounts."""
