"""What agents said of files that look alike."""

from __future__ import annotations

from django.db import models

from marelle.domain.authorities.models import OfAuthority
from marelle.domain.families.models.people import Family
from marelle.foundation.tenancy import same_authority


class DifferentFamilies(OfAuthority):
    """An agent looked at two files that are alike, and said that they are not the same: never shown again.

    In the order of their keys. Twice the same family: two of its own children are not the same.
    """

    first = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    second = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    said_at = models.DateTimeField("dit le")

    class Meta:
        verbose_name = "familles différentes"
        constraints = (
            models.UniqueConstraint(fields=("authority", "first", "second"), name="different_once"),
            models.CheckConstraint(
                condition=models.Q(first__lte=models.F("second")), name="different_families_in_order"
            ),
            *same_authority("first", "second"),
        )
