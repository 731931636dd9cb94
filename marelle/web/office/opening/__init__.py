"""A town opens its space, by the link that the operator gave."""
