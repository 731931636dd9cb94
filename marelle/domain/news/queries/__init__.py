"""Named reads of news."""
