"""Rows for tests, as plain functions: what matters to the test is said, the rest has a sensible value."""
