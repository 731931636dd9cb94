"""The days of a family in the agenda of a parent's telephone: the page that gives the address, and what it serves."""
