"""A town comes to Marelle: how it is opened, its file, what is missing, what it brings from elsewhere."""
