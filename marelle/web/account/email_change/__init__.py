"""A new address for an account: asked from the inside, confirmed by a link at each of the two addresses."""
