"""Documents that an authority gives to download."""

from __future__ import annotations

from django.db import models

from marelle.domain.news.models.articles import WHEN, WHOM, Published
from marelle.foundation import files
from marelle.foundation.files import StoredFileField


class Download(Published):
    """A document to download: a règlement intérieur, a form to sign. Its content is kept apart (`foundation.files`)."""

    about = models.CharField("en une phrase", max_length=200, blank=True)
    file_name = models.CharField("nom du fichier", max_length=120)
    content_type = models.CharField("type du fichier", max_length=40)
    stored_as = StoredFileField("contenu", unique=True)
    size = models.PositiveIntegerField("taille, en octets")
    pages = models.PositiveSmallIntegerField("nombre de pages", default=0)

    class Meta:
        verbose_name = "document à télécharger"
        constraints = (
            models.CheckConstraint(condition=WHOM, name="download_for_some_is_not_public"),
            models.CheckConstraint(condition=WHEN, name="download_withdrawn_after_it_is_published"),
        )
        indexes = (models.Index(fields=("authority", "published_on"), name="download_by_date"),)

    @property
    def content(self) -> bytes:
        """Will read the file where it is kept; raises what `files.read` raises."""
        return files.read(self.stored_as)
