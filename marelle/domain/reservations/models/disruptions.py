"""What happens to days that were reserved, and what was done to each reservation."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority
from marelle.domain.reservations.models.reserved import Reservation
from marelle.domain.reservations.rules.disruptions import LONGEST_TITLE, Effect, Kind
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key


class Disruption(OfAuthority):
    """Something happens to days that were reserved (événement): a strike, an absent teacher, an outing.

    What it is about is kept as it was chosen: the keys of products, and of classes when it is not about all of them.
    While it stands and cancels, nobody reserves what it is about: to families it is a closure of those days.
    """

    KINDS = (
        (Kind.STRIKE.value, "Grève"),
        (Kind.ABSENT_TEACHER.value, "Enseignant absent"),
        (Kind.OUTING.value, "Sortie de l’école"),
        (Kind.SNOW.value, "Neige, intempéries"),
        (Kind.CLOSURE.value, "Fermeture"),
        (Kind.OTHER.value, "Autre"),
    )
    EFFECTS = (
        (Effect.CANCEL.value, "Annuler sans facturer"),
        (Effect.ABSENCE.value, "Absences, comptées comme le règlement le dit"),
        (Effect.KEEP.value, "Garder les réservations"),
    )

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    kind = models.CharField("nature", max_length=20, choices=KINDS)
    effect = models.CharField("effet", max_length=10, choices=EFFECTS)
    # Read by families, on their calendar and in what is written to them.
    title = models.CharField("titre", max_length=LONGEST_TITLE)
    words = models.TextField("mot aux familles", blank=True)
    starts_on = models.DateField("premier jour")
    ends_on = models.DateField("dernier jour")
    products = ArrayField(models.BigIntegerField(), verbose_name="prestations")
    classes = ArrayField(models.BigIntegerField(), verbose_name="classes", default=list, blank=True)
    declared_at = models.DateTimeField("déclaré le")
    declared_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField("défait le", null=True, blank=True)
    undone_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "événement"
        constraints = (
            tenant_key(),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="disruption_ends_after_it_starts"),
        )
        indexes = (
            models.Index(
                fields=("authority", "ends_on"), condition=Q(undone_at__isnull=True), name="disruption_standing"
            ),
        )

    def __str__(self) -> str:
        return f"événement {self.pk}"


class DisruptionLine(OfAuthority):
    """What an event did to one reservation, and all that it takes to undo it exactly.

    `slots` are the keys of those where it had its places. The absence that was told, the request that was granted, bear
    the very moment of the event, by which they are found again. `left_for` says why nothing was done, `back_as` what
    undoing made of it: empty as long as it is not undone.
    """

    class Did(models.TextChoices):
        """What was done."""

        CANCELLED = "cancelled", "Annulée"
        TOLD = "told", "Absence"
        LEFT = "left", "Gardée"

    disruption = models.ForeignKey(
        Disruption, on_delete=models.CASCADE, related_name="lines", db_constraint=False, db_index=False
    )
    reservation = models.ForeignKey(Reservation, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    did = models.CharField("effet", max_length=10, choices=Did)
    left_for = models.CharField("laissée parce que", max_length=20, blank=True)
    former_state = models.CharField("état d’avant", max_length=10)
    former_held_until = models.DateTimeField("gardée jusqu’au", null=True, blank=True)
    slots = ArrayField(models.BigIntegerField(), verbose_name="créneaux", default=list, blank=True)
    # What the règlement left due by the request that was pending.
    former_due_cents = models.PositiveIntegerField("restait dû", null=True, blank=True)
    back_as = models.CharField("défaite", max_length=20, blank=True)

    class Meta:
        verbose_name = "réservation d’un événement"
        constraints = (
            models.UniqueConstraint(fields=("authority", "disruption", "reservation"), name="one_disruption_line"),
            *same_authority("disruption", "reservation"),
        )
