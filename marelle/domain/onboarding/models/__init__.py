"""Tables of the coming of a town, by idea."""
