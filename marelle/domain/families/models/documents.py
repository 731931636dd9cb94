"""The files that families give."""

from __future__ import annotations

from django.db import models

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority
from marelle.domain.families.models.people import Child, Family
from marelle.foundation import files
from marelle.foundation.encryption import EncryptedTextField
from marelle.foundation.files import StoredFileField
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key


class SupportingDocument(OfAuthority):
    """A file that a family gave (justificatif): a certificate of quotient, of insurance.

    What it holds is kept apart (`foundation.files`), encrypted, under the name `stored_as`; its own name, which may
    tell as much, is encrypted here. `kind` is a code that says what it proves, as « quotient ». A child is named when
    it is about that child alone. Each reading of one that `is_health` is noted in the journal.
    `pages` is 0 for what was kept before files were cleaned: such a one is saved and never shown in a page.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="documents", db_constraint=False)
    child = models.ForeignKey(
        Child, on_delete=models.CASCADE, null=True, blank=True, related_name="documents", db_constraint=False
    )
    kind = models.SlugField("nature", max_length=40)
    name = EncryptedTextField("nom du fichier")
    content_type = models.CharField("type du fichier", max_length=40)
    stored_as = StoredFileField("contenu", unique=True)
    size = models.PositiveIntegerField("taille, en octets")
    uploaded_at = models.DateTimeField("reçu le")
    uploaded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    valid_until = models.DateField("valable jusqu’au", null=True, blank=True)
    pages = models.PositiveSmallIntegerField("nombre de pages", default=0)
    is_health = models.BooleanField("parle de santé", default=False)

    class Meta:
        verbose_name = "justificatif"
        constraints = (tenant_key(), *same_authority("family", "child"))
        indexes = (models.Index(fields=("authority", "family", "kind"), name="document_by_family"),)

    def __str__(self) -> str:
        return f"justificatif {self.pk}"

    @property
    def content(self) -> bytes:
        """Will read the file where it is kept; raises what `files.read` raises. A reading is noted by whoever reads."""
        return files.read(self.stored_as)
