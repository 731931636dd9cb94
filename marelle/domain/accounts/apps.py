"""Registers the room with Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who signs in: users, agents and what they are granted."""

    name = "marelle.domain.accounts"
    label = "accounts"
    verbose_name = "comptes"
