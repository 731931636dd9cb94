"""What a service costs the town: the ceiling that the law sets to its price."""

from __future__ import annotations

from django.db import models

from marelle.domain.authorities.models import OfAuthority
from marelle.domain.catalog.models import Product
from marelle.foundation.tenancy import same_authority


class ProductCost(OfAuthority):
    """What one unit of a product costs the authority once subsidies are taken off, as its accounts say it."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    cost_cents = models.PositiveIntegerField("coût par usager")
    said_at = models.DateTimeField("dit le")

    class Meta:
        verbose_name = "coût d’une prestation"
        constraints = (
            models.UniqueConstraint(fields=("authority", "product"), name="one_cost_of_a_product"),
            *same_authority("product"),
        )
