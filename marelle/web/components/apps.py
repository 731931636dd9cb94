"""The look of Marelle, as a Django application: its static files, templates and components."""

from django.apps import AppConfig


class ComponentsConfig(AppConfig):
    name = "marelle.web.components"
    label = "components"
    verbose_name = "Composants"
