"""Registers the room with Django."""

from django.apps import AppConfig


class AuthoritiesConfig(AppConfig):
    """The tenants: communes, EPCI, CCAS; their régies, facilities, school classes and contacts."""

    name = "marelle.domain.authorities"
    label = "authorities"
    verbose_name = "collectivités"
