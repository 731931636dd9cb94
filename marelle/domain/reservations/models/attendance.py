"""Who was there, and each tick that says so."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority
from marelle.domain.catalog.models import Product
from marelle.domain.families.models import Child
from marelle.foundation.tenancy import same_authority


class Attendance(OfAuthority):
    """Whether a child was there for a product on a day, as an agent saw it; also for one who had not reserved."""

    class State(models.TextChoices):
        """What was seen."""

        PRESENT = "present", "Présence"
        ABSENT = "absent", "Absence"

    child = models.ForeignKey(
        Child, on_delete=models.CASCADE, related_name="attendance", db_constraint=False, db_index=False
    )
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="attendance", db_constraint=False, db_index=False
    )
    date = models.DateField("jour")
    state = models.CharField(max_length=10, choices=State)
    minutes = models.PositiveSmallIntegerField("durée de présence, en minutes", null=True, blank=True)
    late_minutes = models.PositiveSmallIntegerField("retard au départ, en minutes", default=0, db_default=0)
    fetched_at = models.TimeField("heure de départ", null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = "pointage"
        constraints = (
            models.UniqueConstraint(fields=("authority", "child", "product", "date"), name="one_attendance"),
            *same_authority("child", "product"),
        )
        indexes = (models.Index(fields=("authority", "product", "date"), name="attendance_by_day"),)


class AttendanceMark(OfAuthority):
    """A tick, as a tablet or a page sent it: never changed, so that nothing that somebody saw is lost.

    What stands of them is computed by `rules.attendance`, and written in `Attendance`, which everything else reads.
    """

    uid = models.UUIDField("tiré par l’appareil")
    device = models.CharField("appareil", max_length=36)
    seq = models.PositiveBigIntegerField("rang sur l’appareil")
    child = models.ForeignKey(
        Child, on_delete=models.CASCADE, related_name="attendance_marks", db_constraint=False, db_index=False
    )
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="attendance_marks", db_constraint=False, db_index=False
    )
    date = models.DateField("jour")
    state = models.CharField(max_length=10, choices=Attendance.State, blank=True)
    minutes = models.PositiveSmallIntegerField("durée de présence, en minutes", null=True, blank=True)
    late_minutes = models.PositiveSmallIntegerField("retard au départ, en minutes", default=0)
    fetched_at = models.TimeField("heure de départ", null=True, blank=True)
    # The marks (uids) in view of which it was made; one that another tablet made meanwhile is not among them.
    knew = ArrayField(models.UUIDField(), verbose_name="en vue de", default=list, blank=True)
    seen_at = models.DateTimeField("vu le")
    received_at = models.DateTimeField("reçu le")
    recorded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = "pointage reçu"
        constraints = (
            models.UniqueConstraint(fields=("authority", "uid"), name="one_attendance_mark"),
            *same_authority("child", "product"),
        )
        indexes = (
            models.Index(fields=("authority", "date", "product", "child"), name="attendance_mark_by_day"),
            models.Index(fields=("authority", "received_at"), name="attendance_mark_received"),
        )
