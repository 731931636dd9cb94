"""Registers the ground with Django and puts the write guard on every connection."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class FoundationConfig(AppConfig):
    """The ground."""

    name = "marelle.foundation"
    label = "foundation"
    verbose_name = "fondations"

    def ready(self) -> None:
        """Will refuse any write outside an operation, on each connection from its opening."""
        from marelle.foundation import writes  # noqa: PLC0415  slow import: Django must be ready

        connection_created.connect(writes.guard_connection, dispatch_uid="marelle-write-guard")
