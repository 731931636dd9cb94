"""What was counted of days past."""

from __future__ import annotations

from django.db import models

from marelle.domain.authorities.models import OfAuthority
from marelle.domain.catalog.models import Product
from marelle.foundation.tenancy import same_authority


class DayFigure(OfAuthority):
    """What was counted of a product on a day that is past, for children of an age and of a scheme: numbers, nobody.

    Written again each night from reservations and attendance while these may still change; kept when they are erased.
    `provider` is who paid the benefits of the homes (« CNAF », « MSA », empty when not known). `minutes` are those of
    all the presences, booked or not; `noted` is of how many of these an agent noted them.
    """

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    date = models.DateField("jour")
    is_young = models.BooleanField("moins de six ans")
    provider = models.CharField("organisme", max_length=10, blank=True)
    reserved = models.PositiveIntegerField("réservés")
    present = models.PositiveIntegerField("présents")
    absent = models.PositiveIntegerField("absents")
    unbooked = models.PositiveIntegerField("venus sans réservation")
    noted = models.PositiveIntegerField("durées notées")
    minutes = models.PositiveIntegerField("minutes de présence")

    class Meta:
        verbose_name = "comptage d’un jour"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "product", "date", "is_young", "provider"), name="one_day_figure"
            ),
            *same_authority("product"),
        )
        indexes = (models.Index(fields=("authority", "date"), name="day_figure_by_day"),)


class FiguresCount(OfAuthority):
    """Until which day an authority's days are counted, and when that was; the days after are counted when asked for."""

    until = models.DateField("jusqu’au", null=True, blank=True)
    counted_at = models.DateTimeField("comptés le", null=True, blank=True)

    class Meta:
        verbose_name = "comptage des jours"
        constraints = (models.UniqueConstraint(fields=("authority",), name="one_figures_count"),)
