"""Getting an account and a family: by the link of a letter, by a code, by asking."""
