"""What is published from a date on, for everybody or for some families; articles."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from marelle.domain.authorities.models import OfAuthority
from marelle.domain.news.rules.audience import Audience
from marelle.foundation.public_ids import new_public_id


class Published(OfAuthority):
    """What is read from a day to another (not included), by everybody or by families, all or some.

    `for_services` and `for_facilities` hold codes, which a file names and which never change; both empty, every family
    reads it. They are no keys on purpose: see `rules.audience.Audience`.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    title = models.CharField("titre", max_length=140)
    published_on = models.DateField("publié le")
    withdrawn_on = models.DateField("retiré le", null=True, blank=True)
    is_public = models.BooleanField("visible sans se connecter", default=True)
    for_services = ArrayField(
        models.SlugField(max_length=40), verbose_name="services concernés", default=list, blank=True, db_default=[]
    )
    for_facilities = ArrayField(
        models.SlugField(max_length=40), verbose_name="lieux concernés", default=list, blank=True, db_default=[]
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title

    @property
    def audience(self) -> Audience:
        """Will return the families that read it."""
        return Audience(frozenset(self.for_services), frozenset(self.for_facilities))


# Whoever is not signed in is in no service: what everybody may read is for every family.
WHOM = Q(is_public=False) | Q(for_services=[], for_facilities=[])
WHEN = Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=F("published_on"))


class Article(Published):
    """A piece of news (actualité): plain paragraphs, for everybody or for signed-in families only."""

    code = models.SlugField(max_length=80)
    body = models.TextField("texte")

    class Meta:
        verbose_name = "actualité"
        constraints = (
            models.UniqueConstraint(fields=("authority", "code"), name="article_by_code"),
            models.CheckConstraint(condition=WHOM, name="article_for_some_is_not_public"),
        )
        indexes = (models.Index(fields=("authority", "published_on"), name="article_by_date"),)
