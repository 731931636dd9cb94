"""A mail server that delivers nothing: it keeps the letters in memory and shows them on a page."""
