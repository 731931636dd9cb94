"""The link by which a town opens its space, before it is an authority of anything."""

from __future__ import annotations

from django.db import models


class OpeningLink(models.Model):
    """A link that lets somebody open one town: it serves once, for two days. Of the platform, not of an authority.

    Who it is for is sealed in the link itself; the row keeps its digest, and the name in addresses of what it opened.
    Its moment is of the machine.
    """

    token_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField("fait le")
    opened = models.CharField("a ouvert", max_length=60, blank=True)

    class Meta:
        verbose_name = "lien d’ouverture"

    def __str__(self) -> str:
        return f"lien d’ouverture {self.pk}"
