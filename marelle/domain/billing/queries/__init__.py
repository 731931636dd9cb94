"""Named reads of billing."""
