"""The few writes of the coming of a town."""
