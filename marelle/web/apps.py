"""Registers the street with Django, for its templates."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """What people and programs see."""

    name = "marelle.web"
    label = "web"
