"""Lets the configuration check the whole house."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The configuration, for its system checks: it has no tables."""

    name = "marelle.config"
    label = "config"

    def ready(self) -> None:
        """Will have Django run the checks."""
        from marelle.config import retention  # noqa: F401, PLC0415  registers its check; Django must be ready
