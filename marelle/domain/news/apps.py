"""Registers the room with Django."""

from django.apps import AppConfig


class NewsConfig(AppConfig):
    """What an authority tells: articles, menus, documents to download."""

    name = "marelle.domain.news"
    label = "news"
    verbose_name = "actualités"
