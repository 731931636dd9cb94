"""The files that families give."""

from __future__ import annotations

from django.db import models

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority
from marelle.domain.families.models.people import Child, Family
from marelle.foundation.encryption import EncryptedBinaryField, EncryptedTextField
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key


class SupportingDocument(OfAuthority):
    """A file that a family gave (justificatif): a certificate of quotient, of insurance.

    Its content is encrypted, and so is its name, which may tell as much.
    `kind` is a code that says what it proves, as « quotient ». A child is named when it is about that child alone.
    Listings defer `content`.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="documents", db_constraint=False)
    child = models.ForeignKey(
        Child, on_delete=models.CASCADE, null=True, blank=True, related_name="documents", db_constraint=False
    )
    kind = models.SlugField("nature", max_length=40)
    name = EncryptedTextField("nom du fichier")
    content_type = models.CharField("type du fichier", max_length=40)
    content = EncryptedBinaryField("contenu")
    size = models.PositiveIntegerField("taille, en octets")
    uploaded_at = models.DateTimeField("reçu le")
    uploaded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    valid_until = models.DateField("valable jusqu’au", null=True, blank=True)

    class Meta:
        verbose_name = "justificatif"
        constraints = (tenant_key(), *same_authority("family", "child"))
        indexes = (models.Index(fields=("authority", "family", "kind"), name="document_by_family"),)

    def __str__(self) -> str:
        return f"justificatif {self.pk}"
