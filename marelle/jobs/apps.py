"""Registers the room with Django."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """What the clock starts, and what the outbox asks for."""

    name = "marelle.jobs"
    label = "jobs"
