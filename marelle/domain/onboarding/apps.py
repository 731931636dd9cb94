"""Registers the room with Django."""

from django.apps import AppConfig


class OnboardingConfig(AppConfig):
    """A town comes to Marelle, with what it had elsewhere."""

    name = "marelle.domain.onboarding"
    label = "onboarding"
    verbose_name = "mise en service"
