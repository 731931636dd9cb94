"""Named reads of payments."""
