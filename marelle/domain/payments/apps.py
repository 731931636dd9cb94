"""Registers the room with Django."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Money on its way in and out; the ledger it ends in is billing's."""

    name = "marelle.domain.payments"
    label = "payments"
    verbose_name = "paiements"
