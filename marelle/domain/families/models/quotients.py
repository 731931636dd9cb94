"""Quotients familiaux, dated."""

from __future__ import annotations

from django.db import models

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority
from marelle.domain.families.models.documents import SupportingDocument
from marelle.domain.families.models.people import Family
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key


class FamilyQuotient(OfAuthority):
    """A family's quotient familial from a day on, until the next one. A wrong one is withdrawn, never deleted.

    `value_cents` is the quotient times a hundred (742 is 74200): some towns cut their bands at the cent. `period` is
    the month it holds for, as the one who gave it writes it (« 2026-11 »).
    """

    class Source(models.TextChoices):
        """Whence it is known."""

        API = "api", "API Particulier (CAF ou MSA)"
        DOCUMENT = "document", "Justificatif"
        DECLARED = "declared", "Déclaré au guichet"
        FILE = "file", "Reprise d’un fichier"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="quotients", db_constraint=False)
    value_cents = models.PositiveIntegerField("quotient, en centimes")
    valid_from = models.DateField("à partir du")
    source = models.CharField("source", max_length=10, choices=Source)
    provider = models.CharField("organisme", max_length=10, blank=True)
    period = models.CharField("mois du quotient", max_length=10, blank=True)
    document = models.ForeignKey(
        SupportingDocument,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="quotients",
        db_constraint=False,
    )
    recorded_at = models.DateTimeField("noté le")
    recorded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField("retiré le", null=True, blank=True)

    class Meta:
        verbose_name = "quotient familial"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "family", "valid_from"),
                condition=models.Q(withdrawn_at__isnull=True),
                name="one_quotient_a_day",
            ),
            # The same bound as HIGHEST_CENTS of rules.quotients.
            models.CheckConstraint(condition=models.Q(value_cents__lte=20_000_00), name="quotient_is_believable"),
            *same_authority("family", "document"),
        )

    def __str__(self) -> str:
        return f"quotient {self.pk}"
