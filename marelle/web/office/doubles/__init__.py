"""Registering a family at the counter, on one screen."""
