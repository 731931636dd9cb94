"""Faithful local servers for what others run."""
