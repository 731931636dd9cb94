"""Named reads of the coming of a town."""
