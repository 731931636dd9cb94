"""What must be known of a child's health, encrypted."""

from __future__ import annotations

from django.db import models

from marelle.domain.authorities.models import OfAuthority
from marelle.domain.families.models.people import Child
from marelle.foundation.encryption import EncryptedDateField, EncryptedTextField
from marelle.foundation.tenancy import same_authority


class HealthRecord(OfAuthority):
    """What must be known to feed and look after a child. Every column is encrypted, the day included: it tells as much.

    `care_plan_until` is the last day on which the care plan holds; None when nobody said.
    """

    child = models.OneToOneField(Child, on_delete=models.CASCADE, related_name="health", db_constraint=False)
    diet = EncryptedTextField("régime", blank=True)
    allergies = EncryptedTextField("allergies", blank=True)
    care_plan = EncryptedTextField("projet d’accueil individualisé", blank=True)
    care_plan_until = EncryptedDateField("projet d’accueil valable jusqu’au", null=True, blank=True)

    class Meta:
        verbose_name = "fiche sanitaire"
        constraints = same_authority("child")
