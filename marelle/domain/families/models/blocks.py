"""What stands against a family's reservations."""

from __future__ import annotations

from django.db import models

from marelle.domain.authorities.models import OfAuthority
from marelle.domain.families.models.people import Family
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority


class Block(OfAuthority):
    """Something that stands against a family's reservations until it is lifted: the règlement says whether it minds.

    An amount (cents) for unpaid invoices, the name of the document for one that is missing. An automatic one follows
    the ledger; one that an agent put stays as it was put.
    """

    class Kind(models.TextChoices):
        """What it is."""

        UNPAID = "unpaid", "Factures impayées"
        INCOMPLETE_FILE = "incomplete_file", "Dossier incomplet"
        MISSING_DOCUMENT = "missing_document", "Document manquant"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="blocks", db_constraint=False)
    kind = models.CharField("nature", max_length=20, choices=Kind)
    amount_cents = models.PositiveIntegerField("montant, en centimes", default=0)
    document = models.CharField("document", max_length=80, blank=True)
    put_at = models.DateTimeField("depuis le")
    lifted_at = models.DateTimeField("levé le", null=True, blank=True)
    is_automatic = models.BooleanField("suit les comptes", default=False, db_default=False)

    class Meta:
        verbose_name = "blocage"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "family", "kind", "document"),
                condition=models.Q(lifted_at__isnull=True),
                name="one_block",
            ),
            *same_authority("family"),
        )
