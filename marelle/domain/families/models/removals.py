"""Guardians whom an agent keeps out of a family: since when, why, what it ended, and whether it was lifted since."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority
from marelle.domain.families.models.people import Family, Guardian
from marelle.foundation.derived_secrets import digest_of_code
from marelle.foundation.encryption import EncryptedTextField
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key

REMOVED_ADDRESS = "removed_address"


class AccessRemoval(OfAuthority):
    """A guardian may not see the file of a family any more (accès retiré), by the word of an agent.

    While it stands, nobody comes in for this guardian, none of the accounts that acted for her comes in for anybody,
    and neither she nor they are written to about the family. `addresses` are the digests of where she was written to
    when it was decided: what is erased since is recognized still. Its moments are of the machine.
    """

    class Kind(models.TextChoices):
        """Why."""

        COURT_ORDER = "court_order", "Décision de justice"
        OTHER = "other", "Autre motif"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="access_removals", db_constraint=False)
    guardian = models.ForeignKey(
        Guardian, on_delete=models.CASCADE, related_name="access_removals", db_constraint=False
    )
    kind = models.CharField("motif", max_length=20, choices=Kind)
    words = EncryptedTextField("précisions", blank=True)
    addresses = ArrayField(models.CharField(max_length=64), verbose_name="adresses connues alors", default=list)
    removed_at = models.DateTimeField("retiré le")
    removed_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="retiré par"
    )
    lifted_at = models.DateTimeField("rendu le", null=True, blank=True)
    lifted_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="rendu par"
    )

    class Meta:
        verbose_name = "accès retiré"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "guardian"),
                condition=models.Q(lifted_at__isnull=True),
                name="one_standing_removal",
            ),
            *same_authority("family", "guardian"),
        )
        indexes = (models.Index(fields=("authority", "family"), name="removal_by_family"),)

    def __str__(self) -> str:
        return f"accès retiré {self.pk}"


class RemovedMembership(OfAuthority):
    """An account that acted for the guardian when her access was removed, and since when: what a restoring gives back.

    It follows the person: an account that is merged into another makes the other one kept out.
    """

    removal = models.ForeignKey(
        AccessRemoval, on_delete=models.CASCADE, related_name="memberships", db_constraint=False
    )
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="removed_memberships")
    joined_at = models.DateTimeField("rattaché le")

    class Meta:
        verbose_name = "compte dont l’accès est retiré"
        constraints = (
            models.UniqueConstraint(fields=("authority", "removal", "user"), name="one_removed_membership"),
            *same_authority("removal"),
        )


def digest_of_address(address: str) -> str:
    """Will return by what an e-mail address is recognized once nothing keeps it, whatever its capitals."""
    return digest_of_code(REMOVED_ADDRESS, address.strip().lower())
