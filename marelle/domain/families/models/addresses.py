"""Where families will live, and lived: changes of address, each from a day."""

from __future__ import annotations

from django.db import models

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority
from marelle.domain.families.models.people import Family
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key


class AddressChange(OfAuthority):
    """A family lives at another address from a day on, and may live in the commune from then or no more.

    The family's own row says what holds today: it is written on that day (`applied_at`), in the authority's zone. A
    change that another one of the same day replaced, or that was given up before its day, is withdrawn and kept.
    `is_resident` None leaves as it is; `was_resident` is what held until the eve, so that days before keep their price.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="address_changes", db_constraint=False)
    address = models.CharField("nouvelle adresse", max_length=200)
    is_resident = models.BooleanField("habite la commune ensuite", null=True, blank=True)
    was_resident = models.BooleanField("habitait la commune avant", null=True, blank=True)
    starts_on = models.DateField("à partir du")
    recorded_at = models.DateTimeField("noté le")
    recorded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    applied_at = models.DateTimeField("inscrit au dossier le", null=True, blank=True)
    withdrawn_at = models.DateTimeField("retiré le", null=True, blank=True)

    class Meta:
        verbose_name = "changement d’adresse"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "family", "starts_on"),
                condition=models.Q(withdrawn_at__isnull=True),
                name="one_address_change_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(was_resident__isnull=True)
                | models.Q(is_resident__isnull=False, applied_at__isnull=False),
                name="what_was_before_is_known_once_applied",
            ),
            *same_authority("family"),
        )
        indexes = (
            models.Index(
                fields=("authority", "starts_on"),
                condition=models.Q(applied_at__isnull=True, withdrawn_at__isnull=True),
                name="address_change_waiting",
            ),
        )

    def __str__(self) -> str:
        return f"changement d’adresse {self.pk}"
