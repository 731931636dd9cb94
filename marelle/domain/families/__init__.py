"""Families, guardians, children, custody, memberships and health."""
