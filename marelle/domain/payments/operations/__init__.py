"""The named writes of payments."""
