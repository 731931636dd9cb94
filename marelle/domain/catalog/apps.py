"""Registers the room with Django."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Services, activities, products, slots, calendars, règlements and tariffs."""

    name = "marelle.domain.catalog"
    label = "catalog"
    verbose_name = "catalogue"
