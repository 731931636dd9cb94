"""Pure rules of families."""
