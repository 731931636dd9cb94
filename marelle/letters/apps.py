"""Registers the room with Django, for its templates."""

from django.apps import AppConfig


class LettersConfig(AppConfig):
    """What leaves the house."""

    name = "marelle.letters"
    label = "letters"
