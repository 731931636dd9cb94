"""What an authority tells families."""

from __future__ import annotations

from django.db import models

from marelle.domain.authorities.models import OfAuthority
from marelle.foundation.public_ids import new_public_id


class Article(OfAuthority):
    """A piece of news (actualité): plain paragraphs, for everybody or for signed-in families only."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    code = models.SlugField(max_length=80)
    title = models.CharField("titre", max_length=140)
    body = models.TextField("texte")
    published_on = models.DateField("publié le")
    withdrawn_on = models.DateField("retiré le", null=True, blank=True)
    is_public = models.BooleanField("visible sans se connecter", default=True)

    class Meta:
        verbose_name = "actualité"
        constraints = (models.UniqueConstraint(fields=("authority", "code"), name="article_by_code"),)
        indexes = (models.Index(fields=("authority", "published_on"), name="article_by_date"),)

    def __str__(self) -> str:
        return self.title
