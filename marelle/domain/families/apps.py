"""Registers the room with Django."""

from django.apps import AppConfig


class FamiliesConfig(AppConfig):
    """Families, guardians, children, custody, memberships and health."""

    name = "marelle.domain.families"
    label = "families"
    verbose_name = "familles"
