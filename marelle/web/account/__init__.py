"""Signing in and out, and passwords: allauth's flows in our words, mounted by each site."""
