"""When meals are ordered, and what was."""

from __future__ import annotations

from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from marelle.domain.authorities.models import Facility, OfAuthority
from marelle.domain.catalog.models import Service
from marelle.foundation.encryption import EncryptedTextField
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority


class KitchenSettings(OfAuthority):
    """When the meals of a service are ordered, and who is told: at one facility, else at all those without their own.

    `days_before` None: once the limits of the règlements are past; else so many working days before, at `at_time`.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    facility = models.ForeignKey(
        Facility,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    emails = ArrayField(models.EmailField(), verbose_name="adresses e-mail de la cuisine", default=list, blank=True)
    days_before = models.PositiveSmallIntegerField("jours ouvrés avant", null=True, blank=True)
    at_time = models.TimeField("heure", default=time(9))
    attaches_csv = models.BooleanField("joindre un tableau (CSV)", default=True)
    attaches_pdf = models.BooleanField("joindre un document (PDF)", default=True)

    class Meta:
        verbose_name = "réglage de la cuisine"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "service", "facility"), name="one_kitchen_settings", nulls_distinct=False
            ),
            *same_authority("service", "facility"),
        )


class KitchenOrder(OfAuthority):
    """What a kitchen was told for a day of a service at a facility: counts, frozen. A correction is another revision.

    The database refuses to change what was ordered; what happens to it afterwards (sent, returned) is written on it.
    """

    class Why(models.TextChoices):
        """What made this revision."""

        LIMIT = "limit", "À la limite"
        CORRECTION = "correction", "Rectificatif"
        EVENT = "event", "Événement"

    class State(models.TextChoices):
        """Whether the kitchen was told."""

        KEPT = "kept", "Sans destinataire"
        QUEUED = "queued", "À envoyer"
        SENT = "sent", "Envoyée"
        FAILED = "failed", "Pas encore partie"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    facility = models.ForeignKey(
        Facility, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    date = models.DateField("jour")
    revision = models.PositiveSmallIntegerField("version", default=1)
    why = models.CharField("pourquoi", max_length=10, choices=Why, default=Why.LIMIT)
    # Counts without names, but of diets in the words of families, which may say more: encrypted like health.
    content = EncryptedTextField("détail des repas")
    meals = models.PositiveIntegerField("repas commandés")
    frozen_at = models.DateTimeField("figée le")
    sent_to = ArrayField(models.EmailField(), verbose_name="destinataires", default=list, blank=True)
    state = models.CharField("envoi", max_length=10, choices=State)
    sent_at = models.DateTimeField("envoyée le", null=True, blank=True)
    failures = models.PositiveSmallIntegerField("échecs", default=0)
    # When the server of an address gave it back for good: by the clock of the machine.
    returned_at = models.DateTimeField("revenue le", null=True, blank=True)

    class Meta:
        verbose_name = "commande de repas"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "service", "date", "facility", "revision"), name="one_kitchen_order"
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="a_sent_order_has_a_moment"
            ),
            *same_authority("service", "facility"),
        )
