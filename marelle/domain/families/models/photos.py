"""The photo by which those who look after a child recognize it."""

from __future__ import annotations

from django.db import models

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority
from marelle.domain.families.models.people import Child
from marelle.foundation import files
from marelle.foundation.files import StoredFileField
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority


class ChildPhoto(OfAuthority):
    """The face of a child, one at a time: a square JPEG that was drawn anew, kept apart and encrypted.

    It is there only with an agreement (`rules.photos`); a new photo is a new row, under another name in addresses.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    child = models.OneToOneField(Child, on_delete=models.CASCADE, related_name="photo", db_constraint=False)
    stored_as = StoredFileField("contenu", unique=True)
    content_type = models.CharField("type du fichier", max_length=40)
    uploaded_at = models.DateTimeField("donnée le")
    uploaded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "photo d’un enfant"
        constraints = same_authority("child")
        indexes = (models.Index(fields=("authority", "uploaded_at"), name="photo_by_age"),)

    def __str__(self) -> str:
        return f"photo {self.pk}"

    @property
    def content(self) -> bytes:
        """Will read the photo where it is kept; raises what `files.read` raises."""
        return files.read(self.stored_as)
