"""Which children are enrolled in which activities."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from marelle.domain.authorities.models import OfAuthority
from marelle.domain.catalog.models import Activity
from marelle.domain.families.models import Child
from marelle.foundation.tenancy import same_authority


class Enrollment(OfAuthority):
    """A child is enrolled in an activity, from a date to a date: without it nothing can be reserved."""

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="enrollments", db_constraint=False)
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="enrollments", db_constraint=False)
    starts_on = models.DateField("depuis")
    ends_on = models.DateField("jusqu’à")
    # What tariffs go by: regular, occasional, a package; its own meal (PAI), the minibus: codes that the tariff names.
    formula = models.SlugField("formule", max_length=40, blank=True, default="", db_default="")
    options = ArrayField(models.SlugField(max_length=40), verbose_name="options", default=list, blank=True)

    class Meta:
        verbose_name = "inscription"
        constraints = (
            models.UniqueConstraint(fields=("authority", "child", "activity", "starts_on"), name="one_enrollment"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="enrollment_ends_after_it_starts"),
            *same_authority("child", "activity"),
        )
