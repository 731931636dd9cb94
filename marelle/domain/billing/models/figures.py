"""What was counted of days billed."""

from __future__ import annotations

from django.db import models

from marelle.domain.authorities.models import OfAuthority
from marelle.domain.catalog.models import Product
from marelle.foundation.tenancy import same_authority


class BilledFigure(OfAuthority):
    """How many units of a product were billed for a day, for children under six or not: numbers, nobody.

    Written again the night after an invoice is issued of its month. `minutes` are those that the units last.
    """

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    date = models.DateField("jour")
    is_young = models.BooleanField("moins de six ans")
    units = models.PositiveIntegerField("facturés")
    minutes = models.PositiveIntegerField("minutes facturées")

    class Meta:
        verbose_name = "comptage de ce qui est facturé d’un jour"
        constraints = (
            models.UniqueConstraint(fields=("authority", "product", "date", "is_young"), name="one_billed_figure"),
            *same_authority("product"),
        )
        indexes = (models.Index(fields=("authority", "date"), name="billed_figure_by_day"),)


class BilledCount(OfAuthority):
    """When what an authority billed was counted last; months billed since are counted when they are asked for."""

    counted_at = models.DateTimeField("compté le")

    class Meta:
        verbose_name = "comptage de ce qui est facturé"
        constraints = (models.UniqueConstraint(fields=("authority",), name="one_billed_count"),)
