"""What must be known of a child's health, encrypted."""

from __future__ import annotations

from django.db import models

from marelle.domain.authorities.models import OfAuthority
from marelle.domain.families.models.people import Child
from marelle.foundation.encryption import EncryptedTextField
from marelle.foundation.tenancy import same_authority


class HealthRecord(OfAuthority):
    """What must be known to feed and look after a child. Every column is encrypted."""

    child = models.OneToOneField(Child, on_delete=models.CASCADE, related_name="health", db_constraint=False)
    diet = EncryptedTextField("régime", blank=True)
    allergies = EncryptedTextField("allergies", blank=True)
    care_plan = EncryptedTextField("projet d’accueil individualisé", blank=True)

    class Meta:
        verbose_name = "fiche sanitaire"
        constraints = same_authority("child")
