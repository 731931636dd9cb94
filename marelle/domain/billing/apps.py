"""Registers the room with Django."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Quotes; charges and invoices are to come."""

    name = "marelle.domain.billing"
    label = "billing"
    verbose_name = "facturation"
