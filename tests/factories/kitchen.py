"""Kitchens that are told of meals."""

from __future__ import annotations

from marelle.domain.reservations.models import KitchenSettings
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted


def make_kitchen_settings(authority, service, **fields) -> KitchenSettings:
    """Make the settings of a kitchen of a service, at every facility unless one is given."""
    values = {"emails": ["cuisine@exemple.fr"], **fields}
    with permitted("factory"), tenancy.scope({authority.pk}):
        return KitchenSettings.objects.create(authority=authority, service=service, **values)
