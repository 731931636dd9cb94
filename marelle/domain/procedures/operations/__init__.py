"""The named writes of applications."""
