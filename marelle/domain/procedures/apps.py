"""Registers the room with Django."""

from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    """What families ask of the authority, and what it decides."""

    name = "marelle.domain.procedures"
    label = "procedures"
    verbose_name = "démarches"
