"""The configuration as a file, and a year copied into the next."""
