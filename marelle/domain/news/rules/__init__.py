"""Pure rules of news."""
