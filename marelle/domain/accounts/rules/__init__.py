"""What decides about accounts: pure functions."""
