"""Texts, by OVHcloud's SMS service."""
