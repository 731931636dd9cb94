"""Which activity is the copy of which, a school year later."""

from __future__ import annotations

from django.db import models

from marelle.domain.authorities.models import OfAuthority
from marelle.domain.catalog.models import Activity
from marelle.foundation.tenancy import same_authority


class ActivityCopy(OfAuthority):
    """An activity was copied into the next school year: once, and so that the copy can be undone as a whole."""

    source = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    copy = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    # The first of September of the year that was copied is in this one.
    school_year = models.PositiveSmallIntegerField("année scolaire copiée")
    copied_at = models.DateTimeField("copiée le")

    class Meta:
        verbose_name = "activité copiée"
        constraints = (
            models.UniqueConstraint(fields=("authority", "source"), name="one_copy_of_an_activity"),
            models.UniqueConstraint(fields=("authority", "copy"), name="a_copy_of_one_activity"),
            *same_authority("source", "copy"),
        )
